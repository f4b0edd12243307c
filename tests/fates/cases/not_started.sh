# What isn't executable has the code 126, what isn't there 127, and a message says so even with -q.
echo text > plain; mkdir folder
fail() { echo "$*"; exit 1; }
for what in ./plain ./folder; do
    "$@" -q -- $what 2> err; code=$?
    [ $code = 126 ] && [ -s err ] || fail "$what: $code, $(cat err)"
done
for what in no-such-program ./no-such-program ''; do
    "$@" -q -- "$what" 2> err; code=$?
    [ $code = 127 ] && [ -s err ] || fail "$what: $code, $(cat err)"
done
