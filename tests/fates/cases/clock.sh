# The clock was never set, and says a time before 1970.
cat > clock.c << 'END'
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    int code = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec = -1000;
    return code;
}
END
cc -shared -fPIC -o clock.so clock.c || exit 99
LD_PRELOAD=$PWD/clock.so "$@" -q -o record.jsonl -- sh -c 'exit 4' 2> err
code=$?
rm -f clock.c clock.so
cat err; echo $code
[ $code = 4 ] && [ ! -s err ] && grep -q '"started":"1970-01-01T' record.jsonl && rm record.jsonl
