/* Takes 24 MiB in a thread, and 40 MiB more in a child. Ends with 3 if all is well. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static void *take(void *mib)
{
    size_t size = *(size_t *)mib * MIB;
    char *memory = malloc(size);
    if (memory)
        memset(memory, 1, size);
    usleep(500000);
    return memory;
}

int main(void)
{
    size_t own = 24, childs = 40;
    pthread_t thread;
    void *memory;
    int status;
    if (pthread_create(&thread, NULL, take, &own) || pthread_join(thread, &memory) || !memory)
        return 1;
    pid_t child = fork();
    if (child == 0)
        _exit(take(&childs) ? 0 : 1);
    if (child < 0 || waitpid(child, &status, 0) != child || status)
        return 1;
    return 3;
}
