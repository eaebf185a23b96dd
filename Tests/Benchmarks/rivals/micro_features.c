/* micro_features LIBRARY RUNS BATCH WARMUP : measures 10 ms of sound in pymicro-features' micro front-end, with the noise
   and in the steps of `katydid bench --frontend`. LIBRARY is its Python extension, whose C functions stand for themselves;
   structs follow tensorflow/lite/experimental/microfrontend/lib, settings are those of pymicro-features. */
#include "measure.h"

struct config {
    struct { size_t size_ms, step_size_ms; } window;
    struct { int num_channels; float upper_band_limit, lower_band_limit; int output_scale_shift; } filterbank;
    struct { int smoothing_bits; float even_smoothing, odd_smoothing, min_signal_remaining; } noise_reduction;
    struct { int enable_pcan; float strength, offset; int gain_bits; } pcan_gain_control;
    struct { int enable_log, scale_shift; } log_scale;
};
struct output { const uint16_t *values; size_t size; };

/* The extension's only data from Python; its functions are bound when called, and none that we call needs Python. */
void *PyExc_ValueError;
char _Py_NoneStruct[64];

enum { RATE = 16000, STEP = RATE / 100, STATE_BYTES = 4096 };
static struct output (*process)(void *, const int16_t *, size_t, size_t *);
static int16_t sound[RATE];
static unsigned checksum;

static void work(void *state) {
    static size_t position;
    size_t read = 0;
    for (size_t taken = 0; taken < STEP; taken += read) {
        struct output output = process(state, sound + position + taken, STEP - taken, &read);
        if (output.size) checksum = checksum * 31 + output.values[0];
    }
    position = position + STEP == RATE ? 0 : position + STEP;
}

int main(int argc, char **argv) {
    if (argc != 5) DIE("usage: micro_features LIBRARY RUNS BATCH WARMUP");
    void *library = open_library(argv[1]);
    int (*populate)(const struct config *, void *, int) = symbol(library, "FrontendPopulateState");
    process = symbol(library, "FrontendProcessSamples");

    struct config config = {
        .window = {30, 10},
        .filterbank = {40, 7500, 125, 7},
        .noise_reduction = {10, 0.025f, 0.06f, 0.05f},
        .pcan_gain_control = {1, 0.95f, 80, 21},
        .log_scale = {1, 6},
    };
    void *state = calloc(1, STATE_BYTES); /* more than struct FrontendState takes */
    if (!populate(&config, state, RATE)) DIE("micro_features: refuses its configuration");
    fill(sound, sizeof sound, 0);
    for (int i = 0; i < RATE; i++) sound[i] >>= 3;
    measure(parse_options(argv + 2), "C", work, state);
    fprintf(stderr, "checksum %08x\n", checksum);
}
