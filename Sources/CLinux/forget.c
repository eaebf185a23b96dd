#include "CLinux.h"

// Only executable mappings: nothing is ever written to them, so that the kernel can read them again from the file. Pages of
// data, even those that are read-only by now, hold what the dynamic linker wrote.
void linux_forget_start(void) {
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    if (!maps) return;
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char flags[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, flags) == 3 && !strcmp(flags, "r-xp") && strchr(line, '/'))
            madvise((void *)from, to - from, MADV_DONTNEED);
    }
    fclose(maps);
}
