#include "kernels.h"
#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

/// int8 depthwise convolution, by its definition. Output channel c reads input channel
/// c / multiplier, multiplier = out / in:
///   acc = bias[c] + Σ over (ky, kx) of (x[n, iy, ix, c / multiplier] − input_zero) · w[ky, kx, c]
/// with iy, ix, arithmetic and requantisation as in s8_convolution_reference.
void s8_depthwise_reference(const void *block) {
    const k_s8_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    k_s8_plain p = k_s8_plain_view(k_depthwise_weights(s), s->output_channels, b->weights);
    float low = (float)(b->output_min - b->output_zero), high = (float)(b->output_max - b->output_zero);
    int32_t multiplier = s->output_channels / s->input_channels;
    int8_t *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c++) {
            int32_t acc = p.bias[c];
            for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++)
                for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                    int8_t x = b->input[pixel.origin + ky * k_row_step(s) + kx * k_column_step(s) + c / multiplier];
                    int8_t w = p.weights[(size_t)(ky * s->kernel_width + kx) * (size_t)s->output_channels + (size_t)c];
                    acc = k_add(acc, (x - b->input_zero) * w);
                }
            *output++ = k_requantise(acc, p.scale[c], low, high, b->output_zero);
        }
    }
}

K_SMALL_END
