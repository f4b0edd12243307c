/* A pool of threads that wait most of the time: all in futex, but somebody wakes them now and then. */
#include <pthread.h>
#include <unistd.h>

enum { GUESTS = 8, CALLS = 12 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t called = PTHREAD_COND_INITIALIZER;
static int calls;

static void *guest(void *nothing) {
    pthread_mutex_lock(&lock);
    while (calls < CALLS) pthread_cond_wait(&called, &lock);
    pthread_mutex_unlock(&lock);
    return nothing;
}

int main(void) {
    pthread_t guests[GUESTS];
    for (int i = 0; i < GUESTS; i++) pthread_create(&guests[i], NULL, guest, NULL);
    for (int i = 0; i < CALLS; i++) {
        usleep(350000);
        pthread_mutex_lock(&lock);
        calls++;
        pthread_cond_broadcast(&called);
        pthread_mutex_unlock(&lock);
    }
    for (int i = 0; i < GUESTS; i++) pthread_join(guests[i], NULL);
    return 0;
}
