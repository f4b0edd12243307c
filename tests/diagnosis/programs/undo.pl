# An editor that keeps the whole text for each undo, without a limit.
use strict;
use warnings;

my $text = 'a line of text, ' x 1000;
my @undo;
for my $edit (1 .. 5000) {
    push @undo, "$text$edit";
    substr($text, $edit % 9000, 1) = 'x';
    select undef, undef, undef, 0.01 if $edit % 15 == 0;
}
print scalar(@undo), "\n";
