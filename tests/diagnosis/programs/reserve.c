/* Reserves a large range of addresses that it would use little of, under a limit on addresses. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

int main(void) {
    struct rlimit limit = {320 << 20, 320 << 20};
    setrlimit(RLIMIT_AS, &limit);
    static char work[12 << 20];
    memset(work, 1, sizeof work);
    usleep(800000);
    if (mmap(NULL, 1UL << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    return 0;
}
