# What is exported goes through links too, and leaves devices and pipes as they are.
for name in svg html csv json; do echo old > data.$name; ln -s data.$name link.$name; done
"$@" -q --svg link.svg --html link.html --csv link.csv --json link.json -- sh -c 'exit 3'
code=$?
for name in svg html csv json; do
    [ -L link.$name ] && [ "$(cat data.$name)" != old ] || { echo "$name was not followed"; exit 1; }
done
mkfifo pipe; timeout 20 cat pipe > got & reader=$!
"$@" -q --json pipe -- sh -c 'exit 3'
wait $reader
[ $code = 3 ] && [ -p pipe ] && grep -q outcome got
