# A child is ended by a deadly signal, and its parent says nothing of it: the summary does.
"$@" -- sh -c 'ulimit -c 0; sh -c "kill -SEGV \$\$" ; sleep 0.1; exit 0' > out 2> err
code=$?
cat err
[ $code = 0 ] && grep -Eq 'SIGSEGV|signal 11' err
