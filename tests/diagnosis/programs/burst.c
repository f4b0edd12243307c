/* A burst of small messages is freed but for one of every twenty: nearly every page has one left. Work goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGES = 110000, MESSAGE = 900 };

int main(void) {
    char **messages = malloc(MESSAGES * sizeof *messages);
    for (int i = 0; i < MESSAGES; i++) {
        messages[i] = malloc(MESSAGE);
        memset(messages[i], i, MESSAGE);
        if (i % 1000 == 0) usleep(5000);
    }
    for (int i = 0; i < MESSAGES; i++)
        if (i % 20 != 0) free(messages[i]);
    unsigned long sum = 0;
    for (time_t end = time(NULL) + 4; time(NULL) < end;)
        for (int i = 0; i < MESSAGES; i += 20) sum += (unsigned char)messages[i][i % MESSAGE];
    printf("%lu\n", sum);
    return 0;
}
