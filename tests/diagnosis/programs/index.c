/* An index is built in memory, a posting at a time, and grows past what the group may have without waiting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POSTINGS = 80000, POSTING = 900 };

int main(void) {
    char **postings = calloc(POSTINGS, sizeof *postings);
    time_t end = time(NULL) + 6;
    int made = 0;
    for (; made < POSTINGS && time(NULL) < end; made++) {
        postings[made] = malloc(POSTING);
        memset(postings[made], made, POSTING);
    }
    printf("%d\n", made);
    return 0;
}
