// glibc comes from CLinux: a second module with pollfd and EAGAIN of its own would be taken for another's.
#include "../CLinux/include/CLinux.h"
#include <mosquitto.h>

/// fcntl(2) is variadic: Swift cannot call it. A program that a word starts must not hold our connection when we are gone.
static inline void mqtt_close_on_exec(int fd) { fcntl(fd, F_SETFD, FD_CLOEXEC); }
