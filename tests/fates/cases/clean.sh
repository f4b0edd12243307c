# `lab clean` while a command is recorded spares it and its record.
"$@" -q -- sh -c 'touch started; while [ ! -f cleaned ]; do sleep 0.05; done; echo x > "$TMPDIR/file"; exit 3' & lab=$!
while [ ! -f started ]; do sleep 0.05; done
"$LAB" clean > out 2>&1; clean=$?
touch cleaned
wait $lab; code=$?
cat out; "$LAB" ls; echo "$clean $code"
[ "$clean $code" = "0 3" ] && "$LAB" show -1 | grep -q 'exited with 3'
