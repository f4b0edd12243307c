# Makes many empty files: the kernel remembers the name and the inode of each.
folder=$(mktemp -d "${TMPDIR:-/tmp}/names-XXXXXX")
trap 'rm -r "$folder"' EXIT
cd "$folder" || exit 1
batch=0
while [ $batch -lt 9 ]; do
    seq -f 'a-rather-long-name-of-an-empty-file-%.0f' $((batch * 2000)) $((batch * 2000 + 1999)) | xargs touch
    sleep 0.1
    batch=$((batch + 1))
done
sleep 1
cd /
