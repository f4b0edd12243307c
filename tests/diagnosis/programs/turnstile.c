/* The worker is killed while it owns the semaphore that the parent needs next. */
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    sem_t *turn = mmap(NULL, sizeof *turn, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    sem_init(turn, 1, 1);
    if (fork() == 0) {
        for (int i = 0;; i++) {
            sem_wait(turn);
            usleep(50000);
            if (i == 9) raise(SIGKILL);
            sem_post(turn);
            usleep(10000);
        }
    }
    for (;;) {
        usleep(20000);
        sem_wait(turn);
        usleep(20000);
        sem_post(turn);
    }
}
