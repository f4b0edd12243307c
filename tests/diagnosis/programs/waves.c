/* Fourteen threads live from the start and work in waves; what a wave frees stays with the thread that freed it. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 14, BLOCKS = 4000 };

static pthread_barrier_t tick;

static void *work(void *number) {
    char *blocks[BLOCKS], *last[THREADS];
    for (intptr_t wave = 0; wave < THREADS; wave++) {
        pthread_barrier_wait(&tick);
        if (wave != (intptr_t)number) continue;
        for (int i = 0; i < BLOCKS; i++) {
            size_t size = 500 + (size_t)(i % 9) * 400;
            blocks[i] = malloc(size);
            memset(blocks[i], i, size);
        }
        last[wave] = malloc(64);
        last[wave][0] = 1;
        for (int i = BLOCKS; i > 0; i--) free(blocks[i - 1]);
    }
    pthread_barrier_wait(&tick);
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&tick, NULL, THREADS + 1);
    for (intptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (int wave = 0; wave < THREADS; wave++) {
        pthread_barrier_wait(&tick);
        usleep(250000);
    }
    sleep(1);
    pthread_barrier_wait(&tick);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    return 0;
}
