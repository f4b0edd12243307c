/* Keeps the last pictures as memory files, open and mapped by nobody. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PICTURE = 7 << 20, PICTURES = 9 };

int main(void) {
    char *picture = malloc(PICTURE);
    for (int i = 0; i < PICTURES; i++) {
        memset(picture, i + 1, PICTURE);
        int file = memfd_create("picture", MFD_CLOEXEC);
        for (size_t at = 0; at < PICTURE;) {
            ssize_t written = write(file, picture + at, PICTURE - at);
            if (written <= 0) {
                perror("write");
                return 1;
            }
            at += (size_t)written;
        }
        usleep(200000);
    }
    free(picture);
    sleep(2);
    return 0;
}
