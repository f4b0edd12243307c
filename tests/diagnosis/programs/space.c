// Reserves much, uses little, and stops when it gets no more.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
    for (int i = 0; i < 1000; i++) {
        char *area = malloc(32 << 20);
        if (!area) return perror("malloc"), 1;
        memset(area, 1, 4096);
        usleep(20000);
    }
    return 0;
}
