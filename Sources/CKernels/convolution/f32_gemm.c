#include "f32_gemm.h"
#include "s8_gemm.h"

#include "../small.h"

static int32_t panel_filters(int32_t left) { return left >= K_F32_PANEL ? K_F32_PANEL : k_min(left, K_F32_HALF_PANEL); }
static size_t panel_floats(size_t depth, int32_t n) { return (size_t)k_f32_panel_lanes(n) + depth * (size_t)n; }
static ptrdiff_t panels_floats(size_t depth, int32_t n) {
    return n >= K_F32_PANEL ? n / K_F32_PANEL * (ptrdiff_t)panel_floats(depth, K_F32_PANEL) : (ptrdiff_t)panel_floats(depth, n);
}

/// Filters of the next tiles of a rectangle of `pixels`, where `left` are left.
static int32_t tile_filters(const k_f32_tiling *t, int32_t pixels, int32_t left) {
    if (t->panels && pixels <= 3 && left >= K_F32_PANEL) return k_min(left / K_F32_PANEL, t->panels[pixels - 1]) * K_F32_PANEL;
    return left >= t->filters ? t->filters : panel_filters(left);
}

K_SMALL_BEGIN

size_t k_f32_gemm_packed_bytes(const k_convolution_shape *s) {
    int32_t left = s->output_channels / s->groups;
    size_t floats = 0;
    for (int32_t n; left > 0; left -= n) floats += panel_floats(k_filter_size(s), n = panel_filters(left));
    return (floats * (size_t)s->groups + K_F32_HALF_PANEL) * sizeof(float);
}

void k_f32_gemm_pack(const k_convolution_shape *s, const float *weights, const float *bias, void *packed) {
    size_t depth = k_filter_size(s);
    int32_t group_outputs = s->output_channels / s->groups;
    float *out = packed;
    memset(packed, 0, k_f32_gemm_packed_bytes(s));
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        n = panel_filters(group_outputs - c % group_outputs);
        if (bias) memcpy(out, bias + c, (size_t)n * sizeof *bias);
        out += k_f32_panel_lanes(n);
        for (size_t k = 0; k < depth; k++)
            for (int32_t i = 0; i < n; i++) *out++ = weights[(size_t)(c + i) * depth + k];
    }
}

/// Outputs in a row or column that have the same taps inside the image.
typedef struct {
    int32_t first, end;
    k_taps taps;
} span;

static span span_from(int32_t first, int32_t outputs, int32_t stride, int32_t pad, int32_t size, int32_t kernel,
                      int32_t dilation) {
    span a = {first, first + 1, k_inside(first * stride - pad, size, kernel, dilation)};
    for (; a.end < outputs; a.end++) {
        k_taps taps = k_inside(a.end * stride - pad, size, kernel, dilation);
        if (taps.first != a.taps.first || taps.end != a.taps.end) break;
    }
    return a;
}

static span row_span(const k_convolution_shape *s, int32_t first) {
    return span_from(first, s->output_height, s->stride_height, s->pad_top, s->input_height, s->kernel_height,
                     s->dilation_height);
}
static span column_span(const k_convolution_shape *s, int32_t first) {
    return span_from(first, s->output_width, s->stride_width, s->pad_left, s->input_width, s->kernel_width,
                     s->dilation_width);
}

/// The taps of a rectangle of pixels, as runs that lie side by side.
static void find_runs(const k_convolution_shape *s, k_taps rows, k_taps columns, int depthwise, k_f32_tile *t) {
    const int32_t inputs = s->input_channels / s->groups;
    t->rows = rows.end - rows.first;
    t->runs = columns.end - columns.first;
    t->length = inputs;
    ptrdiff_t row = k_row_step(s), run = k_column_step(s);
    t->first_tap = (ptrdiff_t)(rows.first * s->kernel_width + columns.first) * inputs;
    t->row_taps = (ptrdiff_t)(s->kernel_width - t->runs) * inputs;
    t->run_taps = 0;
    if (t->rows == 0 || t->runs == 0) t->rows = t->runs = 0;
    if (depthwise) return;
    if (run == inputs) t->length *= t->runs, t->runs = k_min(t->runs, 1), run *= columns.end - columns.first;
    t->run_skip = run - t->length;
    t->row_skip = row - (t->runs - 1) * run - t->length;
    if (t->runs != 1) return;
    // One run a row: the rows are the runs, or all is one run.
    t->runs = t->rows;
    t->rows = 1;
    t->run_skip = row - t->length;
    t->run_taps = t->row_taps;
    if (t->run_skip == 0 && t->run_taps == 0) t->length *= t->runs, t->runs = 1;
}

