/* Two processes map the same file of the disk, which is given, and each adds up its half, in turns. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
    int file = open(count > 1 ? words[1] : "", O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about) != 0) {
        perror("the file");
        return 1;
    }
    size_t half = (size_t)about.st_size / 2;
    unsigned char *map = mmap(NULL, half * 2, PROT_READ, MAP_SHARED, file, 0);
    int child = fork() == 0;
    unsigned long sum = 0;
    for (int turn = 0; turn < 2; turn++)
        for (size_t at = 0; at < half; at += 512) {
            sum += map[at + (child ? half : 0)];
            if (at % (1 << 20) == 0) usleep(15000);
        }
    printf("%lu\n", sum);
    if (!child) wait(NULL);
    return 0;
}
