/* An image is filtered in passes from top to bottom. It's larger than the memory of the group, so each pass reads all of it from the swap. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIDE = 3600 };

int main(void) {
    float *image = malloc(sizeof *image * SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) image[i] = (float)(i % 255);
    int passes = 0;
    for (time_t end = time(NULL) + 6; time(NULL) < end; passes++)
        for (int i = 1; i < SIDE * SIDE; i++) image[i] = 0.5f * (image[i] + image[i - 1]);
    printf("%d %f\n", passes, (double)image[SIDE]);
    return 0;
}
