# Node reserves gigabytes of addresses when it starts, of which it uses little. Here it may not.
ulimit -c 0
sleep 0.5
ulimit -v 1200000
node -e 'setTimeout(() => console.log(new WebAssembly.Memory({ initial: 1, maximum: 65536 })), 500)'
status=$?
sleep 0.2
exit $status
