#include "c_training.h"
#include <math.h>

static inline float near(float x) { return rintf(x); }

T_CLONES void t_fake_quantise_rows(size_t channels, size_t per_channel, int32_t bits, const float *w, float *q) {
    float most = (float)((1 << (bits - 1)) - 1);
    for (size_t k = 0; k < channels; k++, w += per_channel, q += per_channel) {
        float top = 0;
        for (size_t i = 0; i < per_channel; i++) top = fabsf(w[i]) > top ? fabsf(w[i]) : top;
        float scale = top / most;
        for (size_t i = 0; i < per_channel; i++) q[i] = scale > 0 ? near(w[i] / scale) * scale : 0;
    }
}

T_CLONES void t_fake_quantise_columns(size_t rows, size_t channels, int32_t bits, const float *w, float *q, float *scales) {
    float most = (float)((1 << (bits - 1)) - 1);
    for (size_t c = 0; c < channels; c++) scales[c] = 0;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++) {
            float v = fabsf(w[r * channels + c]);
            scales[c] = v > scales[c] ? v : scales[c];
        }
    for (size_t c = 0; c < channels; c++) scales[c] /= most;
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < channels; c++) {
            size_t i = r * channels + c;
            q[i] = scales[c] > 0 ? near(w[i] / scales[c]) * scales[c] : 0;
        }
}

T_CLONES void t_fake_quantise(size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, float *y) {
    float least = (float)(low - zero), most = (float)(high - zero), inverse = 1 / scale;
    for (size_t i = 0; i < count; i++) {
        float v = near(x[i] * inverse);
        v = v < least ? least : v;
        v = v > most ? most : v;
        y[i] = v * scale;
    }
}

T_CLONES void t_fake_quantise_gradient(
    size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, float *slope) {
    float least = ((float)(low - zero) - 0.5f) * scale, most = ((float)(high - zero) + 0.5f) * scale;
    for (size_t i = 0; i < count; i++) slope[i] = x[i] < least || x[i] > most ? 0 : slope[i];
}

T_CLONES void t_fake_quantise_clipped(
    size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, const float *dy, double *below, double *above) {
    float least = ((float)(low - zero) - 0.5f) * scale, most = ((float)(high - zero) + 0.5f) * scale;
    double under = 0, over = 0;
    for (size_t i = 0; i < count; i++) {
        under += x[i] < least ? dy[i] : 0;
        over += x[i] > most ? dy[i] : 0;
    }
    *below = under;
    *above = over;
}

T_CLONES void t_range(size_t count, const float *x, float *low, float *high) {
    // Many at once, or each comparison waits for the one before.
    enum { LANES = 32 };
    float least[LANES], most[LANES];
    for (int k = 0; k < LANES; k++) least[k] = *low, most[k] = *high;
    for (size_t i = 0; i < count; i += LANES) {
        size_t wide = count - i < LANES ? count - i : LANES;
        for (size_t k = 0; k < wide; k++) {
            least[k] = x[i + k] < least[k] ? x[i + k] : least[k];
            most[k] = x[i + k] > most[k] ? x[i + k] : most[k];
        }
    }
    for (int k = 0; k < LANES; k++) {
        *low = least[k] < *low ? least[k] : *low;
        *high = most[k] > *high ? most[k] : *high;
    }
}
