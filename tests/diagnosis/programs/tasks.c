// Reports tasks to lab, and loses what it took for each.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int channel = atoi(getenv("LAB_CHANNEL")), keep = argc > 2;
    char line[32];
    for (int i = 1; i <= atoi(argv[1]); i++) {
        char *text = malloc(300 << 10);
        memset(text, i, 300 << 10);
        if (!keep) free(text);
        int length = snprintf(line, sizeof line, "done %d\n", i);
        if (write(channel, line, length) < 0) return 1;
        usleep(10000);
    }
    return 0;
}
