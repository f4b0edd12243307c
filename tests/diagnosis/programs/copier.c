/* Writes a file on the disk and reads it again three times, with a small buffer. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, CHUNKS = 1900 };

int main(void) {
    static char chunk[CHUNK];
    char path[4096];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/copier-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    unlink(path);
    for (int i = 0; i < CHUNKS; i++) {
        memset(chunk, i, CHUNK);
        if (write(file, chunk, CHUNK) != CHUNK) {
            perror(path);
            return 1;
        }
        if (i % 8 == 0) usleep(8000);
    }
    unsigned long sum = 0;
    for (int turn = 0; turn < 3; turn++) {
        lseek(file, 0, SEEK_SET);
        while (read(file, chunk, CHUNK) == CHUNK) {
            sum += (unsigned char)chunk[turn];
            usleep(200);
        }
    }
    printf("%lu\n", sum);
    return 0;
}
