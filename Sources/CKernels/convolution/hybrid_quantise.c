#include "hybrid.h"
#include "../small.h"

K_SMALL_BEGIN

int k_hybrid_pointwise(const k_convolution_shape *s) {
    return s->kernel_height == 1 && s->kernel_width == 1 && s->stride_height == 1 && s->stride_width == 1 &&
           s->pad_top == 0 && s->pad_left == 0 && s->groups == 1 && s->output_height <= s->input_height &&
           s->output_width <= s->input_width;
}

k_convolution_shape k_hybrid_dense_image(const k_convolution_shape *s) {
    k_convolution_shape dense = *s;
    dense.batches = 1;
    dense.input_pixel_stride = s->input_channels;
    dense.input_row_stride = s->input_channels * s->input_width;
    return dense;
}

k_hybrid_range k_hybrid_image(const k_convolution_shape *s, const float *values, ptrdiff_t output_row_step) {
    k_hybrid_range r = {values, s->input_height, s->input_width, (size_t)s->input_channels,
                        s->input_row_stride, s->input_pixel_stride, output_row_step};
    // Pixels that lie side by side are one run of values, and so are rows.
    if (r.column_step == s->input_channels) {
        r.length *= (size_t)r.columns;
        r.columns = 1;
        if (r.row_step == (ptrdiff_t)r.length && output_row_step == r.row_step) {
            r.length *= (size_t)r.rows;
            r.rows = 1;
        }
    }
    return r;
}

k_quantization k_hybrid_quantization(float low, float high, float *multiplier) {
    const float scale = low == high ? 1.0f : 255.0f / (high - low);
    const float from_low = low * scale, from_high = high * scale;
    float zero = (-128.0f + from_low) + (127.0f + from_high) > 0 ? -128.0f - from_low : 127.0f - from_high;
    zero = zero > -128.0f ? zero : -128.0f;
    zero = zero < 127.0f ? zero : 127.0f;
    *multiplier = scale;
    return (k_quantization){1.0f / scale, (int32_t)lrintf(zero)};
}

void k_hybrid_quantise_values(const float *x, size_t n, float multiplier, int32_t zero, int8_t *out) {
    const float low = (float)(-128 - zero), high = (float)(127 - zero);
    for (size_t i = 0; i < n; i++) {
        float v = x[i] * multiplier;
        v = v > low ? v : low;
        v = v < high ? v : high;
        out[i] = (int8_t)((int32_t)lrintf(v) + zero);
    }
}

k_quantization k_hybrid_quantise(const k_hybrid_range *all, const k_hybrid_range *r, int8_t *out) {
    float low = 0, high = 0, multiplier;
    for (int32_t y = 0; y < all->rows; y++)
        for (int32_t x = 0; x < all->columns; x++) {
            const float *values = all->values + (y * all->row_step + x * all->column_step);
            for (size_t i = 0; i < all->length; i++) {
                low = values[i] < low ? values[i] : low;
                high = values[i] > high ? values[i] : high;
            }
        }
    const k_quantization q = k_hybrid_quantization(low, high, &multiplier);
    for (int32_t y = 0; y < r->rows; y++, out += r->output_row_step)
        for (int32_t x = 0; x < r->columns; x++)
            k_hybrid_quantise_values(r->values + (y * r->row_step + x * r->column_step), r->length, multiplier,
                                     q.zero, out + (size_t)x * r->length);
    return q;
}

K_SMALL_END
