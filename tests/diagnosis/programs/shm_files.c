// Each frame is kept in a segment of its own, and all are closed at the end.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int frames = atoi(argv[1]), size = atoi(argv[2]) * 1024;
    char name[64];
    for (int i = 0; i < frames; i++) {
        snprintf(name, sizeof name, "/frame-%d-%d", (int)getpid(), i);
        int fd = shm_open(name, O_RDWR | O_CREAT, 0600);
        if (ftruncate(fd, size)) return 1;
        char *frame = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        memset(frame, i, size);
        munmap(frame, size);
        close(fd);
        usleep(20000);
    }
    for (int i = 0; i < frames; i++) {
        snprintf(name, sizeof name, "/frame-%d-%d", (int)getpid(), i);
        shm_unlink(name);
    }
    return 0;
}
