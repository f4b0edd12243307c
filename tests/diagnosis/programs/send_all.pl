# A worker gets the whole text with each question.
my ($mib, $tasks) = @ARGV;
my $text = 'word ' x ($mib * 209715);
pipe(my $read, my $write);
if (!fork) {
    close $write;
    while (read($read, my $length, 8)) {
        read($read, my $task, unpack('Q', $length));
        undef $task;
        select(undef, undef, undef, 0.03);
    }
    exit 0;
}
close $read;
for my $number (1 .. $tasks) {
    my $task = "$number $text";
    syswrite($write, pack('Q', length $task));
    my $at = 0;
    $at += syswrite($write, $task, 1 << 16, $at) while $at < length $task;
    undef $task;
}
close $write;
wait;
