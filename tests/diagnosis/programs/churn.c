/* Takes and gives back large blocks all the time: many page faults, and nothing remains. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 900; i++) {
        size_t size = ((size_t)(i * 37) % 9 + 1) << 20;
        char *block = malloc(size);
        memset(block, i, size);
        free(block);
        usleep(3000);
    }
    return 0;
}
