# A child is killed while its parent waits for a signal from it.
pipe(my $read, my $write);
my $child = fork;
if (!$child) { sleep 60; exit 0 }
if (!fork) { select(undef, undef, undef, 0.2); kill 'KILL', $child; sleep 60; exit 0 }
sysread($read, my $answer, 1);
