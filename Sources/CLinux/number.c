#include "CLinux.h"

int64_t linux_read_number(const char *path, int skip, int base) {
    char text[128], *next = text;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    const ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    if (count <= 0) return -1;
    text[count] = 0;
    for (; skip > 0; skip--) strtoll(next, &next, base);
    char *end;
    const int64_t value = strtoll(next, &end, base);
    return end == next ? -1 : value;
}
