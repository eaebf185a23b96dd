#include "s8_depthwise_flat.h"
#include "../small.h"

#if defined(__aarch64__)
K_SMALL_BEGIN
#endif

static k_convolution_shape lying(const k_convolution_shape *s) {
    k_convolution_shape t = *s;
    k_lay_column(&t);
    return t;
}

/// Lanes until a vector begins with a pixel again.
static size_t lanes_of(size_t channels) {
    size_t a = channels, b = K_FLAT_LANES;
    while (b) {
        const size_t rest = a % b;
        a = b;
        b = rest;
    }
    return channels / a * K_FLAT_LANES;
}

/// Columns of a row with its edges, of which each of `stride_width` parts holds as many.
static size_t part_of(const k_convolution_shape *s) {
    const size_t stride = (size_t)s->stride_width;
    const size_t columns = (size_t)(s->output_width - 1) * stride + (size_t)(s->kernel_width - 1) * (size_t)s->dilation_width + 1;
    return (columns + stride - 1) / stride;
}
static size_t columns_of(const k_convolution_shape *s) { return part_of(s) * (size_t)s->stride_width; }

/// Where a column stands in its row.
static size_t place_of(const k_convolution_shape *s, size_t column) {
    const size_t stride = (size_t)s->stride_width;
    return stride == 1 ? column : column % stride * part_of(s) + column / stride;
}

static size_t reach_of(const k_convolution_shape *s) { return (size_t)(s->kernel_height - 1) * (size_t)s->dilation_height + 1; }

int k_s8_flat_fits(const k_convolution_shape *shape) {
    const k_convolution_shape s = lying(shape);
    const size_t channels = (size_t)s.output_channels, taps = k_taps_count(&s);
    if (s.stride_width > K_FLAT_STRIDE || s.input_channels != s.output_channels || s.input_pixel_stride != s.input_channels ||
        channels < 2 || taps > K_FLAT_TAPS || k_pixels(&s) < K_FLAT_PIXELS ||
        (size_t)s.output_width * channels < K_FLAT_LANES || s.pad_left < 0 || (size_t)s.pad_left >= columns_of(&s))
        return 0;
#if defined(__x86_64__)
    // Whole vectors of 3×3 have columns in common.
    if (k_s8_depthwise_is_3x3(shape) && channels % K_PANEL == 0) return 0;
#endif
#if defined(__aarch64__)
    // A line of many taps is better taken 32 channels at a time (s8_depthwise_line_neon), unless most would be for nothing:
    // instructions for sixteen outputs.
    if (s.kernel_height == 1 && 7 * taps + 45 > (21 * taps / 4 + 58) * k_round_up(channels, K_PANEL) / channels) return 0;
#endif
#if defined(__x86_64__)
    const size_t lane = 2 * sizeof(int32_t) + 2 * k_round_up(taps, 2);
#else
    const size_t lane = 2 * sizeof(int32_t) + k_round_up(taps, 4);
#endif
    return (lanes_of(channels) + K_FLAT_LANES) * lane <= K_FLAT_ROOM &&
           columns_of(&s) * channels * reach_of(&s) + K_FLAT_SLACK <= K_FLAT_BAND;
}

/// Repeats the first n bytes until there are `all`.
static void repeat(void *bytes, size_t n, size_t all) {
    for (; n < all; n *= 2) memcpy((uint8_t *)bytes + n, bytes, n < all - n ? n : all - n);
}

static void lay_out(k_flat *f, const k_convolution_shape *s, const k_s8_channels *p) {
    const size_t channels = (size_t)s->output_channels, all = (size_t)f->tap_step;
    memcpy(f->bias, p->folded, channels * sizeof *f->bias);
    memcpy(f->scale, p->scale, channels * sizeof *f->scale);
    for (int32_t k = 0; k < f->taps; k++) {
        int8_t *w = f->weights + k * f->tap_step;
        memcpy(w, p->weights + (size_t)k * channels, channels);
        if (K_FLAT_FLIP)
            for (size_t c = 0; c < channels; c++) f->bias[c] = k_add(f->bias[c], K_FLAT_FLIP * w[c]);
        repeat(w, channels, all);
    }
    repeat(f->bias, channels * sizeof *f->bias, all * sizeof *f->bias);
    repeat(f->scale, channels * sizeof *f->scale, all * sizeof *f->scale);
}

typedef int8_t s8_16 __attribute__((vector_size(16)));
typedef int8_t s8_8 __attribute__((vector_size(8)));

static inline void copy_16(int8_t *to, const int8_t *from) {
    s8_16 v;
    memcpy(&v, from, sizeof v);
    v ^= (int8_t)K_FLAT_FLIP;
    memcpy(to, &v, sizeof v);
}
static inline void copy_8(int8_t *to, const int8_t *from) {
    s8_8 v;
    memcpy(&v, from, sizeof v);
    v ^= (int8_t)K_FLAT_FLIP;
    memcpy(to, &v, sizeof v);
}

