/* Renders tiles into shared memory, a new file for each, and never removes one. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TILE = 1 << 20, TILES = 40 };

int main(void) {
    char *tile = malloc(TILE), name[64];
    for (int i = 0; i < TILES; i++) {
        memset(tile, i, TILE);
        snprintf(name, sizeof name, "/dev/shm/tile-%d-%d", getpid(), i);
        int file = open(name, O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (file < 0 || write(file, tile, TILE) != TILE) {
            perror(name);
            return 1;
        }
        close(file);
        usleep(60000);
    }
    return 0;
}
