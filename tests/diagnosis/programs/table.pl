# Two children change one character of each row of a table that the parent has made.
use strict;
use warnings;

my @table = map { "row $_ " . '.' x 150 } 1 .. 220_000;
for my $child (1 .. 2) {
    next if fork // die "fork: $!";
    for my $row (0 .. $#table) {
        substr($table[$row], 0, 1) = 'R';
        select undef, undef, undef, 0.04 if $row % 5000 == 0;
    }
    sleep 1;
    exit 0;
}
1 while wait > 0;
