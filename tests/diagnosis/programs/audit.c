/* Forks while another thread is in the audit log; the child waits for a lock whose owner it doesn't have. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void *audit(void *nothing) {
    pthread_mutex_lock(&log_lock);
    usleep(500000);
    pthread_mutex_unlock(&log_lock);
    return nothing;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, audit, NULL);
    usleep(200000);
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(&log_lock);
        _exit(0);
    }
    pthread_join(thread, NULL);
    waitpid(child, NULL, 0);
    return 0;
}
