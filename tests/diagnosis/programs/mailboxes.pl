# Drops letters into mailboxes, datagram sockets, that nobody empties.
use strict;
use warnings;
use Socket;

my @boxes;
for my $number (1 .. 200) {
    socketpair my $in, my $out, AF_UNIX, SOCK_DGRAM, 0 or die "box $number: $!";
    $in->blocking(0);
    1 while defined send $in, 'letter ' x 300, 0;
    push @boxes, [$in, $out];
    select undef, undef, undef, 0.01;
}
sleep 2;
