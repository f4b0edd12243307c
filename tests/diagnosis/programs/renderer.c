/* A renderer puts its picture into shared memory and aborts before it removes it; the parent works on. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PICTURE = 26 << 20 };

static void render(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    int file = shm_open("/picture", O_CREAT | O_RDWR, 0600);
    if (file < 0 || ftruncate(file, PICTURE) != 0) exit(1);
    char *picture = mmap(NULL, PICTURE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    memset(picture, 7, PICTURE);
    usleep(400000);
    abort();
}

int main(void) {
    pid_t child = fork();
    if (child == 0) render();
    int status;
    waitpid(child, &status, 0);
    unsigned long sum = 0;
    for (time_t end = time(NULL) + 3; time(NULL) < end;) sum = sum * 31 + 7;
    printf("the renderer ended with %d, sum %lu\n", status, sum);
    return 0;
}
