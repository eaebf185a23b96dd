#define _GNU_SOURCE
#include "CLinux.h"

int linux_poll(struct pollfd *entries, unsigned long count, const struct timespec *timeout) {
    return ppoll(entries, count, timeout, NULL);
}
