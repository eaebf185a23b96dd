#include "CLinux.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int linux_notify_socket(void) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = path ? strlen(path) : 0;
    if (length < 2 || length >= sizeof to.sun_path || (*path != '/' && *path != '@')) return -1;
    memcpy(to.sun_path, path, length);
    if (*path == '@') to.sun_path[0] = 0; // an abstract name
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length))) {
        close(fd);
        return -1;
    }
    return fd;
}
