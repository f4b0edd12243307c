# --live in the middle of a pipe, whose reader goes away.
seq 1000000 | "$@" -q --live -- cat | head -n 3 > out
[ "$(tr '\n' ' ' < out)" = "1 2 3 " ]
