# --live draws on the terminal; what is read and printed is the command's all the same.
seq 100000 > numbers
"$@" -q --live -- sh -c 'wc -l; seq 100000; echo to the other >&2; exit 3' < numbers > out 2> err
code=$?
echo "$code, $(wc -c < out) bytes"
[ $code = 3 ] && { echo 100000; cat numbers; } | cmp - out && grep -q 'to the other' err
