# Each step hands its output to nobody in particular.
i=0
while [ $i -lt "$1" ]; do
    head -c "$2"K /dev/zero > /dev/shm/step-$$-$i || exit 1
    i=$((i + 1))
    sleep 0.02
done
rm -f /dev/shm/step-$$-*
