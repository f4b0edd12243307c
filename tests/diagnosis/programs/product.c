/* Three matrices, allocated and filled once, when the input is there. They need more than there is. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SIDE = 2600 };

int main(void) {
    sleep(1);
    double *left = malloc(sizeof(double) * SIDE * SIDE);
    double *right = malloc(sizeof(double) * SIDE * SIDE);
    double *product = malloc(sizeof(double) * SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) left[i] = right[i] = product[i] = i;
    double sum = 0;
    for (int turn = 0; turn < 50; turn++)
        for (int i = 0; i < SIDE * SIDE; i++) sum += product[i] += left[i] * right[i];
    printf("%g\n", sum);
    return 0;
}
