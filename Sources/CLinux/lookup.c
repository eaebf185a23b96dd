#define _GNU_SOURCE
#include "CLinux.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/prctl.h>

bool linux_is_host_address(const char *host) {
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

pid_t linux_look_up(const char *host, unsigned turn, int *answer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) return -1;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        // Whatever its parent holds, lines and sockets, must be free again when the parent dies.
        dup2(ends[1], 0);
        close_range(1, ~0u, 0);
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
        if (getaddrinfo(host, NULL, &hints, &list)) _exit(1);
        unsigned count = 0;
        for (struct addrinfo *a = list; a; a = a->ai_next) count++;
        for (turn %= count; turn; turn--) list = list->ai_next;
        char text[64];
        if (getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST)) _exit(1);
        _exit(write(0, text, strlen(text)) < 0);
    }
    close(ends[1]);
    *answer = ends[0];
    if (child < 0) close(ends[0]);
    return child;
}
