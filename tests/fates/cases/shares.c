/* A process of 200 MiB has a child of vfork(2) for 5 s, which has no memory of its own, while another thread takes and
   gives back 64 MiB all the time. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *moves(void *none) {
    for (;;) {
        char *some = mmap(0, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (long at = 0; at < 64 << 20; at += 4096) some[at] = 1;
        munmap(some, 64 << 20);
    }
    return none;
}

int main(void) {
    char *base = malloc(200 << 20);
    memset(base, 1, 200 << 20);
    pthread_t id;
    pthread_create(&id, 0, moves, 0);
    for (int i = 0; i < 10; i++) {
        pid_t child = vfork();
        if (child == 0) { usleep(300000); _exit(0); }
        waitpid(child, 0, 0);
    }
    return base[5] == 1 ? 3 : 1;
}
