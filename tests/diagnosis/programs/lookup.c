/* A table is looked up at random, and only a part of it is in memory: the other part is in the swap. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 14000, ROW = 4096 };

int main(void) {
    char *table = malloc((size_t)ROWS * ROW);
    for (int i = 0; i < ROWS; i++) memset(table + (size_t)i * ROW, i, ROW);
    unsigned long sum = 0, state = 1;
    for (time_t end = time(NULL) + 6; time(NULL) < end;)
        for (int i = 0; i < 100; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            sum += (unsigned char)table[(state >> 33) % ROWS * ROW]++;
        }
    printf("%lu\n", sum);
    return 0;
}
