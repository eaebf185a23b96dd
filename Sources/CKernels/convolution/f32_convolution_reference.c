#include "kernels.h"
#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

/// float32 convolution, by its definition: the sum of s8_convolution_reference without zero points,
///   acc = bias[c]; acc = fma(x[n, iy, ix, g·I + i], w[c, ky, kx, i], acc) for ky, kx, i in this order,
/// then the activation, k_f32_convolution.
void f32_convolution_reference(const void *block) {
    const k_f32_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    k_f32_plain p = k_f32_plain_view(k_convolution_weights(s), b->weights);
    int32_t group_inputs = s->input_channels / s->groups, group_outputs = s->output_channels / s->groups;
    float *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c++) {
            const float *filter = p.weights + (size_t)c * k_filter_size(s);
            ptrdiff_t origin = pixel.origin + c / group_outputs * group_inputs;
            float acc = p.bias[c];
            for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++)
                for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                    const float *x = b->input + (origin + ky * k_row_step(s) + kx * k_column_step(s));
                    const float *w = filter + (size_t)(ky * s->kernel_width + kx) * (size_t)group_inputs;
                    for (int32_t i = 0; i < group_inputs; i++) acc = fmaf(x[i], w[i], acc);
                }
            *output++ = k_clamp(acc, b->output_min, b->output_max);
        }
    }
}

K_SMALL_END
