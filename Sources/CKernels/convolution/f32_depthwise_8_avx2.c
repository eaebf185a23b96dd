#if defined(__x86_64__)
#include "depthwise.h"
#include "f32_clamp_avx2.h"
#include "f32_gemm.h"
#include "kernels.h"

/// 8 · `vectors` channels from the `c`th on, each of an input channel of its own, of `pixels` pixels.
K_AVX2 static inline __attribute__((always_inline)) void slice(const k_f32_tile *t, int32_t c, int pixels, int vectors) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->output_channels, row_step = k_row_step(s), row_taps = s->kernel_width * channels;
    const ptrdiff_t column_skip = k_column_step(s) - t->rows * row_step, column_taps = channels - t->rows * row_taps;
    const float *bias = t->panel + k_depthwise_weights(s) + c, *w = t->panel + t->first_tap + c, *x[4];
    __m256 acc[4][2];
    for (int r = 0; r < pixels; r++) {
        x[r] = t->inputs[r] + c;
        for (int v = 0; v < vectors; v++) acc[r][v] = _mm256_loadu_ps(bias + 8 * v);
    }
    ptrdiff_t at = 0;
    for (int32_t column = t->runs; column > 0; column--) {
#pragma clang loop unroll(disable)
        for (int32_t row = t->rows; row > 0; row--, at += row_step, w += row_taps)
            for (int v = 0; v < vectors; v++) {
                const __m256 b = _mm256_loadu_ps(w + 8 * v);
                for (int r = 0; r < pixels; r++)
                    acc[r][v] = _mm256_fmadd_ps(_mm256_loadu_ps(x[r] + at + 8 * v), b, acc[r][v]);
            }
        at += column_skip;
        w += column_taps;
    }
    for (int r = 0; r < pixels; r++)
        for (int v = 0; v < vectors; v++)
            k_clamp_store_avx2(acc[r][v], t->low, t->high, t->outputs[r] + c + 8 * v, 8);
}

/// Eight channels of four neighbouring pixels whose windows of 3×3 overlap: a column of the input is loaded once for
/// the up to three of them that it is in.
K_AVX2 static inline __attribute__((always_inline)) void slide(const k_f32_tile *t, int32_t c) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t channels = s->output_channels, row_step = k_row_step(s), column_step = k_column_step(s);
    const float *w = t->panel + c, *x = t->inputs[0] + c;
    __m256 acc[4], taps[3][3];
    for (int p = 0; p < 4; p++) acc[p] = _mm256_loadu_ps(w + k_depthwise_weights(s));
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++) taps[column][row] = _mm256_loadu_ps(w + (3 * row + column) * channels);
#pragma unroll
    for (int at = 0; at < 6; at++, x += column_step)
#pragma unroll
        for (int row = 0; row < 3; row++) {
            const __m256 a = _mm256_loadu_ps(x + row * row_step);
#pragma unroll
            for (int p = 0; p < 4; p++)
                if (at - p >= 0 && at - p < 3) acc[p] = _mm256_fmadd_ps(a, taps[at - p][row], acc[p]);
        }
    for (int p = 0; p < 4; p++) k_clamp_store_avx2(acc[p], t->low, t->high, t->outputs[p] + c, 8);
}

/// Whether the four pixels are neighbours, with whole windows of 3×3 that overlap.
static int slides(const k_f32_tile *t) {
    const ptrdiff_t step = k_column_step(t->shape);
    return t->rows == 3 && t->runs == 3 && t->shape->kernel_height == 3 && t->shape->kernel_width == 3 &&
           t->inputs[1] - t->inputs[0] == step && t->inputs[2] - t->inputs[1] == step && t->inputs[3] - t->inputs[2] == step;
}

K_AVX2 static inline __attribute__((always_inline)) void slices(const k_f32_tile *t, int pixels) {
    const int32_t channels = t->shape->output_channels;
    int32_t c = 0;
    if (pixels == 4 && slides(t)) {
        for (; c < channels; c += K_LANES) slide(t, k_min(c, channels - K_LANES));
        return;
    }
    for (; c + 16 <= channels; c += 16) slice(t, c, pixels, 2);
    // The last eight may overlap with those before: computing a channel twice gives the same bits.
    for (; c < channels; c += K_LANES) slice(t, c = k_min(c, channels - K_LANES), pixels, 1);
}
K_AVX2 static void four(const k_f32_tile *t) { slices(t, 4); }
K_AVX2 static void one(const k_f32_tile *t) { slices(t, 1); }

/// Eight floats of the pixel at x.
K_AVX2 static inline __m256 load(const float *x, const k_lanes *l) {
    float lane[K_LANES];
    for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    return _mm256_loadu_ps(lane);
}

/// Any number of output channels for an input channel: eight lanes that are gathered.
K_AVX2 static void gathered(const k_f32_convolution *b) {
    const k_convolution_shape *s = &b->shape;
    k_f32_plain p = k_f32_plain_view(k_depthwise_weights(s), b->weights);
    float *output = b->output;
    const ptrdiff_t step = k_row_step(s), row = (ptrdiff_t)s->kernel_width * s->output_channels;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++, output += s->output_channels) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c += K_LANES) {
            k_lanes l = k_lanes_at(s, c);
            __m256 acc = _mm256_loadu_ps(p.bias + l.channel);
            for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                ptrdiff_t first = pixel.rows.first, at = pixel.origin + kx * k_column_step(s) + first * step;
                ptrdiff_t tap = (first * s->kernel_width + kx) * s->output_channels + l.channel;
                for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++, at += step, tap += row) {
                    acc = _mm256_fmadd_ps(load(b->input + at, &l), _mm256_loadu_ps(p.weights + tap), acc);
                }
            }
            k_clamp_store_avx2(acc, b->output_min, b->output_max, output + l.channel, l.count);
        }
    }
}

/// float32 depthwise convolution with AVX2, 4 pixels by 16 or 8 channels: each lane in the reference's order.
void f32_depthwise_8_avx2(const void *block) {
    k_f32_convolution b = *(const k_f32_convolution *)block;
    const int32_t channels = b.shape.output_channels;
    if (channels != b.shape.input_channels || channels < K_LANES) return gathered(block);
    const k_f32_tiling tiling = {four, one, 4, channels, 4, NULL, 1};
    b.shape.groups = 1;
    k_f32_gemm(&b, &tiling);
}
#endif
