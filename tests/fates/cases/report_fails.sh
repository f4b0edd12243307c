# A report can't be written at the end: the command's own code is returned, and the failure is said.
for report in json html svg csv; do
    mkdir folder
    "$@" -q --$report folder/file -- sh -c 'rm -r folder; exit 3' 2> err
    code=$?
    echo "$report: $code $(cat err)"
    [ $code = 3 ] && [ -s err ] && ! grep -q panicked err || exit 1
done
