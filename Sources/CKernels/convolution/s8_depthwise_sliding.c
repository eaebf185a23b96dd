#if defined(__aarch64__)
#include "s8_depthwise_sliding.h"

#include "s8_depthwise_flat.h"
#include "../small.h"

K_SMALL_BEGIN

int k_s8_slides(const k_convolution_shape *shape, k_s8_sliding *l) {
    k_convolution_shape s = *shape;
    k_lay_column(&s);
    const ptrdiff_t channels = s.output_channels, output_row = s.output_width * channels;
    if (s.kernel_height == 1 && s.stride_height == 1 && s.pad_top == 0 && s.output_height <= s.input_height)
        *l = (k_s8_sliding){s.output_height, s.input_width, s.output_width, s.kernel_width, s.stride_width, s.dilation_width,
                            s.pad_left, s.input_pixel_stride, s.input_row_stride, channels, output_row};
    else if (s.kernel_width == 1 && s.stride_width == 1 && s.pad_left == 0 && s.output_width <= s.input_width)
        *l = (k_s8_sliding){s.output_width, s.input_height, s.output_height, s.kernel_height, s.stride_height, s.dilation_height,
                            s.pad_top, s.input_row_stride, s.input_pixel_stride, output_row, channels};
    else
        return 0;
    if (s.input_channels != s.output_channels || s.output_channels < K_PANEL || l->taps < K_SLIDING_LEAST ||
        l->taps > K_SLIDING_TAPS || l->stride > 2 || (l->dilation > 1 && l->stride > 1) || l->outputs / l->dilation < K_SLIDING_OUTPUTS)
        return 0;
    // A stream takes whatever channels there are; instructions for sixteen outputs.
    const size_t all = k_round_up((size_t)channels, K_PANEL), taps = (size_t)l->taps;
    return !k_s8_flat_fits(shape) || (4 * taps + 56) * all < (8 * taps + 50) * (size_t)channels;
}

/// Interleaves `count` pixels, of which the first is the one `from` of a line of `pixels`; those before and behind it are `outside`.
static void fill(const k_s8_slider *slider, int8_t *to, const int8_t *line, ptrdiff_t step, int32_t from, int32_t pixels, int32_t count,
                 const int8_t *outside) {
    const int32_t group = slider->group, end = from + count;
    while (from < end) {
        const int32_t whole = from < 0 ? 0 : (k_min(pixels, end) - from) / group * group;
        if (whole > 0) {
            to = slider->interleave(to, line + from * step, step, whole);
            from += whole;
            continue;
        }
        int8_t edge[K_SLIDING_GROUP * K_PANEL];
        for (int32_t k = 0; k < group; k++, from++)
            memcpy(edge + k * K_PANEL, (uint32_t)from < (uint32_t)pixels ? line + from * step : outside, K_PANEL);
        to = slider->interleave(to, edge, K_PANEL, group);
    }
}

/// The weights, once for each place in a group at which a window begins.
static void lay_out(const k_s8_slider *slider, int8_t *to, const k_s8_sliding *l, const int8_t *weights, ptrdiff_t channels) {
    int8_t taps[(K_SLIDING_TAPS + 2 * K_SLIDING_GROUP) * K_PANEL], *first = taps + K_SLIDING_GROUP * K_PANEL;
    memset(taps, 0, sizeof taps);
    for (int32_t k = 0; k < l->taps; k++) memcpy(first + k * K_PANEL, weights + k * channels, K_PANEL);
    for (int32_t back = 0; back < slider->group; back += l->stride)
        to = slider->interleave(to, first - back * K_PANEL, K_PANEL, l->taps + back);
}

void k_s8_slide(const k_s8_convolution *c, const k_s8_sliding *l, const k_s8_slider *slider, const void *block, const int8_t *weights,
                const int8_t *outside, const int8_t *input, int8_t *output) {
    // Two outputs at a time read one group more than they want.
    _Alignas(64) int8_t band[(K_SLIDING_PIXELS + K_SLIDING_TAPS + 3 * K_SLIDING_GROUP) * K_PANEL];
    _Alignas(64) int8_t laid[K_SLIDING_GROUP * (K_SLIDING_TAPS + K_SLIDING_GROUP) * K_PANEL];
    const int32_t most = (K_SLIDING_PIXELS - l->taps) / l->stride + 1, lines = c->shape.batches * l->lines, far = l->dilation;
    lay_out(slider, laid, l, weights, c->shape.output_channels);
    for (int32_t n = 0; n < lines; n++) {
        const int8_t *line = input + (n / l->lines) * (ptrdiff_t)c->shape.input_height * c->shape.input_row_stride + n % l->lines * l->line;
        int8_t *to = output + (n / l->lines) * (ptrdiff_t)c->shape.output_height * c->shape.output_width * c->shape.output_channels +
                     n % l->lines * l->output_line;
        // Of dilated taps each place takes its turn.
        for (int32_t place = 0; place < far; place++) {
            const int32_t before = place < l->pad ? (l->pad - place + far - 1) / far : 0; // taps outside, before the first inside
            const int32_t first = place - l->pad + before * far;
            const int32_t pixels = (l->pixels - first + far - 1) / far, outputs = (l->outputs - place + far - 1) / far;
            for (int32_t at = 0, count; at < outputs; at += count) {
                count = k_min(outputs - at, most);
                fill(slider, band, line + first * l->step, far * l->step, at * l->stride - before, pixels,
                     (count - 1) * l->stride + l->taps, outside);
                slider->slide(l, block, band, laid, count, far * l->output_step, to + (place + at * far) * l->output_step);
            }
        }
    }
}

K_SMALL_END
#endif
