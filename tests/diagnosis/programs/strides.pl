# Maps memory with huge pages by plain system calls, those of x86-64, and reads one zero into each.
use strict;
use warnings;

my ($huge, $count) = (2 << 20, 60);
my $map = syscall 9, 0, $huge * $count, 3, 0x22, -1, 0;
die "mmap: $!" if $map == -1;
syscall(28, $map, $huge * $count, 14) == 0 or die "madvise: $!";
open my $zero, '<', '/dev/zero' or die "zero: $!";
for my $stride (0 .. $count - 1) {
    syscall 0, fileno $zero, $map + $stride * $huge, 16;
    select undef, undef, undef, 0.03;
}
sleep 1;
