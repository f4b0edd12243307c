# Root records into a folder where everybody may write, and another user has made a link there.
[ "$(id -u)" = 0 ] || { echo "only root can make the link of another user"; exit 77; }
echo precious > data; mkdir open; chmod 1777 open
for name in r.jsonl r.svg s.json; do ln -s "$PWD/data" open/$name; chown -h 65534:65534 open/$name; done
"$@" -q -o open/r.jsonl --svg open/r.svg --json open/s.json -- true 2> err
cat err
[ "$(cat data)" = precious ]
