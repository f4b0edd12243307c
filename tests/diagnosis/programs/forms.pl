# Forms and their fields refer to each other, and are only taken apart at the end of each batch.
use strict;
use warnings;

for my $batch (1 .. 7) {
    my @batch;
    for my $number (1 .. 160) {
        my $form = { scan => 'f' x 400_000 };
        $form->{field} = { form => $form };
        push @batch, $form->{field};
        select undef, undef, undef, 0.003;
    }
    delete $_->{form} for @batch;
}
