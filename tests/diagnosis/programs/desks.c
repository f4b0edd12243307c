/* Twelve threads take turns. Each needs ten MiB for a moment, and frees all but the last block it took. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DESKS = 12, SHEETS = 10000, SHEET = 1000 };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t closing;

static void *desk(void *nothing) {
    static __thread char *sheets[SHEETS];
    pthread_mutex_lock(&turn);
    for (int i = 0; i < SHEETS; i++) {
        sheets[i] = malloc(SHEET);
        memset(sheets[i], i, SHEET);
    }
    usleep(150000);
    for (int i = 0; i < SHEETS - 1; i++) free(sheets[i]);
    pthread_mutex_unlock(&turn);
    pthread_barrier_wait(&closing);
    return nothing;
}

int main(void) {
    pthread_t threads[DESKS];
    pthread_barrier_init(&closing, NULL, DESKS + 1);
    for (int i = 0; i < DESKS; i++) {
        pthread_create(&threads[i], NULL, desk, NULL);
        usleep(200000);
    }
    sleep(1);
    pthread_barrier_wait(&closing);
    for (int i = 0; i < DESKS; i++) pthread_join(threads[i], NULL);
    return 0;
}
