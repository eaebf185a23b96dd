#if defined(__aarch64__)
#include "depthwise.h"
#include "f32_clamp_neon.h"
#include "kernels.h"

/// Eight floats of the pixel at x.
static inline void load(const float *x, const k_lanes *l, float32x4_t out[2]) {
    float lane[K_LANES];
    const float *from = lane;
    if (l->contiguous)
        from = x + l->channel;
    else
        for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    out[0] = vld1q_f32(from);
    out[1] = vld1q_f32(from + 4);
}

/// float32 depthwise convolution with NEON, eight channels at a time: each lane in the reference's order.
void f32_depthwise_8_neon(const void *block) {
    const k_f32_convolution *b = block;
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
#endif
