# Users' own folders in the temporary folder and in the store have names like ours.
mkdir -p "$TMPDIR/lab-4194001" "$HOME/.local/state/lab/.disk/lab-4194001"
echo precious > "$TMPDIR/lab-4194001/data"
echo precious > "$HOME/.local/state/lab/.disk/lab-4194001/data"
"$@" -q -- sh -c 'exit 3'
code=$?
$LAB clean > /dev/null
[ $code = 3 ] && [ "$(cat "$TMPDIR/lab-4194001/data")" = precious ] &&
    [ "$(cat "$HOME/.local/state/lab/.disk/lab-4194001/data")" = precious ]
