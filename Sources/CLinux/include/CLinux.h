// What Swift needs of Linux and glibc on both builds: Embedded Swift has no Glibc module,
// so every device target imports the C library through this header, and nothing else.
#ifndef CLINUX_H
#define CLINUX_H

// Of glibc's own extensions nothing here: Swift's Glibc module sees the same headers without them, and the two would not
// import together. What needs one is a function in a .c file.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

/// errno is a macro: Swift cannot see it.
static inline int linux_errno(void) { return errno; }

/// Numbers too small to be normal count as 0 on this thread until `linux_restore_denormals` gets what this returned: on some cores
/// arithmetic with them is a hundred times slower, and sound that fades, or a gradient that vanishes, is full of them.
static inline unsigned long linux_flush_denormals(void) {
    unsigned long mode = 0;
#if defined(__x86_64__)
    mode = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr((unsigned)mode | 0x8040);
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1ul << 24));
#endif
    return mode;
}

static inline void linux_restore_denormals(unsigned long mode) {
#if defined(__x86_64__)
    __builtin_ia32_ldmxcsr((unsigned)mode);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
    (void)mode;
#endif
}

/// open(2) is variadic: Swift cannot call it.
static inline int linux_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }

/// Standard input, output and error that were closed by who started us: held by /dev/null, so that no file
/// we open gets their number. Writing to the held output fails, as it should. A pipe whose reader has
/// gone, and a file that may not grow (RLIMIT_FSIZE), must not kill: lines have to be made safe first.
static inline void linux_hold_standard_files(void) {
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/// MAP_FAILED is a cast: Swift cannot see it. Returns NULL on failure, errno set.
static inline void *linux_mmap(size_t bytes, int protection, int flags, int fd) {
    void *p = mmap(NULL, bytes, protection, flags, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

/// printf's %.*f into a buffer, without a locale or an allocation. Returns the length.
int linux_format_fixed(char *buffer, size_t capacity, double value, int decimals);

/// Lets AddressSanitizer, in a build that has it, stop whoever touches these bytes.
void linux_forbid(const void *start, size_t bytes);

/// A whole text as a real number, as strtod(3); 0 if it is not one. Embedded Swift's Double has no parser.
int linux_parse_real(const char *text, double *value);

/// The program's arguments: Embedded Swift has no CommandLine. Null-terminated, and getopt_long may reorder them.
int linux_argc(void);
char **linux_argv(void);

/// Its environment, NAME=VALUE each, null-terminated.
char **linux_environment(void);

/// Blocks SIGINT, SIGTERM and SIGHUP and returns a signalfd(2) for them; -1 with errno set on failure.
static inline int linux_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/// The number of a signal that has come to such a descriptor; 0: none.
static inline int linux_next_signal(int fd) {
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/// Runs this thread on one CPU only. 0, or -1 with errno.
int linux_pin(int cpu);

/// SCHED_FIFO for this thread, not for its children. 0, or -1 with errno.
int linux_schedule_fifo(int priority);

/// A socket to the service manager that $NOTIFY_SOCKET names (sd_notify(3)); -1 without one.
int linux_notify_socket(void);

/// Gives back the memory of code that ran once: what is needed again comes back from the file. A daemon that starts and then
/// does one thing for months holds a third less.
void linux_forget_start(void);

/// A socket that listens at 127.0.0.1:PORT, [::1]:PORT, *:PORT (anybody's) or a path (mode 0660; one that a dead
/// process left is replaced). Neither it nor its clients block. -1 with errno; EINVAL: no such address.
int linux_listen(const char *address);
int linux_is_address(const char *address);

/// The next client of such a socket; -1: none.
int linux_accept(int fd);

/// Whether `host` needs no looking up.
bool linux_is_host_address(const char *host);

/// Looks `host` up in a child, because getaddrinfo(3) waits for as long as nobody answers: `answer` is to be polled, and gives
/// one of its addresses (the `turn`th, in a circle) as text, or nothing. Returns the child's pid, or -1 with errno.
pid_t linux_look_up(const char *host, unsigned turn, int *answer);

/// CPU time of this process so far, ns.
static inline int64_t linux_cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// The number at the start of a file of /sys or /proc, behind `skip` others; -1 where there is none.
int64_t linux_read_number(const char *path, int skip, int base);

/// Starts a program found along PATH, with no signal blocked and /dev/null as its input: returns its pid, or -1 with
/// errno.
pid_t linux_spawn(char *const argv[], char *const environment[]);

/// poll(2) for reading, of two descriptors (-1: none): bit 0 set when `a` is ready, bit 1 when `b` is; 0 after
/// `timeout` ms (-1: never); -1 with errno.
static inline int linux_readable(int a, int b, int timeout) {
    struct pollfd fds[2] = {{a, POLLIN, 0}, {b, POLLIN, 0}};
    int n = poll(fds, 2, timeout);
    return n <= 0 ? n : !!fds[0].revents | !!fds[1].revents << 1;
}

/// poll(2) with a deadline in ns, not ms; NULL: none.
int linux_poll(struct pollfd *entries, unsigned long count, const struct timespec *timeout);

/// pipe(2), neither end inherited by programs that we start.
int linux_pipe(int ends[2]);

/// A file in memory, which no directory knows: `name` is for who looks at /proc. -1 with errno.
int linux_memory_file(const char *name);

/// No file that the process writes may grow beyond `bytes`. 0, or -1 with errno.
int linux_limit_files(pid_t process, unsigned long bytes);

/// CLOCK_MONOTONIC in ns.
static inline int64_t linux_now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

#endif
