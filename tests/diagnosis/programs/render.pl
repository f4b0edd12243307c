# Freezes the whole catalogue for each page, and sends it to the child that renders the page.
use strict;
use warnings;
use Storable qw(nfreeze thaw);

pipe my $from, my $to or die "pipe: $!";
my $child = fork // die "fork: $!";
if ($child == 0) {
    close $to;
    my $pages = 0;
    while (read $from, my $head, 4) {
        read $from, my $frozen, unpack 'N', $head;
        $pages++ if thaw($frozen)->{items};
    }
    print "$pages\n";
    exit 0;
}
close $from;
my %catalogue = (items => [map { 'item' x 250 } 1 .. 5000]);
for my $page (1 .. 45) {
    my $frozen = nfreeze { %catalogue, page => $page };
    print $to pack('N', length $frozen), $frozen;
    select undef, undef, undef, 0.03;
}
close $to;
waitpid $child, 0;
