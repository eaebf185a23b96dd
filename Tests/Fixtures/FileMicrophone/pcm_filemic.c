// A microphone without a sound card: an external I/O plugin of libasound that plays a file of raw int16
// in real time, then silence. It runs late like a sound card: who doesn't read in time gets EPIPE.
//
//     pcm_type.filemic { lib ".../libpcm_filemic.so" }
//     pcm.mic { type filemic  file PATH  rate 48000  channels 2  format S32_LE  speed 1.0  loop 0  fail 0  control PATH }
//
// `rate`, `channels` and `format` are all that the device has. `speed` 10 plays ten times as fast, 0 never delivers
// anything: a device that stalls without an error. With `loop` 1 the file begins anew at its end. Opening fails with
// errno `fail` if that is not 0. With `pace` 0 time is the reader's: each wake-up brings a period, at once, for as long as
// there is room, so that a day is heard in minutes without an overrun; `speed` says nothing then.
//
// The first byte of the file `control` makes things go wrong while it runs: `o` an overrun, `i` EIO, `p` a suspend, once each (the
// byte is then 0 again); for as long as the byte stays `u` unplugged (ENODEV, also when opened), `b` busy when opened, `s` stalls,
// `a` a wake-up without sound every time, `e` EIO and `x` an overrun instead of any sound, `h` short reads: what has come
// by now or a little less, not whole periods. Where the file is 16 bytes long, the last eight count the frames that were delivered since it was made.

#define _GNU_SOURCE
#define PIC 1  // or the macros below register the plugin for a static libasound
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct microphone {
    snd_pcm_ioplug_t io;
    FILE *file;
    int timer;
    long loop, pace;
    volatile char *control; // NULL: nothing goes wrong
    volatile uint64_t *count; // of frames, in the control file; NULL: it has no room
    double speed;
    double started;              // s
    snd_pcm_uframes_t delivered; // since the start
    snd_pcm_uframes_t reached;   // by the device when last asked
};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int set_timer(struct microphone *mic, double seconds) {
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    struct itimerspec every = {t, t};
    return timerfd_settime(mic->timer, 0, &every, NULL) ? -errno : 0;
}

static void map_control(struct microphone *mic, const char *path) {
    struct stat status = {0};
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *p = fd < 0 ? MAP_FAILED : mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) mic->control = p;
    if (p != MAP_FAILED && fstat(fd, &status) == 0 && status.st_size >= 16) mic->count = (volatile uint64_t *)p + 1;
    if (fd >= 0) close(fd);
}

// Whether `fault` is to happen now; those that happen once are over then.
static int now_comes(struct microphone *mic, char fault, int once) {
    if (!mic->control || *mic->control != fault) return 0;
    if (once) *mic->control = 0;
    return 1;
}

static int start(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    mic->started = now();
    mic->delivered = mic->reached = 0;
    // Waits for its reader: there is always something.
    if (!mic->pace) return set_timer(mic, 1e-6);
    return mic->speed > 0 ? set_timer(mic, (double)io->period_size / (io->rate * mic->speed)) : 0;
}

static int stop(snd_pcm_ioplug_t *io) { return set_timer(io->private_data, 0); }

// Where the device writes next: whole periods, as an interrupt would announce them.
static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    if (io->state != SND_PCM_STATE_RUNNING) return 0;
    if (now_comes(mic, 'o', 1) || now_comes(mic, 'x', 0)) return -EPIPE;
    if (now_comes(mic, 's', 0) || now_comes(mic, 'a', 0)) return (snd_pcm_sframes_t)(mic->reached % io->buffer_size);
    snd_pcm_uframes_t frames = mic->reached;
    if (mic->pace) frames = (snd_pcm_uframes_t)((now() - mic->started) * io->rate * mic->speed);
    if (now_comes(mic, 'h', 0)) {
        snd_pcm_uframes_t less = (snd_pcm_uframes_t)rand() % io->period_size;
        frames = frames > mic->reached + less ? frames - less : mic->reached;
    } else {
        frames -= frames % io->period_size;
        if (frames < mic->reached) frames = mic->reached; // after short reads
    }
    if (frames - mic->delivered > io->buffer_size) return -EPIPE;
    mic->reached = frames;
    return (snd_pcm_sframes_t)(frames % io->buffer_size);
}

// int16 at `from` as `format` at `to`; backwards, as both may be the same memory.
static void widen(snd_pcm_format_t format, const int16_t *from, char *to, size_t samples) {
    for (size_t i = samples; i-- > 0;) {
        int32_t wide = (int32_t)((uint32_t)(uint16_t)from[i] << 16);
        float real = (float)from[i] / 32768;
        if (format == SND_PCM_FORMAT_S32_LE) memcpy(to + 4 * i, &wide, 4);
        if (format == SND_PCM_FORMAT_FLOAT_LE) memcpy(to + 4 * i, &real, 4);
        if (format == SND_PCM_FORMAT_S24_3LE) wide >>= 8, memcpy(to + 3 * i, &wide, 3);
        if (format == SND_PCM_FORMAT_S24_LE) wide >>= 8, memcpy(to + 4 * i, &wide, 4);
    }
}

