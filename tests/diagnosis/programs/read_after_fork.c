// Children only read what they share with their parent.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    size_t size = (size_t)atoi(argv[1]) << 20;
    char *data = malloc(size);
    memset(data, 3, size);
    usleep(200000);
    for (int i = 0; i < 3; i++)
        if (!fork()) {
            usleep(200000);
            volatile long sum = 0;
            for (size_t at = 0; at < size; at += 64) sum += data[at];
            usleep(500000);
            _exit(0);
        }
    while (wait(0) > 0) {}
    return 0;
}
