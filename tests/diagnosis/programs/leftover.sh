# A worker is killed before it can remove its file, and the rest goes on.
sh -c 'head -c 40M /dev/zero > /dev/shm/left-$$; kill -9 $$'
sleep 1