static snd_pcm_sframes_t transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                  snd_pcm_uframes_t offset, snd_pcm_uframes_t frames) {
    struct microphone *mic = io->private_data;
    // libasound takes any other error of pointer() for an overrun.
    if (now_comes(mic, 'u', 0)) return -ENODEV;
    if (now_comes(mic, 'i', 1) || now_comes(mic, 'e', 0)) return -EIO;
    if (now_comes(mic, 'p', 1)) return -ESTRPIPE;
    char *to = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
    size_t frame = 2 * io->channels, have = fread(to, frame, frames, mic->file);
    if (have < frames && mic->loop && fseek(mic->file, 0, SEEK_SET) == 0)
        have += fread(to + have * frame, frame, frames - have, mic->file);
    memset(to + have * frame, 0, (frames - have) * frame);
    widen(io->format, (const int16_t *)(const void *)to, to, frames * io->channels);
    mic->delivered += frames;
    if (mic->count) *mic->count += frames;
    return (snd_pcm_sframes_t)frames;
}

static int poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *events) {
    struct microphone *mic = io->private_data;
    uint64_t ticks;
    (void)count;
    // The wake-ups without sound: who polls again at once, polls for ever.
    if (mic->control && *mic->control == 'a') return *events = POLLIN, 0;
    if (!mic->pace) {
        const int has_room = mic->reached + io->period_size <= mic->delivered + io->buffer_size;
        if (!now_comes(mic, 's', 0) && has_room) mic->reached += io->period_size;
    } else if (fds->revents & POLLIN && read(mic->timer, &ticks, sizeof ticks) < 0) fds->revents &= ~POLLIN;
    *events = (unsigned short)fds->revents;
    return 0;
}

static int close_microphone(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    close(mic->timer);
    fclose(mic->file);
    if (mic->control) munmap((void *)mic->control, 16);
    free(mic);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = start, .stop = stop, .pointer = pointer, .transfer = transfer,
    .poll_revents = poll_revents, .close = close_microphone,
};

static int offer(struct microphone *mic, unsigned rate, unsigned channels, unsigned format) {
    static const unsigned access = SND_PCM_ACCESS_RW_INTERLEAVED;
    snd_pcm_ioplug_t *io = &mic->io;
    int code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, &access);
    if (code >= 0) code = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, &format);
    if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, channels, channels);
    if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, rate, rate);
    if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64, 1 << 16);
    if (code >= 0) code = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64);
    return code;
}

SND_PCM_PLUGIN_DEFINE_FUNC(filemic) {
    const char *path = NULL, *control = NULL, *format = "S16_LE";
    long rate = 16000, channels = 1, loop = 0, fail = 0, pace = 1;
    double speed = 1;
    snd_config_iterator_t i, next;
    (void)root;
    snd_config_for_each(i, next, conf) {
        snd_config_t *node = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(node, &id) < 0) continue;
        if (!strcmp(id, "file")) snd_config_get_string(node, &path);
        if (!strcmp(id, "rate")) snd_config_get_integer(node, &rate);
        if (!strcmp(id, "channels")) snd_config_get_integer(node, &channels);
        if (!strcmp(id, "control")) snd_config_get_string(node, &control);
        if (!strcmp(id, "format")) snd_config_get_string(node, &format);
        if (!strcmp(id, "loop")) snd_config_get_integer(node, &loop);
        if (!strcmp(id, "fail")) snd_config_get_integer(node, &fail);
        if (!strcmp(id, "pace")) snd_config_get_integer(node, &pace);
        if (!strcmp(id, "speed")) snd_config_get_ireal(node, &speed);
    }
    if (fail) return -(int)fail;
    if (stream != SND_PCM_STREAM_CAPTURE || !path) return -EINVAL;

    struct microphone *mic = calloc(1, sizeof *mic);
    if (!mic) return -ENOMEM;
    if (!(mic->file = fopen(path, "rb"))) {
        free(mic);
        return -ENOENT;
    }
    mic->speed = speed;
    mic->loop = loop;
    mic->pace = pace;
    map_control(mic, control);
    const char now = mic->control ? *mic->control : 0;
    if (now == 'u' || now == 'b') {
        fclose(mic->file);
        munmap((void *)mic->control, 16);
        free(mic);
        return now == 'u' ? -ENODEV : -EBUSY;
    }
    mic->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    mic->io = (snd_pcm_ioplug_t){
        .version = SND_PCM_IOPLUG_VERSION, .name = "file microphone", .callback = &callbacks,
        .private_data = mic, .poll_fd = mic->timer, .poll_events = POLLIN,
    };
    int code = snd_pcm_ioplug_create(&mic->io, name, stream, mode);
    if (code < 0) {
        close_microphone(&mic->io);
        return code;
    }
    if ((code = offer(mic, (unsigned)rate, (unsigned)channels, (unsigned)snd_pcm_format_value(format))) < 0) {
        snd_pcm_ioplug_delete(&mic->io);
        return code;
    }
    *pcmp = mic->io.pcm;
    return 0;
}

SND_PCM_PLUGIN_SYMBOL(filemic);
