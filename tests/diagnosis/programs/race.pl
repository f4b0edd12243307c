# Starts three helpers for the same answer, takes the first, and kills the other two.
use strict;
use warnings;

my $answers = 0;
for my $round (1 .. 4) {
    pipe my $in, my $out or die "pipe: $!";
    my @helpers;
    for my $helper (1 .. 3) {
        my $child = fork // die "fork: $!";
        if ($child == 0) {
            select undef, undef, undef, 0.2 * $helper;
            syswrite $out, "$helper\n";
            sleep 30;
            exit 0;
        }
        push @helpers, $child;
    }
    $answers += <$in>;
    kill 'KILL', @helpers;
    waitpid $_, 0 for @helpers;
    select undef, undef, undef, 0.3;
}
print "$answers\n";
