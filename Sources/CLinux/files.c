#define _GNU_SOURCE
#include "CLinux.h"

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int linux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int linux_limit_files(pid_t process, unsigned long bytes) {
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    return prlimit(process, RLIMIT_FSIZE, &limit, NULL);
}
