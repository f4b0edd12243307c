/* Huge pages that are all in use: few faults for much memory, and none of it is wasted. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SIZE = 96 << 20 };

int main(void) {
    unsigned char *grid = aligned_alloc(2 << 20, SIZE);
    madvise(grid, SIZE, MADV_HUGEPAGE);
    for (int at = 0; at < SIZE; at++) grid[at] = (unsigned char)(at * 31);
    unsigned long sum = 0;
    for (int turn = 0; turn < 8; turn++) {
        for (int at = 1; at < SIZE; at++) sum += grid[at] ^= grid[at - 1];
        usleep(200000);
    }
    printf("%lu\n", sum);
    return 0;
}
