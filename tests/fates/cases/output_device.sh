# The record goes to a device, which must stay one. Never a device of /dev: a recorder with a fault replaces it.
mknod device c 1 3 2> /dev/null || { echo "only root makes devices"; exit 77; }
"$@" -q -o device -- sh -c 'exit 3'
code=$?
[ $code = 3 ] && [ -c device ] && [ "$(ls)" = device ]
