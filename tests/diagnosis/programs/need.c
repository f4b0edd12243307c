// Works in a small buffer for a while, then takes a large one.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
    size_t size = (size_t)atoi(argv[1]) << 20;
    char *small = malloc(8 << 20);
    for (int i = 0; i < 60; i++) {
        memset(small, i, 8 << 20);
        usleep(10000);
    }
    char *large = malloc(size);
    memset(large, 1, size);
    usleep(200000);
    return small[0] + large[0] == 0;
}
