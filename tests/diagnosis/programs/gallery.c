/* Children of a large parent only look: they share every page, though each seems to have it all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 60 << 20 };

int main(void) {
    char *pictures = malloc(SIZE);
    memset(pictures, 3, SIZE);
    for (int child = 0; child < 4; child++) {
        if (fork() == 0) {
            unsigned long sum = 0;
            for (int turn = 0; turn < 20; turn++) {
                for (int at = 0; at < SIZE; at += 256) sum += (unsigned char)pictures[at];
                usleep(100000);
            }
            _exit(sum == 0);
        }
    }
    while (wait(NULL) > 0) {}
    return 0;
}
