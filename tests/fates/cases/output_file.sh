# The record takes the place of a file, which keeps its mode as with a shell's `>`. Nothing else is written.
echo old > r.jsonl; chmod 640 r.jsonl; echo plot > r.svg
"$@" -q -o r.jsonl -- sh -c 'exit 3'
code=$?
ls -l >&2
[ $code = 3 ] && grep -q '"trailer"' r.jsonl && [ "$(stat -c %a r.jsonl)" = 640 ] && [ "$(cat r.svg)" = plot ] &&
    [ "$(ls | tr '\n' ' ')" = "r.jsonl r.svg " ]
