/* takes KIND MIB: memory of a kind, for a second. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
static size_t mib;
static void touch(char *memory) {
    for (size_t i = 0; i < mib; i++) { memset(memory + (i << 20), 1, 1 << 20); usleep(2000); }
}
static char *mapped(int flags) { return mmap(0, mib << 20, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0); }
static void *thread(void *unused) {
    usleep(100000); /* The main thread has ended by now. */
    touch(mapped(MAP_PRIVATE));
    sleep(1); puts("still here"); exit(0);
}
int main(int count, char **words) {
    const char *kind = words[1];
    mib = atoi(words[2]);
    if (!strcmp(kind, "private")) touch(mapped(MAP_PRIVATE));
    else if (!strcmp(kind, "shared")) touch(mapped(MAP_SHARED));
    else if (!strcmp(kind, "memfd")) {
        char *page = calloc(1, 1 << 20); memset(page, 1, 1 << 20);
        int file = memfd_create("takes", 0);
        for (size_t i = 0; i < mib; i++) { if (write(file, page, 1 << 20) < 0) return 1; usleep(2000); }
    } else if (!strcmp(kind, "sysv")) {
        int id = shmget(IPC_PRIVATE, mib << 20, 0600);
        char *memory = shmat(id, 0, 0);
        shmctl(id, IPC_RMID, 0); /* It goes when the last process lets it go. */
        touch(memory);
    } else if (!strcmp(kind, "thread")) {
        pthread_t id; pthread_create(&id, 0, thread, 0); pthread_exit(0);
    } else if (!strcmp(kind, "children")) {
        mib /= 4;
        for (int i = 0; i < 4; i++) if (!fork()) { touch(mapped(MAP_PRIVATE)); sleep(2); return 0; }
        /* As a pool does: it fails with its workers. */
        for (int i = 0, end; i < 4; i++) { wait(&end); if (end) return 1; }
    } else if (!strcmp(kind, "pipes")) {
        char *page = calloc(1, 1 << 20);
        for (size_t i = 0; i < mib; i++) {
            int ends[2];
            if (pipe(ends)) return 1;
            if (fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) < 0 || write(ends[1], page, 1 << 20) < 0) return 1;
            usleep(2000);
        }
    } else return 2;
    sleep(1); puts("still here"); return 0;
}
