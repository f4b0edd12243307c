/* Four threads change the settings under a lock for writing; a child that only reads them waits for a writer that it
   doesn't have. A grandchild waits too. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int settings, rounds;

static void *change(void *nothing) {
    for (int round = 0; round < 12; round++) {
        pthread_rwlock_wrlock(&lock);
        settings++;
        usleep(30000);
        rounds++;
        pthread_rwlock_unlock(&lock);
        usleep(1000);
    }
    return nothing;
}

int main(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, change, NULL);
    usleep(315000);
    /* One of them is in the middle of it: it has changed the settings, and not yet counted that. */
    while (*(volatile int *)&settings == *(volatile int *)&rounds) {}
    pid_t child = fork();
    if (child == 0) {
        pid_t grandchild = fork();
        pthread_rwlock_rdlock(&lock);
        if (grandchild != 0) waitpid(grandchild, NULL, 0);
        _exit(settings == 0);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    waitpid(child, NULL, 0);
    return 0;
}
