# Children turn numbers into text, in place, by printing them.
my @numbers = map { $_ * 3 } 1 .. $ARGV[0];
select(undef, undef, undef, 0.2);
for (1 .. 2) {
    next if fork;
    select(undef, undef, undef, 0.2);
    my $length = 0;
    $length += length("$_") for @numbers;
    select(undef, undef, undef, 0.5);
    exit 0;
}
1 while wait > 0;
