/* Needs much memory from the first moment to the last, and never more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 150 << 20 };

int main(void) {
    unsigned char *state = malloc(SIZE);
    memset(state, 1, SIZE);
    unsigned long at = 1, sum = 0;
    for (int i = 0; i < 3000; i++) {
        for (int j = 0; j < 5000; j++) {
            at = at * 6364136223846793005UL + 1442695040888963407UL;
            sum += state[(at >> 24) % SIZE]++;
        }
        usleep(500);
    }
    printf("%lu\n", sum);
    return 0;
}
