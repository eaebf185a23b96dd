#include "CLinux.h"

static int count;
static char **values;

// glibc hands the program's arguments to constructors too.
__attribute__((constructor)) static void keep(int argc, char **argv) {
    count = argc;
    values = argv;
}

int linux_argc(void) { return count; }
char **linux_argv(void) { return values; }

extern char **environ;
char **linux_environment(void) { return environ; }
