# A path where nothing can be written is said before the command starts, and keeps it from nothing.
for report in --json --html --svg --csv --csv-long --summary --perfetto --prometheus --output; do
    rm -f seen
    "$@" -q $report no-such-folder/file -- cp err seen 2> err
    code=$?
    echo "$report: $code $(cat err)"
    [ $code = 0 ] && [ -s seen ] && ! grep -q panicked err || exit 1
done
