/* Has much memory for a while, in large blocks, and all of it goes back; the work goes on with little. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 3 << 20, BLOCKS = 36 };

int main(void) {
    char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BLOCK);
        memset(blocks[i], i, BLOCK);
        usleep(25000);
    }
    for (int i = 0; i < BLOCKS; i++) free(blocks[i]);
    unsigned long sum = 0;
    for (time_t end = time(NULL) + 4; time(NULL) < end;) sum = sum * 33 + 1;
    printf("%lu\n", sum);
    return 0;
}
