#include <stdlib.h>

#include "s8_gemv.h"
#include "../small.h"

K_SMALL_BEGIN

static int is_gemv(const k_convolution_shape *s) {
    return k_pixels(s) == 1 && s->groups == 1 && !k_s8_gathers(s) && k_filter_size(s) < 1 << 23;
}

static size_t units(size_t depth, size_t unit) { return (depth + unit - 1) / unit; }

/// Groups of eight taps that a panel multiplies one after the other; one more may end with the taps.
static size_t whole_groups(size_t depth) { return depth < K_GEMV_UNIT ? units(depth, K_GROUP) : depth / K_GROUP; }

static size_t gemv_bytes(const k_convolution_shape *s) {
    const size_t depth = k_filter_size(s), panels = (size_t)k_gemv_panels(s->output_channels);
    const size_t header = K_PANEL * (sizeof(int32_t) + sizeof(float)), filters = (size_t)s->output_channels;
    const size_t rows = filters > panels * K_PANEL ? filters - panels * K_PANEL : 0;
    return panels * (header + units(depth, K_GROUP) * K_GROUP * K_PANEL + k_gemv_run_bytes(whole_groups(depth))) +
           (rows ? header + rows * units(depth, K_GEMV_UNIT) * K_GEMV_UNIT : 0);
}

/// The weight at place `at` of a filter that is packed in whole units.
static int8_t weight_at(const int8_t *filter, size_t depth, size_t at, size_t unit) {
    const size_t whole = depth < K_GEMV_UNIT ? depth : depth / unit * unit;
    if (at >= whole) {
        at += depth - unit - whole;
        if (depth < K_GEMV_UNIT || at < whole) return 0;
    }
    return filter[at];
}

/// Runs of groups of a panel packed with a step of 2, for s8_gemv_16_neon: four sums of each filter are held in int16 from
/// the first to the last, every other product of the lower and of the upper half of each group.
static void pack_runs(const int8_t *w, size_t groups, uint8_t *runs) {
    int32_t sums[K_PANEL][4], next[K_PANEL][4];
    size_t count = 0;
    for (size_t g = 0; g < groups; g++) {
        int fits = count > 0 && runs[count - 1] < UINT8_MAX;
        for (size_t i = 0; i < K_PANEL; i++)
            for (size_t k = 0; k < 4; k++) {
                const int8_t *tap = w + ((4 * g + k / 2 * 2) * K_PANEL + i) * 2 + k % 2;
                next[i][k] = abs(tap[0]) + abs(tap[2 * K_PANEL]);
                // Σ|w| ≤ 255: no sum reaches 128 · 256.
                fits = fits && sums[i][k] + next[i][k] <= 255;
            }
        for (size_t i = 0; i < K_PANEL; i++)
            for (size_t k = 0; k < 4; k++) sums[i][k] = next[i][k] + (fits ? sums[i][k] : 0);
        if (fits)
            runs[count - 1]++;
        else
            runs[count++] = 1;
    }
    // A run takes 10 instructions and 21 for each group; without any there are 28 for each.
    runs[10 * count < 7 * groups ? count : 0] = 0;
}

/// Filters c …< c + n as a panel of sixteen (`unit` 8, `step` taps side by side), or one by one (`unit` = `step` = 16).
static uint8_t *pack_filters(const int8_t *weights, size_t depth, size_t c, size_t n, const int32_t *bias,
                             const float *scale, int32_t fold, size_t unit, size_t step, uint8_t *out) {
    int32_t *biases = (int32_t *)out;
    float *scales = (float *)(biases + K_PANEL);
    int8_t *w = (int8_t *)(scales + K_PANEL);
    const size_t length = units(depth, unit) * unit;
    for (size_t i = 0; i < n; i++) {
        const int8_t *filter = weights + (c + i) * depth;
        int32_t sum = 0;
        for (size_t k = 0; k < depth; k++) sum = k_add(sum, filter[k]);
        for (size_t k = 0; k < length; k++) {
            const size_t at = unit == K_GROUP ? (k / step * K_PANEL + i) * step + k % step : i * length + k;
            w[at] = weight_at(filter, depth, k, unit);
        }
        biases[i] = k_sub(bias ? bias[c + i] : 0, k_mul(fold, sum));
        scales[i] = scale[c + i];
    }
    uint8_t *end = (uint8_t *)w + n * length;
    if (step != 2) return end;
    pack_runs(w, whole_groups(depth), end);
    return end + k_gemv_run_bytes(whole_groups(depth));
}

/// Whether a scaled accumulator fits int16, and where that is asked, a sum of two products: no weight is −128 then.
static int is_proved(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                     int narrow) {
    const size_t depth = k_filter_size(s);
    for (int32_t c = 0; c < s->output_channels; c++) {
        int32_t magnitude = 0;
        for (size_t k = 0; k < depth; k++, weights++) {
            if (narrow && *weights == -128) return 0;
            magnitude += abs(*weights);
        }
        if (!k_s8_fits_int16(bias ? bias[c] : 0, magnitude, scale[c])) return 0;
    }
    return 1;
}

size_t k_s8_gemv_packed_bytes(const k_convolution_shape *s) {
    return is_gemv(s) ? K_PANEL_HEADER + gemv_bytes(s) : 0;
}

int k_s8_gemv_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                   int32_t fold, size_t step, int narrow, void *packed) {
    if (!is_gemv(s) || !is_proved(s, weights, bias, scale, narrow)) return 0;
    memset(packed, 0, k_s8_gemv_packed_bytes(s));
    uint8_t *out = (uint8_t *)packed + K_PANEL_HEADER;
    const size_t depth = k_filter_size(s), filters = (size_t)s->output_channels;
    const size_t panels = (size_t)k_gemv_panels(s->output_channels);
    *(k_s8_gemv_header *)packed = (k_s8_gemv_header){K_GEMV, (int32_t)depth, s->output_channels};
    for (size_t i = 0; i < panels; i++) {
        const size_t c = (i + 1) * K_PANEL <= filters ? i * K_PANEL : filters - K_PANEL;
        out = pack_filters(weights, depth, c, K_PANEL, bias, scale, fold, K_GROUP, step, out);
    }
    if (filters > panels * K_PANEL)
        pack_filters(weights, depth, panels * K_PANEL, filters - panels * K_PANEL, bias, scale, fold, K_GEMV_UNIT,
                     K_GEMV_UNIT, out);
    return 1;
}

#if defined(__x86_64__)
size_t k_s8_gemv_avx2_packed_bytes(const k_convolution_shape *s) {
    const size_t bytes = k_s8_gemv_packed_bytes(s), others = K_PANEL_HEADER + k_s8_gemm_c2_packed_bytes(s);
    return bytes > others ? bytes : others;
}
void k_s8_gemv_avx2_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed) {
    if (k_s8_gemv_pack(s, weights, bias, scale, input_zero, 4, 1, packed)) return;
    memset(packed, 0, k_s8_gemv_avx2_packed_bytes(s));
    k_s8_gemm_c2_pack(s, weights, bias, scale, input_zero, (uint8_t *)packed + K_PANEL_HEADER);
}
#endif

K_SMALL_END
