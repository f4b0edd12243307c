#!/bin/busybox sh
# The first program of the emulated machine: sets up what a distribution would, runs one command as
# the wanted user, prints its exit code, and switches the machine off.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/home/user TERM=dumb LANG=C.UTF-8
. /settings

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup

# As systemd does it: the session is a group with its own numbers, and a delegated subtree belongs to the user.
cd /sys/fs/cgroup
echo "+memory +pids" > cgroup.subtree_control
mkdir -p session/shell
echo "+memory +pids" > session/cgroup.subtree_control
for group in . session; do echo +hugetlb > $group/cgroup.subtree_control; done
if [ "$delegated" = yes ]; then
    chown "$uid" session session/cgroup.procs session/cgroup.subtree_control session/shell session/shell/*
fi
echo $$ > session/shell/cgroup.procs

chown -R "$uid" /workshop /home/user
cd /workshop
echo "@@ begin"
if [ "$uid" = 0 ]; then sh /command; else su -s /bin/sh user -c "sh /command"; fi < /dev/null 2>&1
echo "@@ code $?"
poweroff -f
