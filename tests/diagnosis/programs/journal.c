/* Four threads print through one stream; the child of a fork at that moment prints too, and finds it locked. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *journal;

static void *write_entries(void *nothing) {
    for (int entry = 0; entry < 30; entry++) {
        flockfile(journal);
        fprintf(journal, "entry %d\n", entry);
        usleep(10000);
        funlockfile(journal);
    }
    return nothing;
}

int main(void) {
    pthread_t threads[4];
    journal = fopen("/dev/null", "w");
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, write_entries, NULL);
    usleep(305000);
    pid_t child = fork();
    if (child == 0) {
        fprintf(journal, "the child\n");
        _exit(0);
    }
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    waitpid(child, NULL, 0);
    return 0;
}
