# A link stands where the recorder's temporary file may be: what it names stays as it is.
echo precious > data; ln -s data r.jsonl.part; ln -s data r.svg.part; ln -s data .r.jsonl.part
"$@" -q -o r.jsonl -- sh -c 'exit 3'
code=$?
[ $code = 3 ] && [ "$(cat data)" = precious ] && grep -q '"trailer"' r.jsonl
