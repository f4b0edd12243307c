# Files in shared memory that lose their name as soon as they are open, as temporary files do, and stay open.
use strict;
use warnings;
use IO::Handle;

my @pages;
for my $number (1 .. 12) {
    my $path = "/dev/shm/page.$$.$number";
    open my $page, '+>', $path or die "$path: $!";
    unlink $path or die "$path: $!";
    print $page 'p' x (3 << 20);
    $page->flush;
    push @pages, $page;
    select undef, undef, undef, 0.15;
}
sleep 2;
print scalar(@pages), "\n";
