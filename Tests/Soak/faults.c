// faults KATYDID MODEL SOUND COUNT SEED FOLDER : runs the daemon with a fake microphone that plays SOUND, a file with MODEL's word in it,
// and treats it badly COUNT times, in an order that SEED decides. After each fault it must live, hear the word within a bounded
// time, and have said little. At the end: descriptors, children and memory as they were. Results on standard output, one `FAULT COUNT
// SLOWEST-MS MOST-LINES` each, then `KEY VALUE` lines; on failure one line on standard error, and status 1.
//
// FOLDER takes what is needed, and keeps the daemon's log. The plugin, libpcm_filemic.so, stands in it already.
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// How fast the microphone is, ms that a busy machine may take over any of it, and lines that one fault may cost.
enum { SPEED = 8, PATIENCE = 15000, MOST_LINES = 8 };

static pid_t daemon_pid;
static volatile char *control;
static int events = -1, complaints = -1;
static long heard, complained, overruns_told;
// Where the daemon answers Wyoming, Prometheus and readers of events.
enum { SERVERS = 3 };
static struct sockaddr_in servers[SERVERS];
static uint64_t state;
static char current[64];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6; // ms
}

static void fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fprintf(stderr, "soak: FAILED: %s: ", current);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    if (daemon_pid > 0) kill(daemon_pid, SIGKILL);
    exit(1);
}

static uint32_t random_below(uint32_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % n;
}

static void put(const char *path, const void *bytes, size_t count) {
    char temporary[256];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, bytes, count) != (ssize_t)count || close(fd) || rename(temporary, path)) fail("%s: %s", path, strerror(errno));
}

static char *get(const char *path, size_t *count) {
    static char bytes[1 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
    if (n < 0) fail("%s: %s", path, strerror(errno));
    close(fd);
    bytes[*count = (size_t)n] = 0;
    return bytes;
}

// --- the daemon

// Ports that nobody has now.
static void choose_ports(void) {
    int fds[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        socklen_t size = sizeof servers[i];
        servers[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(fds[i], (struct sockaddr *)&servers[i], size) || getsockname(fds[i], (struct sockaddr *)&servers[i], &size)) fail("%s", strerror(errno));
    }
    for (int i = 0; i < SERVERS; i++) close(fds[i]);
}

static void configure(const char *rest) {
    char text[2048];
    int n = snprintf(text, sizeof text, "[audio]\ndevice = soak\nbuffer = 500ms\nwait = yes\nrecord = recordings\nrecord-files = 5\n"
        "[model word]\nfile = word.json\n[command bell]\non = word\nrun = sleep 0.05\n"
        "[wyoming]\nlisten = 127.0.0.1:%d\n[metrics]\nlisten = 127.0.0.1:%d\n[events]\nsocket = 127.0.0.1:%d\n%s",
        ntohs(servers[0].sin_port), ntohs(servers[1].sin_port), ntohs(servers[2].sin_port), rest);
    put("soak.conf", text, (size_t)n);
}

static int open_complaints(void) { return open("complaints", O_RDONLY | O_NONBLOCK | O_CLOEXEC); }

static void start(const char *katydid) {
    int out[2];
    if (pipe2(out, O_CLOEXEC) || (unlink("complaints"), mkfifo("complaints", 0600))) fail("%s", strerror(errno));
    complaints = open_complaints();
    daemon_pid = fork();
    if (daemon_pid == 0) {
        dup2(out[1], 1);
        dup2(open("complaints", O_WRONLY), 2);
        setenv("ALSA_CONFIG_PATH", "asound.conf", 1);
        execl(katydid, "katydid", "listen", "--config", "soak.conf", "--json", "--gpio", "GPIO17:pulse=20ms", "--gpio", "@error=GPIO22", "--gpio-trace", (char *)0);
        _exit(127);
    }
    close(out[1]);
    events = out[0];
    fcntl(events, F_SETFL, O_NONBLOCK);
}

// Counts what `fd` says: lines, and among events the detections, or complaints about overruns, which are not counted among the others:
// another program on this machine may cause one at any time. Keeps complaints in the log.
static void drain(int fd, long *count, const char *sought, long *found, FILE *log) {
    static char line[2][2048];
    static size_t have[2];
    char bytes[4096], *text = line[fd == events];
    size_t *n = &have[fd == events];
    for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < got; i++) {
            if (*n < sizeof line[0] - 1) text[(*n)++] = bytes[i];
            if (bytes[i] != '\n') continue;
            text[*n] = 0;
            *n = 0;
            (*count)++;
            if (found && strstr(text, sought)) (*found)++, *count -= fd != events;
            if (log) fprintf(log, "%s", text);
        }
}

