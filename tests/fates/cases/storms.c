/* storms KIND N: short-lived processes one after another; threads at once; children that nobody waits for. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *sleeps(void *unused) { usleep(300000); return 0; }
int main(int count, char **words) {
    int n = atoi(words[2]), bad = 0;
    if (!strcmp(words[1], "forks"))
        for (int i = 0; i < n; i++) { pid_t p = fork(); if (!p) _exit(0); if (p < 0) bad++; else waitpid(p, 0, 0); }
    else if (!strcmp(words[1], "threads")) {
        pthread_attr_t small; pthread_attr_init(&small); pthread_attr_setstacksize(&small, 65536);
        pthread_t id;
        for (int i = 0; i < n; i++) bad += pthread_create(&id, &small, sleeps, 0) != 0;
        usleep(500000);
    } else {
        for (int i = 0; i < n; i++) { pid_t p = fork(); if (!p) _exit(0); bad += p < 0; }
        usleep(500000);
    }
    printf("%d bad\n", bad);
    return bad != 0;
}
