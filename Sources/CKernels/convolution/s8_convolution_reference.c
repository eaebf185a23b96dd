#include "kernels.h"
#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

/// int8 convolution, by its definition. Output (n, oy, ox, c) of group g = c / (out / groups):
///   acc = bias[c] + Σ over (ky, kx, i) of (x[n, iy, ix, g·I + i] − input_zero) · w[c, ky, kx, i]
///   iy = oy·stride_height − pad_top + ky·dilation_height,  ix likewise,  I = in / groups
/// in wrapping int32, without the taps outside the image; requantised as k_s8_convolution says
/// (TFLite's per-channel int8 scheme, with XNNPACK's "fp32" requantisation).
void s8_convolution_reference(const void *block) {
    const k_s8_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    k_s8_plain p = k_s8_plain_view(k_convolution_weights(s), s->output_channels, b->weights);
    float low = (float)(b->output_min - b->output_zero), high = (float)(b->output_max - b->output_zero);
    int32_t group_inputs = s->input_channels / s->groups, group_outputs = s->output_channels / s->groups;
    int8_t *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c++) {
            const int8_t *filter = p.weights + (size_t)c * k_filter_size(s);
            ptrdiff_t origin = pixel.origin + c / group_outputs * group_inputs;
            int32_t acc = p.bias[c];
            for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++)
                for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                    const int8_t *x = b->input + (origin + ky * k_row_step(s) + kx * k_column_step(s));
                    const int8_t *w = filter + (size_t)(ky * s->kernel_width + kx) * (size_t)group_inputs;
                    for (int32_t i = 0; i < group_inputs; i++) acc = k_add(acc, (x[i] - b->input_zero) * w[i]);
                }
            *output++ = k_requantise(acc, p.scale[c], low, high, b->output_zero);
        }
    }
}

K_SMALL_END
