#if defined(__x86_64__)
#include "depthwise.h"
#include "f32_clamp_avx2.h"
#include "kernels.h"

/// Eight floats of the pixel at x.
K_AVX2 static inline __m256 load(const float *x, const k_lanes *l) {
    if (l->contiguous) return _mm256_loadu_ps(x + l->channel);
    float lane[K_LANES];
    for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    return _mm256_loadu_ps(lane);
}

/// float32 depthwise convolution with AVX2, eight channels at a time: each lane in the reference's order.
K_AVX2 void f32_depthwise_8_avx2(const void *block) {
    const k_f32_convolution *b = block;
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
#endif
