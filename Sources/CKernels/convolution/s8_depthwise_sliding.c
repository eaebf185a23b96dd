#if defined(__aarch64__)
#include "s8_depthwise_sliding.h"

#include "s8_depthwise_flat.h"
#include "../small.h"

K_SMALL_BEGIN

int k_s8_slides(const k_convolution_shape *shape, k_s8_sliding *l) {
    k_convolution_shape s = *shape;
    k_lay_column(&s);
    const ptrdiff_t channels = s.output_channels;
    const k_s8_way row = {s.input_width, s.output_width, s.kernel_width, s.stride_width, s.dilation_width, s.pad_left,
                          s.input_pixel_stride, channels, channels};
    const k_s8_way column = {s.input_height, s.output_height, s.kernel_height, s.stride_height, s.dilation_height, s.pad_top,
                             s.input_row_stride, s.output_width * channels, s.kernel_width * channels};
    // The longer way, where there are two.
    const int is_upright = s.kernel_height > 1 && (s.kernel_width == 1 || s.output_height > s.output_width);
    l->along = is_upright ? column : row;
    l->across = is_upright ? row : column;
    const k_s8_way *a = &l->along;
    const int32_t abreast = l->across.taps, is_wide = abreast > 1;
    if (s.input_channels != s.output_channels || channels < K_PANEL || a->taps < K_SLIDING_LEAST || a->taps > K_SLIDING_TAPS ||
        abreast * (a->taps + K_SLIDING_GROUP) > K_SLIDING_LAID || a->stride > 2 || (a->dilation > 1 && a->stride > 1) ||
        (is_wide ? s.dilation_height > 1 || s.dilation_width > 1 || a->outputs * l->across.outputs < K_SLIDING_PLANE
                : a->outputs / a->dilation < K_SLIDING_OUTPUTS))
        return 0;
    // A stream takes whatever channels there are; instructions for sixteen outputs.
    const size_t whole = k_round_up((size_t)channels, K_PANEL), taps = k_taps_count(&s);
    return !k_s8_flat_fits(shape) || (is_wide ? (6 * taps + 100) * whole < (10 * taps + 50) * (size_t)channels
                                             : (4 * taps + 56) * whole < (8 * taps + 50) * (size_t)channels);
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

/// The weights of each line of taps, once for each place in a group at which a window begins.
static void lay_out(const k_s8_slider *slider, int8_t *to, const k_s8_sliding *l, const int8_t *weights) {
    int8_t taps[(K_SLIDING_TAPS + 2 * K_SLIDING_GROUP) * K_PANEL], *first = taps + K_SLIDING_GROUP * K_PANEL;
    memset(taps, 0, sizeof taps);
    for (int32_t k = 0; k < l->across.taps; k++, weights += l->across.tap, to += k_s8_laid_line(l)) {
        int8_t *at = to;
        for (int32_t t = 0; t < l->along.taps; t++) memcpy(first + t * K_PANEL, weights + t * l->along.tap, K_PANEL);
        for (int32_t back = 0; back < slider->group; back += l->along.stride)
            at = slider->interleave(at, first - back * K_PANEL, K_PANEL, l->along.taps + back);
    }
}

/// A stretch of all lines: `count` outputs of each, of which the first window begins with a line's pixel `from`; the first line begins at
/// `input`.
static void slide_lines(const k_s8_sliding *l, const k_s8_slider *slider, const void *block, const int8_t *weights, const int8_t *outside,
                        const int8_t *input, int32_t pixels, int32_t from, int32_t count, int8_t *output) {
    // Two outputs at a time read one group more than they want.
    enum { ALL = K_SLIDING_PIXELS + K_SLIDING_TAPS + 3 * K_SLIDING_GROUP };
    _Alignas(64) int8_t band[ALL * K_PANEL];
    const k_s8_way *a = &l->along, *across = &l->across;
    const int32_t wanted = (count - 1) * a->stride + a->taps, apart = ALL / across->taps * K_PANEL;
    int32_t next = 0; // the first line that no band has
    for (int32_t n = 0; n < across->outputs; n++, output += across->output_step) {
        const int8_t *bands[K_SLIDING_ABREAST];
        for (int32_t k = 0; k < across->taps; k++) {
            // A line stays where it is until no output wants it any more.
            const int32_t line = n * across->stride + k, at = line - across->pad;
            int8_t *to = band + line % across->taps * apart;
            bands[k] = to;
            if (line < next) continue;
            next = line + 1;
            const int is_inside = (uint32_t)at < (uint32_t)across->pixels;
            fill(slider, to, input + is_inside * at * across->step, a->dilation * a->step, from, is_inside * pixels, wanted, outside);
        }
        slider->slide(l, block, bands, weights, count, a->dilation * a->output_step, output);
    }
}

void k_s8_slide(const k_s8_convolution *c, const k_s8_sliding *l, const k_s8_slider *slider, const void *block, const int8_t *weights,
                const int8_t *outside, const int8_t *input, int8_t *output) {
    _Alignas(64) int8_t laid[K_SLIDING_GROUP * K_SLIDING_LAID * K_PANEL];
    const k_convolution_shape *s = &c->shape;
    const k_s8_way *a = &l->along;
    const int32_t most = ((K_SLIDING_PIXELS + K_SLIDING_TAPS) / l->across.taps - a->taps - 3 * K_SLIDING_GROUP) / a->stride + 1;
    const int32_t far = a->dilation;
    lay_out(slider, laid, l, weights);
    for (int32_t n = 0; n < s->batches; n++) {
        // Of dilated taps each place takes its turn.
        for (int32_t place = 0; place < far; place++) {
            const int32_t before = place < a->pad ? (a->pad - place + far - 1) / far : 0; // taps outside, before the first inside
            const int32_t first = place - a->pad + before * far;
            const int32_t pixels = (a->pixels - first + far - 1) / far, outputs = (a->outputs - place + far - 1) / far;
            for (int32_t at = 0, count; at < outputs; at += count) {
                count = k_min(outputs - at, most);
                slide_lines(l, slider, block, laid, outside, input + first * a->step, pixels, at * a->stride - before, count,
                            output + (place + at * far) * a->output_step);
            }
        }
        input += (ptrdiff_t)s->input_height * s->input_row_stride;
        output += (ptrdiff_t)s->output_height * s->output_width * s->output_channels;
    }
}

K_SMALL_END
#endif
