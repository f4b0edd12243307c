// So many workers, each with a buffer of its own.
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    size_t size = (size_t)atoi(argv[2]) << 20;
    int status, wrong = 0;
    for (int i = 0; i < atoi(argv[1]); i++) {
        if (!fork()) {
            usleep(200000);
            char *own = malloc(size);
            memset(own, 1, size);
            usleep(1000000);
            _exit(own[0] != 1);
        }
        usleep(60000);
    }
    while (wait(&status) > 0) wrong |= status;
    return wrong != 0;
}
