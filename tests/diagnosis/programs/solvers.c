/* Eight equal solvers, each with the same need, started one after the other. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOLVERS = 8, NEED = 22 << 20 };

int main(void) {
    for (int i = 0; i < SOLVERS; i++) {
        if (fork() == 0) {
            char *table = malloc(NEED);
            memset(table, i, NEED);
            for (int turn = 0; turn < 150; turn++) {
                for (int at = 0; at < NEED; at += 4096) table[at]++;
                usleep(20000);
            }
            _exit(0);
        }
        usleep(300000);
    }
    int status, failed = 0;
    while (wait(&status) > 0) failed |= status != 0;
    return failed;
}
