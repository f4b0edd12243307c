# Half a second is half a second, and neither one nor none.
"$@" -q --timeout 500ms -- sh -c 'for i in $(seq 40); do echo $i >> ticks; sleep 0.1; done'
code=$?
ticks=$(tail -n 1 ticks)
echo "$code, $ticks ticks"
[ $code = 124 ] && [ $ticks -le 6 ]
