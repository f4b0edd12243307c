# A user who may have few processes more: whatever comes of it is said in words.
[ "$(id -u)" = 0 ] && { echo "root has as many processes as it likes"; exit 77; }
for number in 0 1 2 3 4 5 6 7 8; do
    prlimit --nproc=$number "$@" -q -- sh -c 'exit 3' > out 2> err
    code=$?
    ! grep -q panicked err || { echo "$number: $code"; cat err; exit 1; }
    case $code in 3) ;; 2 | 12[567]) [ -s err ] || { echo "$number: $code without a word"; exit 1; } ;; *) echo "$number: $code"; cat err; exit 1 ;; esac
done
