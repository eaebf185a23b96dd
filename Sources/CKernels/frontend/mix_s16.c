#include <string.h>

#include "k_resample.h"

void k_mix_mean_s16(const int16_t *in, int32_t frames, int32_t channels, int16_t *out) {
    if (channels == 1) {
        memmove(out, in, (size_t)frames * sizeof *in);
        return;
    }
    if (channels == 2) {
        for (int32_t i = 0; i < frames; i++) out[i] = (int16_t)((in[2 * i] + in[2 * i + 1] + 1) >> 1);
        return;
    }
    for (int32_t i = 0; i < frames; i++) {
        int32_t sum = 0;
        for (int32_t c = 0; c < channels; c++) sum += *in++;
        // Made positive before the division, which would round towards zero.
        const int32_t above = 2 * sum + channels + 65536 * channels;
        out[i] = (int16_t)(above / (2 * channels) - 32768);
    }
}

void k_mix_pick_s16(const int16_t *in, int32_t frames, int32_t channels, int32_t channel, int16_t *out) {
    if (channels == 1) memmove(out, in, (size_t)frames * sizeof *in);
    else
        for (int32_t i = 0; i < frames; i++) out[i] = in[(int64_t)i * channels + channel];
}
