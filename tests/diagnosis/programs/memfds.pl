# Scratch files that are unlinked at once, and stay open.
my @open;
for my $number (1 .. $ARGV[0]) {
    my $name = "$ARGV[1]/scratch-$$-$number";
    open(my $file, '+>', $name) or die "$name: $!\n";
    unlink $name;
    print $file 'y' x (1 << 20);
    $file->flush if $file->can('flush');
    push @open, $file;
    select(undef, undef, undef, 0.02);
}
