# Reads all, sorts all, writes all: it grows while it reads, and the longer part comes afterwards.
use strict;
use warnings;

my $seed = 1;
my @lines;
for (1 .. 200_000) {
    $seed = ($seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    push @lines, "key $seed";
}
open my $out, '>', '/dev/null' or die "out: $!";
for my $turn (1 .. 5) {
    my @sorted = $turn % 2 ? sort { $a cmp $b } @lines : sort { $b cmp $a } @lines;
    print $out "$_\n" for @sorted;
}
