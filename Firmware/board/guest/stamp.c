// What shells cannot tell: moments to the microsecond, and when a GPIO line moved.
//   stamp                  ns of CLOCK_MONOTONIC
//   stamp pin NAME         a line `NS NAME LEVEL` whenever that line's level in the kernel's own list changes, looked at every ms
#include <stdio.h>
#include <string.h>
#include <time.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 3) return printf("%lld\n", now()) < 0;
    char line[256], before = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (;;) {
        FILE *list = fopen("/sys/kernel/debug/gpio", "r");
        if (!list) return perror("stamp: /sys/kernel/debug/gpio"), 1;
        char level = '-'; // nobody holds it
        while (fgets(line, sizeof line, list)) {
            char *name = strstr(line, argv[2]), *way = name ? strstr(line, " out ") : NULL;
            // `gpio-529 (GPIO17              |katydid             ) out hi`
            if (way && strchr("  )|", name[strlen(argv[2])])) level = strstr(way, " hi") ? '1' : '0';
        }
        fclose(list);
        if (level != before) printf("%lld %s %c\n", now(), argv[2], level);
        before = level;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}
