# Appends to an access log on the disk, then counts its lines twice.
use strict;
use warnings;
use File::Temp 'tempfile';

my ($log, $path) = tempfile('access-XXXXXX', TMPDIR => 1, UNLINK => 1);
for my $batch (1 .. 100) {
    print $log join '', map { "GET /page/$_ 200 some agent or other with a long name\n" } 1 .. 16_000;
    select undef, undef, undef, 0.01;
}
close $log or die "log: $!";
my $lines = 0;
for my $turn (1, 2) {
    open my $again, '<', $path or die "log: $!";
    while (<$again>) { $lines++ }
}
print "$lines\n";
