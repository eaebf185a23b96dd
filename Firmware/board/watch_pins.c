// watch_pins QMP-SOCKET ADDRESS PINS : levels of pins seen from outside the guest, in the GPIO controller's level register, read through QEMU's
// monitor every few ms: a line `SECONDS PIN LEVEL` for each change. PINS is a mask. Ends when QEMU does. No program in the guest can
// fake or disturb this.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    strncpy(to.sun_path, argv[1], sizeof to.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries = 500;
    while (connect(fd, (struct sockaddr *)&to, sizeof to) && tries-- > 0) usleep(20000);
    FILE *from = fdopen(fd, "r"), *commands = fdopen(dup(fd), "w");
    if (tries < 0 || !from || !commands) return fputs("watch_pins: no monitor\n", stderr), 1;
    unsigned long mask = strtoul(argv[3], NULL, 0), before = 0, seen = 0, reads = 0;
    char line[4096];
    double start = now();
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!fgets(line, sizeof line, from)) return 1;
    fputs("{\"execute\":\"qmp_capabilities\"}\n", commands);
    fflush(commands);
    while (fgets(line, sizeof line, from)) {
        char *value = strstr(line, ": 0x");
        if (!value && !strstr(line, "\"return\"")) continue; // an event
        if (value) {
            unsigned long levels = strtoul(value + 2, NULL, 16), changed = (levels ^ before) | ~seen;
            for (int pin = 0; pin < 32; pin++)
                if (mask >> pin & changed >> pin & 1) printf("%.3f %d %lu\n", now() - start, pin, levels >> pin & 1);
            before = levels, seen = ~0ul, reads++;
            usleep(3000);
        }
        fprintf(commands, "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"xp /1wx %s\"}}\n", argv[2]);
        if (fflush(commands)) break;
    }
    printf("%.3f end, %lu reads\n", now() - start, reads);
    return 0;
}
