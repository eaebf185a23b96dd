#if defined(__aarch64__)
#include "depthwise.h"
#include "kernels.h"
#include "s8_requantise_neon.h"
#include "../small.h"

// What nothing else takes: few channels and pixels, several filters a channel.
K_SMALL_BEGIN

/// Eight int8 of the pixel at x.
static inline int8x8_t load(const int8_t *x, const k_lanes *l) {
    if (l->contiguous) return vld1_s8(x + l->channel);
    int8_t lane[K_LANES];
    for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    return vld1_s8(lane);
}

/// int8 depthwise convolution with NEON, eight channels at a time.
void s8_depthwise_8_neon(const void *block) {
    const k_s8_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    k_s8_plain p = k_s8_plain_view(k_depthwise_weights(s), s->output_channels, b->weights);
    const float low = (float)(b->output_min - b->output_zero), high = (float)(b->output_max - b->output_zero);
    const int8x8_t zero = vdup_n_s8((int8_t)b->input_zero);
    int8_t *output = b->output;
    const ptrdiff_t step = k_column_step(s);
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++, output += s->output_channels) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c += K_LANES) {
            k_lanes l = k_lanes_at(s, c);
            int32x4_t acc[2] = {vld1q_s32(p.bias + l.channel), vld1q_s32(p.bias + l.channel + 4)};
            for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++) {
                ptrdiff_t first = pixel.columns.first, at = pixel.origin + ky * k_row_step(s) + first * step;
                ptrdiff_t tap = (ky * s->kernel_width + first) * s->output_channels + l.channel;
                for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++, at += step, tap += s->output_channels) {
                    int16x8_t w = vmovl_s8(vld1_s8(p.weights + tap));
                    int16x8_t x = vsubl_s8(load(b->input + at, &l), zero);
                    acc[0] = vmlal_s16(acc[0], vget_low_s16(x), vget_low_s16(w));
                    acc[1] = vmlal_high_s16(acc[1], x, w);
                }
            }
            k_requantise_store_neon(acc, p.scale + l.channel, low, high, b->output_zero, output + l.channel, l.count);
        }
    }
}

K_SMALL_END
#endif
