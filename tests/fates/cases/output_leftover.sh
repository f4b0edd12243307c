# A temporary file that a killed recorder left behind blocks nobody.
echo '{"header"' > r.jsonl.part; chmod 400 r.jsonl.part
"$@" -q -o r.jsonl -- sh -c 'exit 3'
first=$?
rm -f r.jsonl.part; mkdir r.jsonl.part; touch r.jsonl.part/precious
"$@" -q -o r.jsonl -- sh -c 'exit 4'
second=$?
ls -l >&2
[ $first = 3 ] && [ $second = 4 ] && grep -q '"trailer"' r.jsonl && [ -f r.jsonl.part/precious ]