static FILE *log_file;

// Looks at what the daemon says for so many ms, or until it has heard the word `more` times. Whether it has.
static int listen_for(double time, long more) {
    const double end = now() + time;
    const long wanted = heard + more;
    static long all;
    for (;;) {
        struct pollfd fds[] = {{events, POLLIN, 0}, {complaints, POLLIN, 0}};
        const double left = end - now();
        poll(fds, complaints < 0 ? 1 : 2, left < 0 ? 0 : left > 20 ? 20 : (int)left + 1);
        // A FIFO without a writer is always ready: that is a daemon that has ended.
        drain(events, &all, "\"detection\"", &heard, NULL);
        if (complaints >= 0) drain(complaints, &complained, ": overrun ", &overruns_told, log_file);
        int status;
        if (waitpid(daemon_pid, &status, WNOHANG) == daemon_pid) {
            daemon_pid = 0;
            fail("the daemon ended: exit code %d, signal %d", WEXITSTATUS(status), WTERMSIG(status));
        }
        if (more && heard >= wanted) return 1;
        if (left <= 0) return 0;
    }
}

static long open_files(void) {
    char path[64];
    long n = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", daemon_pid);
    DIR *folder = opendir(path);
    while (folder && readdir(folder)) n++;
    if (folder) closedir(folder);
    return n - 2;
}

static long memory(const char *key) {
    char path[64];
    size_t n;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", daemon_pid);
    char *at = strstr(get(path, &n), key);
    return at ? atol(at + strlen(key)) : -1;
}

static long children(void) {
    char path[64];
    size_t n;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", daemon_pid, daemon_pid);
    long count = 0;
    for (char *at = get(path, &n); *at; at++) count += *at == ' ';
    return count;
}

static double cpu(void) { // ms
    struct timespec t;
    clockid_t clock;
    clock_getcpuclockid(daemon_pid, &clock);
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

// --- faults

static double most_cpu; // share, while there is no sound

// For some time, from `least` to `most` ms, the microphone has a fault.
static void hold(char fault, uint32_t least, uint32_t most) {
    const double time = least + random_below(most - least), before = cpu(), began = now();
    *control = fault;
    listen_for(time, 0);
    const double share = (cpu() - before) / (now() - began);
    if (fault != 'h' && share > most_cpu) most_cpu = share;
    *control = 0;
}

static void overrun(void) { *control = 'o'; }
static void input_error(void) { *control = 'i'; }
static void suspend(void) { *control = 'p'; }
static void errors(void) { hold('e', 50, 1000); }
static void overruns(void) { hold('x', 50, 1000); }
static void unplug(void) { hold('u', 50, 1000); }
static void stall(void) { hold('s', 50, 2000); }
static void wake_ups(void) { hold('a', 50, 2000); }
static void short_reads(void) { hold('h', 50, 1000); }

static void busy(void) {
    hold('u', 50, 300);
    hold('b', 50, 500);
}

static void stopped(void) {
    kill(daemon_pid, SIGSTOP);
    usleep(1000 * (50 + random_below(500)));
    kill(daemon_pid, SIGCONT);
}

static void reload(void) { kill(daemon_pid, SIGHUP); }

static void reload_another(void) {
    static const char *const others[] = {
        "", "[output lamp]\nline = GPIO27\non = word\naction = toggle\n", "[realtime]\ncpu = 0\n", "[command two]\non = any\nrun = false\n",
    };
    configure(others[random_below(4)]);
    reload();
    listen_for(100, 0);
    configure("");
    reload();
}

static void reload_broken(void) {
    static const char *const broken[] = {"[output", "[audio]\nperiod = soon\n", "[output lamp]\nline = GPIO27\non = nobody\n", "[model w]\nfile = /nowhere\n"};
    configure(broken[random_below(4)]);
    reload();
    listen_for(100, 0);
    configure("");
}

static void another_device(void) {
    configure("[audio]\ndevice = nowhere\n");
    reload();
    listen_for(100 + random_below(500), 0);
    configure("");
    reload();
}

static void damaged_model(void) {
    size_t n;
    const char *whole = get("word.tflite", &n);
    char *copy = memcpy(malloc(n), whole, n), *damaged = memcpy(malloc(n), whole, n);
    for (int i = 0; i < 100; i++) damaged[random_below((uint32_t)n / 4)] ^= (char)(1 << random_below(8));
    put("word.tflite", damaged, random_below(2) ? n : random_below((uint32_t)n));
    reload();
    listen_for(100, 0);
    put("word.tflite", copy, n);
    reload();
    free(copy);
    free(damaged);
}

// Every file that comes next is one to which nothing can be written: ENOSPC.
static void full_disk(void) {
    char name[64];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "recordings/detection-%03d.part", i);
        unlink(name);
        (void)!symlink("/dev/full", name);
    }
    listen_for(PATIENCE, 1);
    listen_for(300, 0);
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "recordings/detection-%03d.part", i);
        struct stat status;
        if (lstat(name, &status) == 0 && S_ISLNK(status.st_mode)) unlink(name);
    }
}

