/* Fills pipes that nobody reads: the kernel keeps what is in them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PIPES = 110 };

int main(void) {
    static char bytes[4096];
    for (int i = 0; i < PIPES; i++) {
        int ends[2];
        if (pipe2(ends, O_NONBLOCK) != 0) {
            perror("pipe");
            return 1;
        }
        fcntl(ends[1], F_SETPIPE_SZ, 512 << 10);
        while (write(ends[1], bytes, sizeof bytes) > 0) {}
        usleep(20000);
    }
    sleep(2);
    return 0;
}