K_SMALL_END

/// The pointers of `n` pixels, a constant, that lie side by side.
static inline __attribute__((always_inline)) void point(k_f32_tile *t, int n, const float *in, ptrdiff_t x_step, float *out,
                                                        ptrdiff_t y_step) {
    t->pixels = n;
    for (int i = 0; i < n; i++, in += x_step, out += y_step) t->inputs[i] = in, t->outputs[i] = out;
}

/// The same of a whole tile; 0 if it is of a width that is none of ours.
static inline __attribute__((always_inline)) int point_whole(k_f32_tile *t, int32_t most, const float *in, ptrdiff_t x_step, float *out,
                                                             ptrdiff_t y_step) {
    switch (most) {
    case 4: point(t, 4, in, x_step, out, y_step); return 1;
#if defined(__x86_64__)
    case 6: point(t, 6, in, x_step, out, y_step); return 1;
    case 10: point(t, 10, in, x_step, out, y_step); return 1;
#endif
    }
    return 0;
}

/// A rectangle of outputs, all filters: panel by panel, whose weights then stay in the cache.
static __attribute__((noinline)) void rectangle(const k_f32_convolution *b, int32_t batch, span rows, span columns,
                                                k_f32_tile *t, const k_f32_tiling *tiling) {
    const k_convolution_shape *s = &b->shape;
    const int32_t group_inputs = s->input_channels / s->groups, group_outputs = s->output_channels / s->groups;
    int32_t width = columns.end - columns.first;
    const int32_t pixels = (rows.end - rows.first) * width;
    find_runs(s, rows.taps, columns.taps, tiling->depthwise, t);
    t->floor = t->low > -INFINITY;
    t->ceiling = t->high < INFINITY || t->rows == 0;
    const float *input = b->input;
    // With no tap inside, the origin may be anywhere, and nothing is read.
    ptrdiff_t x_step = 0, x_wrap = 0;
    if (t->rows > 0) {
        const ptrdiff_t y = rows.first * s->stride_height - s->pad_top + rows.taps.first * s->dilation_height;
        const ptrdiff_t x = columns.first * s->stride_width - s->pad_left + columns.taps.first * s->dilation_width;
        input += ((ptrdiff_t)batch * s->input_height + y) * s->input_row_stride + x * s->input_pixel_stride;
        x_step = (ptrdiff_t)s->stride_width * s->input_pixel_stride;
        x_wrap = (ptrdiff_t)s->stride_height * s->input_row_stride - width * x_step;
    }
    ptrdiff_t y_step = s->output_channels, y_wrap = (ptrdiff_t)(s->output_width - width) * y_step;
    const ptrdiff_t row = (ptrdiff_t)batch * s->output_height + rows.first;
    float *output = b->output + (row * s->output_width + columns.first) * y_step;
    // A column of pixels, and rows that follow one another as pixels do, are one line.
    if (width == 1) x_step += x_wrap, y_step += y_wrap;
    if (width == 1 || (x_wrap | y_wrap) == 0) width = pixels;

    const size_t depth = k_filter_size(s);
    t->panel = b->weights;
    for (int32_t group = 0; group < s->groups; group++, input += x_step ? group_inputs : 0)
        for (int32_t left = group_outputs; left > 0; left -= t->filters) {
            t->filters = tile_filters(tiling, pixels, left);
            const int32_t most = t->filters < K_F32_PANEL ? tiling->narrow : tiling->pixels;
            const float *in = input;
            float *out = output;
            int32_t column = width;
            for (int32_t todo = pixels; todo > 0; todo -= t->pixels) {
                if (todo >= most && column >= most && point_whole(t, most, in, x_step, out, y_step)) {
                    in += most * x_step;
                    out += most * y_step;
                    if ((column -= most) == 0) in += x_wrap, out += y_wrap, column = width;
                    tiling->many(t);
                    continue;
                }
                // A tile of four for three is cheaper than three of one, but not for two.
                // Two of half as many are cheaper than a whole one and what is left.
                t->pixels = tiling->one ? (todo < 3 ? 1 : k_min(todo, most)) : todo > most && todo < 2 * most ? (todo + 1) / 2 : k_min(todo, most);
                int32_t i = 0;
#pragma clang loop vectorize(disable) unroll(disable)
                for (; i < t->pixels; i++) {
                    t->inputs[i] = in;
                    t->outputs[i] = out;
                    in += x_step;
                    out += y_step;
                    if (--column == 0) in += x_wrap, out += y_wrap, column = width;
                }
                if (tiling->one && t->pixels == 1) {
                    tiling->one(t);
                    continue;
                }
#pragma clang loop vectorize(disable) unroll(disable)
                for (; i < tiling->pixels; i++) t->inputs[i] = t->inputs[i - 1], t->outputs[i] = t->outputs[i - 1];
                tiling->many(t);
            }
            t->panel += panels_floats(depth, t->filters);
            output += t->filters;
        }
}

