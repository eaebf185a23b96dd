// A microphone without a sound card: an external I/O plugin of libasound that plays a file of raw int16
// in real time, then silence. It runs late like a sound card: who doesn't read in time gets EPIPE.
//
//     pcm_type.filemic { lib ".../libpcm_filemic.so" }
//     pcm.mic { type filemic  file PATH  rate 48000  channels 2  speed 1.0  fail 0 }
//
// `rate` and `channels` are all that the device has. `speed` 10 plays ten times as fast, 0 never delivers
// anything: a device that stalls without an error. Opening fails with errno `fail` if that is not 0.

#define _GNU_SOURCE
#define PIC 1  // or the macros below register the plugin for a static libasound
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct microphone {
    snd_pcm_ioplug_t io;
    FILE *file;
    int timer;
    double speed;
    double started;              // s
    snd_pcm_uframes_t delivered; // since the start
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

static int start(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    mic->started = now();
    mic->delivered = 0;
    return mic->speed > 0 ? set_timer(mic, (double)io->period_size / (io->rate * mic->speed)) : 0;
}

static int stop(snd_pcm_ioplug_t *io) { return set_timer(io->private_data, 0); }

// Where the device writes next: whole periods, as an interrupt would announce them.
static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    if (io->state != SND_PCM_STATE_RUNNING) return 0;
    snd_pcm_uframes_t frames = (snd_pcm_uframes_t)((now() - mic->started) * io->rate * mic->speed);
    frames -= frames % io->period_size;
    if (frames - mic->delivered > io->buffer_size) return -EPIPE;
    return (snd_pcm_sframes_t)(frames % io->buffer_size);
}

static snd_pcm_sframes_t transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                  snd_pcm_uframes_t offset, snd_pcm_uframes_t frames) {
    struct microphone *mic = io->private_data;
    char *to = (char *)areas->addr + (areas->first + areas->step * offset) / 8;
    size_t frame = 2 * io->channels, have = fread(to, frame, frames, mic->file);
    memset(to + have * frame, 0, (frames - have) * frame);
    mic->delivered += frames;
    return (snd_pcm_sframes_t)frames;
}

static int poll_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *events) {
    struct microphone *mic = io->private_data;
    uint64_t ticks;
    (void)count;
    if (fds->revents & POLLIN && read(mic->timer, &ticks, sizeof ticks) < 0) fds->revents &= ~POLLIN;
    *events = (unsigned short)fds->revents;
    return 0;
}

static int close_microphone(snd_pcm_ioplug_t *io) {
    struct microphone *mic = io->private_data;
    close(mic->timer);
    fclose(mic->file);
    free(mic);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = start, .stop = stop, .pointer = pointer, .transfer = transfer,
    .poll_revents = poll_revents, .close = close_microphone,
};

static int offer(struct microphone *mic, unsigned rate, unsigned channels) {
    static const unsigned access = SND_PCM_ACCESS_RW_INTERLEAVED, format = SND_PCM_FORMAT_S16_LE;
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
    const char *path = NULL;
    long rate = 16000, channels = 1, fail = 0;
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
        if (!strcmp(id, "fail")) snd_config_get_integer(node, &fail);
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
    if ((code = offer(mic, (unsigned)rate, (unsigned)channels)) < 0) {
        snd_pcm_ioplug_delete(&mic->io);
        return code;
    }
    *pcmp = mic->io.pcm;
    return 0;
}

SND_PCM_PLUGIN_SYMBOL(filemic);
