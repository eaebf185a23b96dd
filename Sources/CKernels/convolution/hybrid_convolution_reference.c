#include "hybrid.h"
#include "kernels.h"
#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

// The plain packing of an int8 convolution, whose "bias" are four-byte floats here.
size_t k_hybrid_plain_bytes(const k_convolution_shape *s) { return k_s8_convolution_plain_bytes(s); }

void k_hybrid_plain_pack(const k_convolution_shape *s, const int8_t *weights, const float *bias, const float *scale,
                         void *packed) {
    size_t count = k_convolution_weights(s), n = (size_t)s->output_channels;
    memset(packed, 0, k_hybrid_plain_bytes(s));
    memcpy(packed, weights, count);
    float *p = (float *)((uint8_t *)packed + k_round_up(count, 4));
    if (bias) memcpy(p, bias, n * sizeof *bias);
    memcpy(p + n, scale, n * sizeof *scale);
}

/// Hybrid convolution by its definition in k_hybrid.h.
void hybrid_convolution_reference(const void *block) {
    const k_hybrid_convolution *b = block;
    const k_convolution_shape *s = &b->shape;
    const k_convolution_shape dense = k_hybrid_dense_image(s);
    const int32_t group_inputs = s->input_channels / s->groups, group_outputs = s->output_channels / s->groups;
    const int8_t *weights = b->weights, *quantised = b->scratch;
    const float *bias = (const float *)(weights + k_round_up(k_convolution_weights(s), 4));
    const float *scale = bias + s->output_channels;
    const size_t image_pixels = k_pixels(&dense);
    k_quantization q = {0};
    float *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++) {
        k_pixel pixel = k_pixel_at(&dense, index % image_pixels);
        if (k_hybrid_pointwise(s)) {
            const k_hybrid_range range = k_hybrid_pixel(s->input_channels, b->input + k_pixel_at(s, index).origin);
            q = k_hybrid_quantise(&range, &range, b->scratch);
            pixel.origin = 0;
        } else if (index % image_pixels == 0) {
            ptrdiff_t image = (ptrdiff_t)(index / image_pixels) * s->input_height * s->input_row_stride;
            const k_hybrid_range range = k_hybrid_image(s, b->input + image, dense.input_row_stride);
            q = k_hybrid_quantise(&range, &range, b->scratch);
        }
        for (int32_t c = 0; c < s->output_channels; c++) {
            const int8_t *filter = weights + (size_t)c * k_filter_size(s);
            ptrdiff_t origin = pixel.origin + c / group_outputs * group_inputs;
            int32_t acc = 0;
            for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++)
                for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++) {
                    const int8_t *x = quantised + (origin + ky * k_row_step(&dense) + kx * k_column_step(&dense));
                    const int8_t *w = filter + (size_t)(ky * s->kernel_width + kx) * (size_t)group_inputs;
                    for (int32_t i = 0; i < group_inputs; i++) acc = k_add(acc, (x[i] - q.zero) * w[i]);
                }
            *output++ = k_clamp(fmaf((float)acc * q.scale, scale[c], bias[c]), b->output_min, b->output_max);
        }
    }
}

K_SMALL_END
