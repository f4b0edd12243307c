// A thread holds a mutex while the process forks twice.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void *hold(void *nothing) {
    pthread_mutex_lock(&lock);
    usleep(500000);
    pthread_mutex_unlock(&lock);
    return nothing;
}
int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, hold, 0);
    usleep(100000);
    for (int i = 0; i < 2; i++)
        if (!fork()) {
            pthread_mutex_lock(&lock);
            _exit(0);
        }
    while (wait(0) > 0) {}
    return 0;
}
