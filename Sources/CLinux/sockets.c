#define _GNU_SOURCE
#include "CLinux.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t take_unix(const char *text, struct sockaddr_un *to) {
    const size_t length = strlen(text);
    if (length >= sizeof to->sun_path) return 0;
    to->sun_family = AF_UNIX;
    memcpy(to->sun_path, text, length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

// 127.0.0.1:10400, [::1]:10400, *:10400 (IPv6, which takes IPv4 too), /run/x.sock. Returns 0 for anything else.
static socklen_t take(const char *text, struct sockaddr_storage *to) {
    memset(to, 0, sizeof *to);
    if (*text == '/') return take_unix(text, (struct sockaddr_un *)to);
    const char *colon = strrchr(text, ':');
    char host[INET6_ADDRSTRLEN + 2], *end;
    if (!colon || (size_t)(colon - text) >= sizeof host || colon[1] < '0' || colon[1] > '9') return 0;
    const unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end || port > 65535) return 0;
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return sizeof *v4;
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    if (!strcmp(host, "*")) return sizeof *v6;
    const size_t length = strlen(host);
    if (length < 3 || *host != '[' || host[length - 1] != ']') return 0;
    host[length - 1] = 0;
    return inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1 ? sizeof *v6 : 0;
}

int linux_is_address(const char *text) {
    struct sockaddr_storage to;
    return take(text, &to) > 0;
}

// A Unix socket that nobody answers is what a killed process left behind.
static int remove_stale(const char *path, const struct sockaddr *to, socklen_t length) {
    struct stat s;
    if (lstat(path, &s) || !S_ISSOCK(s.st_mode)) return 0;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int is_stale = fd >= 0 && connect(fd, to, length) < 0 && errno == ECONNREFUSED;
    if (fd >= 0) close(fd);
    return is_stale && unlink(path) == 0;
}

int linux_listen(const char *text) {
    struct sockaddr_storage to;
    const socklen_t length = take(text, &to);
    const struct sockaddr *address = (const struct sockaddr *)&to;
    if (!length) {
        errno = EINVAL;
        return -1;
    }
    int one = 1, fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && errno == EAFNOSUPPORT && *text == '*') { // a kernel without IPv6
        struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = ((struct sockaddr_in6 *)&to)->sin6_port};
        memcpy(&to, &v4, sizeof v4);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (fd < 0) return -1;
    if (*text != '/') setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int failed = bind(fd, address, length);
    if (failed && errno == EADDRINUSE && *text == '/') {
        if (remove_stale(text, address, length)) failed = bind(fd, address, length);
        else errno = EADDRINUSE;
    }
    // Its group may talk to it. Before listen(2): nobody gets in earlier.
    if ((!failed && *text == '/' && chmod(text, 0660)) || failed || listen(fd, 8)) {
        const int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int linux_accept(int fd) {
    int one = 1, client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    // One that waits for words may say nothing for days: the kernel finds out whether it is still there.
    if (client >= 0) setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    return client;
}
