# Started under `ulimit -v`. Repeats a line so often that the text is larger than the limit on addresses.
use strict;
use warnings;

my @lines = map { "line $_" } 1 .. 50_000;
sleep 1;
my $text = "@lines[0 .. 9]" x (1 << 24);
print length $text, "\n";
