#if defined(__aarch64__)
#include "depthwise.h"
#include "f32_clamp_neon.h"
#include "f32_gemm.h"
#include "kernels.h"
#include "../small.h"

/// 4 · `vectors` channels from the `c`th on, each of an input channel of its own, of `pixels` pixels.
static inline __attribute__((always_inline)) void slice(const k_f32_tile *t, int32_t c, int pixels, int vectors) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->output_channels, row_step = k_row_step(s), row_taps = s->kernel_width * channels;
    const ptrdiff_t column_skip = k_column_step(s) - t->rows * row_step, column_taps = channels - t->rows * row_taps;
    const float *bias = t->panel + k_depthwise_weights(s) + c, *w = t->panel + t->first_tap + c, *x[4];
    float32x4_t acc[4][4];
    for (int v = 0; v < vectors; v++) acc[0][v] = vld1q_f32(bias + 4 * v);
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r] + c;
        for (int v = 0; v < vectors; v++) acc[r][v] = acc[0][v];
    }
    for (uint32_t column = (uint32_t)t->runs; column != 0; column--) {
        uint32_t row = (uint32_t)t->rows;
#pragma clang loop unroll(disable)
        do {
            float32x4_t b[4];
            for (int v = 0; v < vectors; v++) b[v] = vld1q_f32(w + 4 * v);
            for (int r = 0; r < pixels; r++) {
                for (int v = 0; v < vectors; v++) acc[r][v] = vfmaq_f32(acc[r][v], vld1q_f32(x[r] + 4 * v), b[v]);
                x[r] += row_step;
                __asm__("" : "+r"(x[r])); // or LLVM adds a common offset to each pointer, once more
            }
            w += row_taps;
        } while (--row != 0);
        for (int r = 0; r < pixels; r++) x[r] += column_skip;
        w += column_taps;
    }
    const float32x4_t low = vdupq_n_f32(t->low), high = vdupq_n_f32(t->high);
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < vectors; v++)
            vst1q_f32(t->outputs[r] + c + 4 * v, k_ceiling_neon(k_floor_neon(acc[r][v], low), high));
}

static inline __attribute__((always_inline)) void slices(const k_f32_tile *t, int pixels) {
    const int32_t channels = t->shape->output_channels;
    int32_t c = 0;
    for (; c + 16 <= channels; c += 16) slice(t, c, pixels, 4);
    // The last eight may overlap with those before: computing a channel twice gives the same bits.
    for (; c < channels; c += K_LANES) slice(t, c = k_min(c, channels - K_LANES), pixels, 2);
}
static void four(const k_f32_tile *t) { slices(t, 4); }
static void one(const k_f32_tile *t) { slices(t, 1); }

K_SMALL_BEGIN

/// Eight floats of the pixel at x.
static inline void load(const float *x, const k_lanes *l, float32x4_t out[2]) {
    float lane[K_LANES];
    for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    out[0] = vld1q_f32(lane);
    out[1] = vld1q_f32(lane + 4);
}

/// Any number of output channels for an input channel: eight lanes that are gathered.
static void gathered(const k_f32_convolution *b) {
    const k_convolution_shape *s = &b->shape;
    k_f32_plain p = k_f32_plain_view(k_depthwise_weights(s), b->weights);
    float *output = b->output;
    const ptrdiff_t step = k_row_step(s), row = (ptrdiff_t)s->kernel_width * s->output_channels;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++, output += s->output_channels) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c += K_LANES) {
            k_lanes l = k_lanes_at(s, c);
            float32x4_t acc[2] = {vld1q_f32(p.bias + l.channel), vld1q_f32(p.bias + l.channel + 4)};
            for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                ptrdiff_t first = pixel.rows.first, at = pixel.origin + kx * k_column_step(s) + first * step;
                ptrdiff_t tap = (first * s->kernel_width + kx) * s->output_channels + l.channel;
                for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++, at += step, tap += row) {
                    float32x4_t x[2];
                    load(b->input + at, &l, x);
                    acc[0] = vfmaq_f32(acc[0], x[0], vld1q_f32(p.weights + tap));
                    acc[1] = vfmaq_f32(acc[1], x[1], vld1q_f32(p.weights + tap + 4));
                }
            }
            k_clamp_store_neon(acc, b->output_min, b->output_max, output + l.channel, l.count);
        }
    }
}

K_SMALL_END

/// float32 depthwise convolution with NEON, 4 pixels by 16 or 8 channels: each lane in the reference's order.
void f32_depthwise_8_neon(const void *block) {
    k_f32_convolution b = *(const k_f32_convolution *)block;
    const int32_t channels = b.shape.output_channels;
    if (channels != b.shape.input_channels || channels < K_LANES) return gathered(block);
    const k_f32_tiling tiling = {four, one, 4, channels, 4, NULL, 1};
    b.shape.groups = 1;
    const uint64_t mode = k_quiet_nans_begin();
    k_f32_gemm(&b, &tiling);
    k_quiet_nans_end(mode);
}
#endif
