/* Reads one byte of every 2 MiB of a huge empty range: no memory of its own, but page tables for all of it. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEPS = 14000 };

int main(void) {
    size_t step = 2UL << 20;
    char *atlas = mmap(NULL, step * STEPS, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (atlas == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    madvise(atlas, step * STEPS, MADV_NOHUGEPAGE);
    unsigned long sum = 0;
    for (size_t i = 0; i < STEPS; i++) {
        sum += (unsigned char)atlas[i * step];
        if (i % 200 == 0) usleep(25000);
    }
    printf("%lu\n", sum);
    sleep(2);
    return 0;
}
