#include "hybrid.h"

int k_hybrid_pointwise(const k_convolution_shape *s) {
    return s->kernel_height == 1 && s->kernel_width == 1 && s->stride_height == 1 && s->stride_width == 1 &&
           s->pad_top == 0 && s->pad_left == 0 && s->groups == 1 && s->output_height <= s->input_height &&
           s->output_width <= s->input_width;
}

k_convolution_shape k_hybrid_dense_image(const k_convolution_shape *s) {
    k_convolution_shape dense = *s;
    dense.batches = 1;
    dense.input_pixel_stride = s->input_channels;
    dense.input_row_stride = s->input_channels * s->input_width;
    return dense;
}

enum { LANES = 8 }; // independent, so that a compiler makes vectors of them; a minimum has no order

static void widen(const float *x, size_t n, float low[LANES], float high[LANES]) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++) {
            low[l] = x[i + l] < low[l] ? x[i + l] : low[l];
            high[l] = x[i + l] > high[l] ? x[i + l] : high[l];
        }
    for (; i < n; i++) {
        low[0] = x[i] < low[0] ? x[i] : low[0];
        high[0] = x[i] > high[0] ? x[i] : high[0];
    }
}

static int32_t round_half_even(float v) {
    // 1.5·2²³ leaves no fraction bits to a sum with |v| < 2²²: rounds as lrintf, but vectorises everywhere.
    float sum = v + 0x1.8p23f;
    int32_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return bits - 0x4b400000;
}

static void quantise(const float *x, size_t n, float scale, int32_t zero, int8_t *out) {
    const float low = (float)(-128 - zero), high = (float)(127 - zero);
    for (size_t i = 0; i < n; i++) {
        float v = x[i] * scale;
        v = v > low ? v : low;
        v = v < high ? v : high;
        out[i] = (int8_t)(round_half_even(v) + zero);
    }
}

k_quantization k_hybrid_quantise(const float *x, int32_t height, int32_t width, int32_t channels,
                                 ptrdiff_t row_stride, ptrdiff_t pixel_stride, int8_t *out) {
    // Pixels that lie side by side are one run of values.
    size_t runs = (size_t)width, length = (size_t)channels;
    if (pixel_stride == channels) {
        runs = 1;
        length = (size_t)width * (size_t)channels;
    }
    float low[LANES] = {0}, high[LANES] = {0};
    for (int32_t y = 0; y < height; y++)
        for (size_t r = 0; r < runs; r++) widen(x + (y * row_stride + (ptrdiff_t)r * pixel_stride), length, low, high);
    for (int l = 1; l < LANES; l++) {
        low[0] = low[l] < low[0] ? low[l] : low[0];
        high[0] = high[l] > high[0] ? high[l] : high[0];
    }

    float scale = low[0] == high[0] ? 1.0f : 255.0f / (high[0] - low[0]);
    float from_low = low[0] * scale, from_high = high[0] * scale;
    float zero = (-128.0f + from_low) + (127.0f + from_high) > 0 ? -128.0f - from_low : 127.0f - from_high;
    zero = zero > -128.0f ? zero : -128.0f;
    zero = zero < 127.0f ? zero : 127.0f;
    k_quantization q = {1.0f / scale, round_half_even(zero)};

    for (int32_t y = 0; y < height; y++)
        for (size_t r = 0; r < runs; r++, out += length)
            quantise(x + (y * row_stride + (ptrdiff_t)r * pixel_stride), length, scale, q.zero, out);
    return q;
}
