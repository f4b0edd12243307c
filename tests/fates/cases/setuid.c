/* A helper that has the rights of root, as sudo has: it holds 40 MiB for a moment. */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
int main(void) {
    char *memory = malloc(40 << 20);
    memset(memory, 1, 40 << 20);
    usleep(500000);
    printf("%d\n", geteuid());
    return 3;
}
