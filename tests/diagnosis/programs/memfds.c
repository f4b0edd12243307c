// A buffer without a name for each request, kept open.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
    char *page = malloc(1 << 20);
    memset(page, 7, 1 << 20);
    for (int i = 0; i < atoi(argv[1]); i++) {
        int fd = memfd_create("buffer", 0);
        if (write(fd, page, 1 << 20) < 0) return 1;
        usleep(20000);
    }
    return 0;
}
