# A small table for a while, then a large one in one step.
my $small = 'a' x (8 << 20);
select(undef, undef, undef, 0.6);
my $large = 'b' x ($ARGV[0] << 20);
select(undef, undef, undef, 0.2);
