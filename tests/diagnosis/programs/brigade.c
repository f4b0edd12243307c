/* Three processes fill a buffer each, again and again, and together they are above the bound of their group. */
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CREW = 3, BUFFER = 14 << 20 };

int main(void) {
    for (int i = 0; i < CREW; i++)
        if (fork() == 0) {
            char *buffer = malloc(BUFFER);
            int turn = 0;
            for (time_t end = time(NULL) + 5; time(NULL) < end; turn++) memset(buffer, turn, BUFFER);
            _exit(buffer[turn % BUFFER] == 77);
        }
    for (int i = 0; i < CREW; i++) wait(NULL);
    return 0;
}
