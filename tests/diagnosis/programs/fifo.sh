# Reads the results of a job from a named pipe that it has opened for both directions; the job is killed first.
folder=$(mktemp -d "${TMPDIR:-/tmp}/fifo-XXXXXX")
mkfifo "$folder/results"
exec 3<> "$folder/results"
rm -r "$folder"
sh -c 'i=0; while [ $i -lt 5 ]; do echo $i; i=$((i + 1)); sleep 0.1; done; kill -9 $$' >&3 &
count=0
while [ $count -lt 8 ] && read -r result <&3; do
    count=$((count + 1))
done
echo "$count, the last is $result"