/// The channels of a pixel; the last ones overlap with those before.
static inline void copy_pixel(int8_t *to, const int8_t *from, size_t n) {
    if (n >= 16) {
        copy_16(to + n - 16, from + n - 16);
#pragma clang loop unroll(disable)
        for (; n > 16; n -= 16, to += 16, from += 16) copy_16(to, from);
    } else if (n >= 8) {
        copy_8(to + n - 8, from + n - 8);
        copy_8(to, from);
    } else {
#pragma clang loop unroll(disable) vectorize(disable)
        for (; n > 0; n--) *to++ = *from++ ^ K_FLAT_FLIP;
    }
}

static void copy_taps(int8_t *restrict to, const int8_t *restrict from, size_t n) {
    if (K_FLAT_FLIP)
        for (size_t i = 0; i < n; i++) to[i] = from[i] ^ K_FLAT_FLIP;
    else
        memcpy(to, from, n);
}

/// Columns of the image to their places in a row of the band.
static void copy_row(const k_convolution_shape *s, int8_t *to, const int8_t *from, size_t columns) {
    const size_t channels = (size_t)s->output_channels, first = (size_t)s->pad_left, stride = (size_t)s->stride_width;
    if (stride == 1) {
        copy_taps(to + first * channels, from, columns * channels);
        return;
    }
    // One part after the other.
    for (size_t x = 0; x < stride && x < columns; x++) {
        int8_t *at = to + place_of(s, first + x) * channels;
        const int8_t *pixel = from + x * channels;
        const size_t n = (columns - x + stride - 1) / stride;
        if (channels == 8) {
#pragma clang loop unroll(disable) vectorize(disable)
            for (size_t i = n; i > 0; i--, at += 8, pixel += 8 * stride) copy_8(at, pixel);
            continue;
        }
        for (size_t i = n; i > 0; i--, at += channels, pixel += stride * channels) copy_pixel(at, pixel, channels);
    }
}

void k_s8_flat_run(const k_s8_convolution *b, const void *packed, const k_flat_kernel *kernel) {
    const k_convolution_shape s = lying(&b->shape);
    const k_s8_channels p = k_s8_channels_view(&b->shape, packed);
    const size_t channels = (size_t)s.output_channels, taps = k_taps_count(&s), row = columns_of(&s) * channels;
    _Alignas(64) int8_t band[K_FLAT_BAND], room[K_FLAT_ROOM];
    k_flat f = {.taps = (int32_t)taps, .lanes = (int32_t)lanes_of(channels), .output_zero = b->output_zero,
                .low = b->output_min, .high = b->output_max};
    const size_t all = (size_t)f.lanes + K_FLAT_LANES;
    f.tap_step = (ptrdiff_t)all;
    f.bias = (int32_t *)room;
    f.scale = (float *)(f.bias + all);
    f.weights = (int8_t *)(f.scale + all);
    for (int32_t ky = 0, k = 0; ky < s.kernel_height; ky++)
        for (int32_t kx = 0; kx < s.kernel_width; kx++, k++)
            f.offsets[k] = (ptrdiff_t)((size_t)(ky * s.dilation_height) * row +
                                       place_of(&s, (size_t)(kx * s.dilation_width)) * channels);
    lay_out(&f, &s, &p);
    if (kernel->layout) kernel->layout(&f);

    const int32_t reach = (int32_t)reach_of(&s), step = s.stride_height;
    const int32_t room_for = (int32_t)((K_FLAT_BAND - K_FLAT_SLACK) / row) - reach;
    // Even, for who takes two rows at once.
    const int32_t fit = room_for / step + 1, most = k_min(fit > 1 ? fit & ~1 : fit, s.output_height);
    const size_t columns = (size_t)k_min(s.input_width, (int32_t)columns_of(&s) - s.pad_left);
    const int8_t outside = b->input_zero ^ K_FLAT_FLIP;
    int8_t *output = b->output;
    // Edges stay as they are: no row is copied over them.
    memset(band, outside, (size_t)((most - 1) * step + reach) * row + K_FLAT_SLACK);
    for (int32_t n = 0; n < s.batches; n++)
        for (int32_t first = 0; first < s.output_height; first += most) {
            const int32_t count = k_min(most, s.output_height - first);
            int8_t *to = band;
            int32_t y = first * step - s.pad_top;
            for (int32_t i = (count - 1) * step + reach; i > 0; i--, y++, to += row) {
                if ((uint32_t)y < (uint32_t)s.input_height)
                    copy_row(&s, to, b->input + ((ptrdiff_t)n * s.input_height + y) * s.input_row_stride, columns);
                else
                    memset(to, outside, row);
            }
            kernel->rows(&f, band, (ptrdiff_t)((size_t)step * row), count, s.output_width * s.output_channels, output);
            output += (size_t)count * (size_t)s.output_width * channels;
        }
}

#if defined(__aarch64__)
K_SMALL_END
#endif
