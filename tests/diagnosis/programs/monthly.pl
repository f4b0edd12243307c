# Works in little memory all month. The statement at the end needs much more of it for a moment.
use strict;
use warnings;

my %accounts = map { $_ => $_ * 3 } 1 .. 60_000;
for my $day (1 .. 30) {
    $accounts{$_} += $day for keys %accounts;
    select undef, undef, undef, 0.07;
}
my $line = "account and balance\n";
my $statement = $line x (110 * keys %accounts);
print length $statement, "\n";
