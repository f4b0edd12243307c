/* Asks for huge pages, and then needs a few bytes of each. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE = 2 << 20, BEACONS = 80 };

int main(void) {
    char *sea = aligned_alloc(HUGE, (size_t)HUGE * BEACONS);
    madvise(sea, (size_t)HUGE * BEACONS, MADV_HUGEPAGE);
    for (int i = 0; i < BEACONS; i++) {
        sea[(size_t)i * HUGE + (size_t)i * 64] = 1;
        usleep(25000);
    }
    sleep(1);
    return 0;
}
