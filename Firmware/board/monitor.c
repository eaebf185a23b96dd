// What reaches an emulated board from outside, through QEMU's monitor; no program in the guest can fake or disturb it. Ends when QEMU does.
//   monitor SOCKET levels ADDRESS PINS   levels of the pins of a mask in the GPIO controller's register, read every few ms: a line
//                                        `SECONDS PIN LEVEL` for each change
//   monitor SOCKET press SERIAL-LOG      presses the power button whenever the guest has said PRESS once more
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static FILE *from, *to;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int tries = 500; connect(fd, (struct sockaddr *)&address, sizeof address); tries--) {
        if (tries == 0) return -1;
        usleep(20000);
    }
    from = fdopen(fd, "r");
    to = fdopen(dup(fd), "w");
    return from && to ? 0 : -1;
}

// Sends a command and waits for its answer in `line`; 0 when QEMU has gone.
static int ask(const char *command, const char *arguments, char *line, int room) {
    fprintf(to, "{\"execute\":\"%s\"%s}\n", command, arguments);
    if (fflush(to)) return 0;
    do // passing over events
        if (!fgets(line, room, from)) return 0;
    while (!strstr(line, "\"return\"") && !strstr(line, "\"error\""));
    return 1;
}

static void levels(const char *address, unsigned long mask) {
    char line[4096], arguments[128];
    unsigned long before = 0, seen = 0, reads = 0;
    double start = now();
    snprintf(arguments, sizeof arguments, ",\"arguments\":{\"command-line\":\"xp /1wx %s\"}", address);
    for (; ask("human-monitor-command", arguments, line, sizeof line); usleep(3000)) {
        char *value = strstr(line, ": 0x");
        if (!value) continue;
        unsigned long level = strtoul(value + 2, NULL, 16), changed = (level ^ before) | ~seen;
        for (int pin = 0; pin < 32; pin++)
            if (mask >> pin & changed >> pin & 1) printf("%.3f %d %lu\n", now() - start, pin, level >> pin & 1);
        before = level, seen = ~0ul, reads++;
    }
    printf("%.3f end, %lu reads\n", now() - start, reads);
}

static void press(const char *log) {
    char line[4096];
    for (int done = 0; ask("query-status", "", line, sizeof line); usleep(50000)) {
        int wanted = 0;
        FILE *said = fopen(log, "r");
        while (said && fgets(line, sizeof line, said)) wanted += !strncmp(line, "PRESS", 5);
        if (said) fclose(said);
        if (wanted > done && ask("system_powerdown", "", line, sizeof line)) done++;
    }
}

int main(int argc, char **argv) {
    char line[4096];
    if (argc < 4) return 64;
    if (connect_to(argv[1])) return fputs("monitor: nobody answers\n", stderr), 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!fgets(line, sizeof line, from) || !ask("qmp_capabilities", "", line, sizeof line)) return 1;
    if (!strcmp(argv[2], "levels") && argc == 5) levels(argv[3], strtoul(argv[4], NULL, 0));
    if (!strcmp(argv[2], "press")) press(argv[3]);
    return 0;
}
