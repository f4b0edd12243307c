/* Blocks that are done with go on a list, which is freed when it is long. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 700 << 10, KEPT = 110 };

int main(void) {
    static char *retired[KEPT];
    int count = 0;
    for (int work = 0; work < 700; work++) {
        char *block = malloc(BLOCK);
        memset(block, work, BLOCK);
        retired[count++] = block;
        if (count == KEPT) {
            while (count > 0) free(retired[--count]);
        }
        usleep(7000);
    }
    return 0;
}
