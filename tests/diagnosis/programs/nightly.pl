# A nightly job takes too long and is ended by its parent; its table in shared memory is nobody's afterwards.
use strict;
use warnings;

my $child = fork // die "fork: $!";
if ($child == 0) {
    open my $table, '>', "/dev/shm/table.$$" or die "table: $!";
    for (1 .. 40) { print $table 'row ' x 125_000; select undef, undef, undef, 0.02 }
    $table->flush;
    sleep 30;
    exit 0;
}
select undef, undef, undef, 1.6;
kill 'TERM', $child;
waitpid $child, 0;
my $sum = 0;
my $end = time + 3;
while (time < $end) { $sum += $_ for 1 .. 1000 }
print "$sum\n";
