/* Each thread has a stack of 64 MiB, of which it uses a page; the limit on addresses ends that soon. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void *idle(void *nothing) {
    pause();
    return nothing;
}

int main(void) {
    struct rlimit limit = {600 << 20, 600 << 20};
    setrlimit(RLIMIT_AS, &limit);
    pthread_attr_t large;
    pthread_attr_init(&large);
    pthread_attr_setstacksize(&large, 64 << 20);
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        int error = pthread_create(&thread, &large, idle, NULL);
        if (error != 0) {
            fprintf(stderr, "thread %d: %s\n", i, strerror(error));
            usleep(300000);
            return 1;
        }
        usleep(100000);
    }
    return 0;
}
