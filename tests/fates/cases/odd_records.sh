# Odd files among the records (WORD): said, in a bounded time and in bounded memory, without a panic.
"$@" -q -- true || exit 1
store=$(dirname "$(find "$HOME" -name '*.jsonl' | head -n 1)")
record=$(ls "$store"/*.jsonl)
odd=$store/99991231T235959Z-1-odd.jsonl
case $WORD in
sparse) head -n 1 "$record" > "$odd"; truncate -s 20G "$odd" ;;
fifo) mkfifo "$odd" ;;
tracks)
    head -n 1 "$record" > "$odd"
    awk 'BEGIN { for (i = 0; i < 300000; i++) printf "{\"samples\":{\"track\":\"t%d\",\"t\":[0],\"columns\":{\"c%d\":[1]}}}\n", i, i }' >> "$odd" ;;
folder) mkdir "$odd" ;;
cut) head -c 300 "$record" > "$odd" ;;
binary) head -c 1000000 /dev/urandom > "$odd" ;;
deep) head -n 1 "$record" > "$odd"; head -c 1000000 /dev/zero | tr '\0' '[' >> "$odd" ;;
esac
ulimit -v 2000000
for words in ls 'show -1' 'compare -1 -2' 'show -2' clean; do
    timeout 60 "$LAB" $words > out 2>&1 < /dev/null
    code=$?
    [ $code -le 3 ] && ! grep -q -e panicked -e 'memory allocation' out || { echo "lab $words: $code"; head -c 2000 out; exit 1; }
done
"$@" -q -- sh -c 'exit 3'
[ $? = 3 ]
