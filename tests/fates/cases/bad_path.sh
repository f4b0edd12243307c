# A path where nothing can be written is found before the command starts.
for report in --json --html --svg --csv --output; do
    "$@" -q $report no-such-folder/file -- touch started 2> err
    code=$?
    echo "$report: $code $(cat err)"
    [ $code = 125 ] && [ -s err ] && [ ! -e started ] || exit 1
done