static void small_files(void) {
    struct rlimit small = {20000, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    prlimit(daemon_pid, RLIMIT_FSIZE, &small, NULL);
    listen_for(PATIENCE, 1);
    listen_for(300, 0);
    prlimit(daemon_pid, RLIMIT_FSIZE, &none, NULL);
}

static void folder_vanished(void) {
    rename("recordings", "elsewhere");
    listen_for(PATIENCE, 1);
    listen_for(100, 0);
    rename("elsewhere", "recordings");
}

static void few_descriptors(void) {
    struct rlimit few = {3, RLIM_INFINITY}, before;
    prlimit(daemon_pid, RLIMIT_NOFILE, NULL, &before);
    few.rlim_max = before.rlim_max;
    prlimit(daemon_pid, RLIMIT_NOFILE, &few, NULL);
    *control = 'i';
    listen_for(50 + random_below(500), 0);
    prlimit(daemon_pid, RLIMIT_NOFILE, &before, NULL);
}

// Nobody reads what it complains about.
static void deaf_log(void) {
    close(complaints);
    complaints = -1;
    *control = 'i';
    listen_for(200, 0);
    complaints = open_complaints();
}

// Clients that come together, send anything, and leave in the middle of it. Some begin as they should.
static void socket_garbage(void) {
    static const char *const beginnings[] = {"", "{\"type\":\"describe\"}\n", "{\"type\":\"audio-chunk\",\"data_length\":2000000000}\n", "GET /metrics HTTP/1.1\r\n", "{"};
    enum { CLIENTS = MOST_LINES };
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        const struct sockaddr_in *server = &servers[random_below(SERVERS)];
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fds[i], (const struct sockaddr *)server, sizeof *server);
    }
    listen_for(50, 0);
    for (int i = 0; i < CLIENTS; i++) {
        char bytes[1 << 16];
        size_t count = random_below(sizeof bytes);
        for (size_t k = 0; k < count; k++) bytes[k] = (char)random_below(256);
        const char *beginning = beginnings[random_below(5)];
        if (count > 100) memcpy(bytes, beginning, strlen(beginning));
        send(fds[i], bytes, count, MSG_NOSIGNAL);
    }
    listen_for(50 + random_below(500), 0);
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
    listen_for(200, 0);
}

static struct fault {
    const char *name;
    void (*happens)(void);
    long count, most_lines;
    double slowest; // ms, until the word is heard
} faults[] = {
    {"overrun", overrun, 0, 0, 0}, {"EIO once", input_error, 0, 0, 0}, {"suspend", suspend, 0, 0, 0}, {"EIO for a time", errors, 0, 0, 0},
    {"overruns for a time", overruns, 0, 0, 0}, {"unplugged", unplug, 0, 0, 0}, {"unplugged, then busy", busy, 0, 0, 0},
    {"stall", stall, 0, 0, 0}, {"wake-ups without sound", wake_ups, 0, 0, 0}, {"short reads", short_reads, 0, 0, 0},
    {"SIGSTOP, SIGCONT", stopped, 0, 0, 0}, {"SIGHUP", reload, 0, 0, 0}, {"SIGHUP, another configuration", reload_another, 0, 0, 0},
    {"SIGHUP, broken configuration", reload_broken, 0, 0, 0}, {"SIGHUP, missing device", another_device, 0, 0, 0},
    {"damaged model", damaged_model, 0, 0, 0}, {"full disk", full_disk, 0, 0, 0}, {"limited file size", small_files, 0, 0, 0},
    {"folder of recordings vanished", folder_vanished, 0, 0, 0}, {"no descriptors left", few_descriptors, 0, 0, 0},
    {"standard error closed", deaf_log, 0, 0, 0}, {"socket garbage", socket_garbage, 0, 0, 0},
};
enum { KINDS = sizeof faults / sizeof *faults };

