# Much data goes through pipes, once, and nobody keeps it.
head -c 400000000 /dev/zero | cat | tr '\0' 'x' | cat | wc -c
