# Splits a large table into fields, adds them up, and drops them; Perl keeps the room for the next ones.
use strict;
use warnings;

sub total {
    my ($sum, @fields) = (0);
    for my $row (1 .. 1300) {
        push @fields, map { $_ * $row } 1 .. 1000;
        select undef, undef, undef, 0.001;
    }
    $sum += $_ for @fields;
    return $sum;
}
my $sum = total();
my $end = time + 4;
while (time < $end) { $sum += $_ % 7 for 1 .. 1000 }
print "$sum\n";
