// A large map of a sparse file in /dev/shm that is stored to.
#include <fcntl.h>
#include <sys/mman.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
    size_t size = (size_t)atoi(argv[1]) << 20;
    int fd = shm_open("/grid", O_RDWR | O_CREAT, 0600);
    if (ftruncate(fd, size)) return 1;
    char *grid = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    for (size_t at = 0; at < size; at += 1 << 20) {
        memset(grid + at, 1, 1 << 20);
        usleep(5000);
    }
    return 0;
}
