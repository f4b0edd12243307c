/* A list of tickets to which every turn adds a few, and from which nothing is taken. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ticket {
    struct ticket *next;
    char text[2900];
};

int main(void) {
    struct ticket *all = NULL;
    unsigned long count = 0;
    for (int turn = 0; turn < 400; turn++) {
        for (int i = 0; i < 90; i++, count++) {
            struct ticket *ticket = malloc(sizeof *ticket);
            memset(ticket->text, 't', sizeof ticket->text);
            ticket->next = all;
            all = ticket;
        }
        usleep(10000);
    }
    printf("%lu\n", count);
    return 0;
}
