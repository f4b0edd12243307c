// A worker crashes before it answers, and its parent keeps a write end of the pipe open.
#include <signal.h>
#include <unistd.h>
int main(void) {
    int ends[2];
    if (pipe(ends)) return 1;
    if (!fork()) {
        usleep(200000);
        raise(SIGSEGV);
    }
    char answer;
    return read(ends[0], &answer, 1) == 1 ? 0 : 1;
}
