// put NAME < data: writes standard input to the file NAME in QEMU's working directory, by Arm semihosting: no device, no
// driver, and no wait for a disk that would make virtual time jump.

static long system_call(long number, long a, long b, long c) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}

static long semihosting(long operation, volatile long *block) {
    register long x0 __asm__("x0") = operation;
    register volatile long *x1 __asm__("x1") = block;
    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
    return x0;
}

enum { READ = 63, EXIT = 93, SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE = 5, MODE_WB = 5 };
static char buffer[65536];

static long copy(char *name) {
    long length = 0;
    while (name[length]) length++;
    volatile long file[3] = {(long)name, MODE_WB, length};
    long handle = semihosting(SYS_OPEN, file), n;
    if (handle == -1) return 1;
    while ((n = system_call(READ, 0, (long)buffer, sizeof buffer)) > 0) {
        volatile long piece[3] = {handle, (long)buffer, n};
        if (semihosting(SYS_WRITE, piece)) return 1;
    }
    volatile long end[1] = {handle};
    return n < 0 || semihosting(SYS_CLOSE, end);
}

__attribute__((used)) static void run(long *stack) {
    system_call(EXIT, stack[0] == 2 ? copy((char *)stack[2]) : 64, 0, 0);
}

__asm__(".global _start\n_start: mov x0, sp\n b run");
