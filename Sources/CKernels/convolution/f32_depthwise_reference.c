#include "kernels.h"
#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

/// float32 depthwise convolution, by its definition:
///   acc = bias[c]; acc = fma(x[n, iy, ix, c / multiplier], w[ky, kx, c], acc) column by column
/// (kx outside, ky inside: XNNPACK's order, so that its results are ours bit for bit),
/// then the activation, k_f32_convolution.
void f32_depthwise_reference(const void *block) {
    const k_f32_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    k_f32_plain p = k_f32_plain_view(k_depthwise_weights(s), b->weights);
    int32_t multiplier = s->output_channels / s->input_channels;
    float *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c++) {
            float acc = p.bias[c];
            for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++)
                for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++) {
                    float x = b->input[pixel.origin + ky * k_row_step(s) + kx * k_column_step(s) + c / multiplier];
                    float w = p.weights[(size_t)(ky * s->kernel_width + kx) * (size_t)s->output_channels + (size_t)c];
                    acc = fmaf(x, w, acc);
                }
            *output++ = k_clamp(acc, b->output_min, b->output_max);
        }
    }
}

K_SMALL_END
