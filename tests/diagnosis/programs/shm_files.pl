# A cache of pages in shared memory from which nothing is ever taken out.
my ($pages, $kib) = @ARGV;
my @names;
for my $page (1 .. $pages) {
    my $name = "/dev/shm/page-$$-$page";
    open(my $file, '>', $name) or die "$name: $!\n";
    print $file 'x' x ($kib * 1024);
    close($file) or die "$name: $!\n";
    push @names, $name;
    select(undef, undef, undef, 0.02);
}
unlink @names;
