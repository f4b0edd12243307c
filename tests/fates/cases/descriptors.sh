# Descriptors that the caller leaves open are the command's too, and it can write to them.
"$@" sh -c 'echo five >&5; echo nine >&9; exit 3' 5> five 9> nine
echo $?; cat five nine
