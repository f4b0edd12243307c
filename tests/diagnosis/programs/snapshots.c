/* Forks three children of a large heap, one after the other; each rewrites its copy, a bit at a time. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP = 1 << 20, STEPS = 44 };

int main(void) {
    char *heap = malloc((size_t)STEP * STEPS);
    memset(heap, 1, (size_t)STEP * STEPS);
    for (int child = 0; child < 3; child++) {
        if (fork() == 0) {
            for (int step = 0; step < STEPS; step++) {
                memset(heap + (size_t)step * STEP, child + 2, STEP);
                usleep(30000);
            }
            sleep(1);
            _exit(0);
        }
        usleep(400000);
    }
    while (wait(NULL) > 0) {}
    return 0;
}
