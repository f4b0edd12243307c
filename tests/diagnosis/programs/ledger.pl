# One ledger in shared memory, written through the buffers of Perl: the error shows at a print or at the close.
use strict;
use warnings;
use IO::Handle;

open my $ledger, '>', "/dev/shm/ledger.$$" or die "ledger: $!";
for my $day (1 .. 600) {
    print $ledger 'debit;credit;' x 8_000 or die "day $day: $!\n";
    $ledger->flush or die "day $day: $!\n";
    select undef, undef, undef, 0.008;
}
