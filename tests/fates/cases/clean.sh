# `lab clean` while a command is recorded spares it and its record.
. "$PROGRAMS/awaited.sh"
"$@" -q -- sh -c '. "$PROGRAMS/awaited.sh"; touch started; awaited cleaned; echo x > "$TMPDIR/file"; exit 3' & lab=$!
awaited started
"$LAB" clean > out 2>&1; clean=$?
touch cleaned
wait $lab; code=$?
cat out; "$LAB" ls; echo "$clean $code"
[ "$clean $code" = "0 3" ] && "$LAB" show -1 | grep -q 'exited with 3'
