/* Sets the size of a canvas in shared memory, which costs nothing, and paints it: the store kills. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROW = 256 << 10, ROWS = 200 };

int main(void) {
    char name[64];
    snprintf(name, sizeof name, "/canvas-%d", getpid());
    int file = shm_open(name, O_CREAT | O_RDWR, 0600);
    if (file < 0 || ftruncate(file, (off_t)ROW * ROWS) != 0) {
        perror(name);
        return 1;
    }
    char *canvas = mmap(NULL, (size_t)ROW * ROWS, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    shm_unlink(name);
    for (int row = 0; row < ROWS; row++) {
        memset(canvas + (size_t)row * ROW, row, ROW);
        usleep(15000);
    }
    return 0;
}