// What libasound itself leaves behind when a device is opened and closed: kB for so many times.
static long alsa_growth(int times) {
    long before = 0;
    setenv("ALSA_CONFIG_PATH", "asound.conf", 1);
    const pid_t daemon = daemon_pid;
    daemon_pid = getpid();
    for (int i = 0; i <= times; i++) {
        snd_pcm_t *pcm;
        if (i == times / 20) before = memory("Private_Dirty:");
        if (snd_pcm_open(&pcm, "soak", SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK) == 0) snd_pcm_close(pcm);
    }
    const long growth = memory("Private_Dirty:") - before;
    daemon_pid = daemon;
    return growth;
}

static void check_rest(long files) {
    // A recording may be under way, and the bell may ring.
    for (int tries = 0; open_files() > files + 1 || children() > 1; tries++) {
        if (tries == 50) fail("%ld descriptors are open instead of %ld, and %ld children left", open_files(), files, children());
        listen_for(100, 0);
    }
}

int main(int argc, char **argv) {
    if (argc != 7) return 64;
    const long count = atol(argv[4]);
    state = strtoull(argv[5], NULL, 0) * 2 + 1;
    char *katydid = realpath(argv[1], NULL), *model = realpath(argv[2], NULL), *sound = realpath(argv[3], NULL), text[8192];
    strcpy(current, "start");
    if (!katydid || !model || !sound || chdir(argv[6])) fail("%s", strerror(errno));

    size_t n;
    char tensors[4096];
    put("word.json", get(model, &n), n);
    snprintf(tensors, sizeof tensors, "%.*s.tflite", (int)strlen(model) - 5, model);
    const char *bytes = get(tensors, &n);
    put("word.tflite", bytes, n);
    // The manifest names its model by its own name.
    const char *name = strrchr(tensors, '/') + 1;
    unlink(name);
    if (symlink("word.tflite", name)) fail("%s: %s", name, strerror(errno));
    put("control", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    int fd = open("control", O_RDWR);
    control = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    put("asound.conf", text, (size_t)snprintf(text, sizeof text,
        "pcm_type.filemic { lib \"%s/libpcm_filemic.so\" }\npcm.soak { type filemic  file \"%s\"  loop 1  speed %d  control \"%s/control\" }\n",
        getcwd(NULL, 0), sound, SPEED, getcwd(NULL, 0)));
    mkdir("recordings", 0700);
    log_file = fopen("log", "w");
    choose_ports();
    configure("");
    start(katydid);
    if (!listen_for(PATIENCE, 2)) fail("nothing heard");

    const long files = open_files();
    const double began = now();
    long settled = 0, settled_rss = 0, first = count < 100 ? KINDS : 50;
    for (long i = 0; i < count; i++) {
        // Each at least once, and then as it comes.
        struct fault *fault = &faults[i < KINDS ? (uint32_t)i : random_below(KINDS)];
        snprintf(current, sizeof current, "fault %ld, %s", i + 1, fault->name);
        fprintf(log_file, "== %s\n", current);
        complained = overruns_told = 0;
        fault->happens();
        const double over = now();
        if (!listen_for(PATIENCE, 1)) fail("no word heard in %d ms", PATIENCE);
        // One may have been on its way already.
        if (!listen_for(PATIENCE, 1)) fail("no second word heard in %d ms", PATIENCE);
        if (now() - over > fault->slowest) fault->slowest = now() - over;
        if (complained > fault->most_lines) fault->most_lines = complained;
        if (complained > MOST_LINES || overruns_told > 3) fail("%ld lines of complaint, %ld about overruns", complained, overruns_told);
        fault->count++;
        if (i + 1 == first) {
            check_rest(files);
            settled = memory("Private_Dirty:");
            settled_rss = memory("Rss:");
        }
    }
    strcpy(current, "end");
    const double took = now() - began;
    check_rest(files);
    const long dirty = memory("Private_Dirty:"), rss = memory("Rss:"), own = alsa_growth(1000);
    kill(daemon_pid, SIGTERM);
    int status;
    if (waitpid(daemon_pid, &status, 0) != daemon_pid || status) fail("SIGTERM ended it with status %d", status);
    for (int i = 0; i < KINDS; i++) printf("%s|%ld|%.0f|%ld\n", faults[i].name, faults[i].count, faults[i].slowest, faults[i].most_lines);
    printf("seconds %.0f\nheard %ld\nfiles %ld\nfirst %ld\ndirty-then %ld\ndirty %ld\nrss-then %ld\nrss %ld\nalsa-growth %ld\nmost-cpu %.0f\n",
        took / 1e3, heard, files, first, settled, dirty, settled_rss, rss, own, 100 * most_cpu);
    if (dirty - settled > 64) {
        strcpy(current, "memory");
        daemon_pid = 0;
        fail("%ld kB private and dirty after %ld faults, %ld after %ld", settled, first, dirty, count);
    }
    return 0;
}
