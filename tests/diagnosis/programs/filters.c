/* Sends the whole model through a pipe to a filter, for each task again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MODEL = 9 << 20, TASKS = 40 };

static int all(int file, char *bytes, ssize_t (*move)(int, void *, size_t)) {
    for (size_t at = 0; at < MODEL;) {
        ssize_t moved = move(file, bytes + at, MODEL - at);
        if (moved <= 0) return 0;
        at += (size_t)moved;
    }
    return 1;
}

static ssize_t put(int file, void *bytes, size_t count) { return write(file, bytes, count); }

int main(void) {
    int ends[2];
    if (pipe(ends) != 0) return 1;
    if (fork() == 0) {
        close(ends[1]);
        for (;;) {
            char *model = malloc(MODEL);
            if (!all(ends[0], model, read)) _exit(0);
            usleep(60000);
            free(model);
        }
    }
    close(ends[0]);
    char *model = malloc(MODEL);
    memset(model, 5, MODEL);
    for (int task = 0; task < TASKS; task++) {
        char *message = malloc(MODEL);
        memcpy(message, model, MODEL);
        if (!all(ends[1], message, put)) return 1;
        free(message);
        usleep(20000);
    }
    close(ends[1]);
    wait(NULL);
    return 0;
}