/// A single output whose taps lie side by side, as a fully connected layer's: nothing to cut or to find out.
static void lone_pixel(const k_f32_convolution *b, const k_f32_tiling *tiling) {
    const size_t depth = k_filter_size(&b->shape);
    k_f32_tile t;
    t.low = b->output_min;
    t.high = b->output_max;
    t.floor = t.low > -INFINITY;
    t.ceiling = t.high < INFINITY;
    t.rows = t.runs = t.pixels = 1;
    t.resumes = t.waits = 0;
    t.length = (int32_t)depth;
    t.run_skip = t.row_skip = t.first_tap = t.run_taps = t.row_taps = 0;
    t.panel = b->weights;
    t.panel_stride = (ptrdiff_t)panel_floats(depth, K_F32_PANEL);
    t.inputs[0] = b->input;
    t.outputs[0] = b->output;
    for (int32_t left = b->shape.output_channels; left > 0; left -= t.filters, t.outputs[0] += t.filters) {
        t.filters = tile_filters(tiling, 1, left);
        (tiling->one ? tiling->one : tiling->many)(&t);
        t.panel += panels_floats(depth, t.filters);
    }
}

#if defined(__x86_64__)
#include "f32_gemm_line.h"
#endif

K_SMALL_BEGIN

void k_f32_gemm(const k_f32_convolution *b, const k_f32_tiling *tiling) {
    const k_convolution_shape *s = &b->shape;
    // A micro-kernel may take a minimum of zeros for the lesser one, −0: then that bound comes last.
    const int sweep = b->output_max == 0 && signbit(b->output_max);
    if (!tiling->depthwise && !sweep && k_pixels(s) == 1 && s->groups == 1 && !k_s8_gathers(s)) {
        lone_pixel(b, tiling);
        return;
    }
    k_f32_tile tile = {.shape = s, .low = b->output_min, .high = sweep ? INFINITY : b->output_max};
    tile.panel_stride = (ptrdiff_t)panel_floats(k_filter_size(s), K_F32_PANEL);
#if defined(__x86_64__)
    k_convolution_shape laid;
    if (is_line(s, tiling, &laid)) {
        tile.shape = &laid;
        line(b, &tile, tiling);
    } else
#endif
    // A fully connected layer, and what else has one tap that is inside: one rectangle.
    if (s->kernel_height == 1 && s->kernel_width == 1 && s->pad_top == 0 && s->pad_left == 0 &&
        (s->output_height - 1) * s->stride_height < s->input_height &&
        (s->output_width - 1) * s->stride_width < s->input_width) {
        const span rows = {0, s->output_height, {0, 1}}, columns = {0, s->output_width, {0, 1}};
        for (int32_t batch = 0; batch < s->batches; batch++) rectangle(b, batch, rows, columns, &tile, tiling);
    } else
    for (int32_t batch = 0; batch < s->batches; batch++)
        for (int32_t y = 0; y < s->output_height;) {
            const span rows = row_span(s, y);
            for (int32_t x = 0; x < s->output_width;) {
                const span columns = column_span(s, x);
                rectangle(b, batch, rows, columns, &tile, tiling);
                x = columns.end;
            }
            y = rows.end;
        }
    if (sweep)
        for (size_t i = 0, n = k_pixels(s) * (size_t)s->output_channels; i < n; i++)
            b->output[i] = k_clamp(b->output[i], b->output_min, b->output_max);
}

K_SMALL_END
