/* The analyst is a child that takes too much memory and is killed for it; the parent waits for its answer. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct desk {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    int answer;
};

int main(void) {
    struct desk *desk = mmap(NULL, sizeof *desk, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t shared;
    pthread_condattr_t shared_too;
    pthread_mutexattr_init(&shared);
    pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&desk->lock, &shared);
    pthread_condattr_init(&shared_too);
    pthread_condattr_setpshared(&shared_too, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&desk->answered, &shared_too);
    if (fork() == 0) {
        for (int i = 0; i < 60; i++) {
            memset(malloc(3 << 20), i, 3 << 20);
            usleep(10000);
        }
        pthread_mutex_lock(&desk->lock);
        desk->answer = 42;
        pthread_cond_signal(&desk->answered);
        pthread_mutex_unlock(&desk->lock);
        _exit(0);
    }
    pthread_mutex_lock(&desk->lock);
    while (desk->answer == 0) pthread_cond_wait(&desk->answered, &desk->lock);
    pthread_mutex_unlock(&desk->lock);
    return 0;
}
