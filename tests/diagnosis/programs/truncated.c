/* Another hand truncates the file under a map: SIGBUS, as from a full tmpfs, with much room left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SIZE = 8 << 20 };

int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    char path[] = "/dev/shm/truncated-XXXXXX";
    int file = mkstemp(path);
    unlink(path);
    if (file < 0 || ftruncate(file, SIZE) != 0) {
        perror(path);
        return 1;
    }
    char *map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    memset(map, 1, SIZE);
    usleep(800000);
    if (ftruncate(file, SIZE / 2) != 0) return 1;
    usleep(300000);
    map[SIZE - 1] = 2;
    return 0;
}
