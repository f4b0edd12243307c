# The record goes into a pipe that somebody reads.
mkfifo pipe; cat pipe > got & reader=$!
"$@" -q -o pipe -- sh -c 'exit 3'
code=$?
# Without a writer the reader waits until the end of the test.
[ -s got ] || kill $reader
wait $reader 2> /dev/null
ls -l >&2
[ $code = 3 ] && [ -p pipe ] && grep -q '"trailer"' got && [ "$(ls | tr '\n' ' ')" = "got pipe " ]
