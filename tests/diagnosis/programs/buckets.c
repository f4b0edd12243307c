/* A hash table with far more buckets than keys. Where malloc is made to use huge pages, each key costs one. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEYS = 300 };

int main(void) {
    size_t buckets = 20 << 20, taken = 0;
    unsigned long *table = calloc(buckets, sizeof *table), key = 99;
    for (int i = 0; i < KEYS; i++) {
        key = key * 6364136223846793005UL + 1442695040888963407UL;
        unsigned long *bucket = &table[(key >> 16) % buckets];
        taken += *bucket == 0;
        *bucket = key;
        usleep(8000);
    }
    printf("%zu\n", taken);
    sleep(1);
    return 0;
}
