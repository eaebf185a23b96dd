#include "c_training.h"
#include <string.h>

/// Floats of a vector, and how many vectors are summed up in registers at a time.
enum { LANES = 8, SUMS = 8 };
typedef float vector __attribute__((vector_size(4 * LANES)));

INLINE void load(vector *v, const float *from, int32_t lanes) {
    *v = (vector){0};
    memcpy(v, from, sizeof(float) * lanes);
}

INLINE void store(const vector *v, float *to, int32_t lanes) { memcpy(to, v, sizeof(float) * lanes); }

/// Where a row meets a weight: its column q the column q · step + shift of `from`.
typedef struct {
    const float *from;
    int32_t shift, weight;
} tap;

/// A row of a convolution's output, or of the gradient of its input: each is a correlation with rows of the other.
typedef struct {
    int32_t channels, columns, step, width;
    /// From one of its columns to the next, in floats.
    size_t stride;
    float *row;
    const float *weights, *bias;
    /// For the gradient of the weights: [blocks of LANES channels, weights].
    vector *sums;
    int32_t all_weights, count;
    tap *taps;
} rank;

/// Some columns, from `q` on, and channels, from `c` on; `is_edge`: not every tap has a column there.
typedef struct {
    int32_t q, columns, c, vectors, lanes;
    bool is_edge;
} tile;
typedef void body(const rank *r, tile t);

#define FOR_EACH_TAP(...)                                                     \
    for (const tap *p = r->taps; p < r->taps + r->count; p++) {                \
        int32_t at = t.q * r->step + p->shift;                                 \
        if (t.is_edge && (at < 0 || at >= r->width)) continue;                 \
        const float *from = p->from + (size_t)at * r->channels + t.c;          \
        __VA_ARGS__                                                            \
    }

/// row[q] = bias + Σ weight · from[q · step + shift]
INLINE void correlate(const rank *r, tile t) {
    vector sum[SUMS], weight, x;
    for (int32_t k = 0; k < t.columns; k++)
        for (int32_t v = 0; v < t.vectors; v++) {
            if (r->bias) load(&sum[k * t.vectors + v], r->bias + t.c + v * LANES, t.lanes);
            else sum[k * t.vectors + v] = (vector){0};
        }
    FOR_EACH_TAP({
        const float *weights = r->weights + (size_t)p->weight * r->channels + t.c;
        for (int32_t v = 0; v < t.vectors; v++) {
            load(&weight, weights + v * LANES, t.lanes);
            for (int32_t k = 0; k < t.columns; k++) {
                load(&x, from + (size_t)k * r->step * r->channels + v * LANES, t.lanes);
                sum[k * t.vectors + v] += x * weight;
            }
        }
    })
    for (int32_t k = 0; k < t.columns; k++)
        for (int32_t v = 0; v < t.vectors; v++) store(&sum[k * t.vectors + v], r->row + (t.q + k) * r->stride + t.c + v * LANES, t.lanes);
}

/// sums[weight] += Σ row[q] · from[q · step + shift]
INLINE void gather(const rank *r, tile t) {
    vector value[SUMS], x, *sums = r->sums + (t.c + LANES - 1) / LANES * r->all_weights;
    for (int32_t k = 0; k < t.columns; k++)
        for (int32_t v = 0; v < t.vectors; v++) load(&value[k * t.vectors + v], r->row + (t.q + k) * r->stride + t.c + v * LANES, t.lanes);
    FOR_EACH_TAP({
        for (int32_t v = 0; v < t.vectors; v++) {
            vector *total = &sums[v * r->all_weights + p->weight], sum = *total;
            for (int32_t k = 0; k < t.columns; k++) {
                load(&x, from + (size_t)k * r->step * r->channels + v * LANES, t.lanes);
                sum += x * value[k * t.vectors + v];
            }
            *total = sum;
        }
    })
}

/// All columns of a row, where `first`..<`last` are not at an edge.
INLINE void walk_columns(const rank *r, body *body, int32_t first, int32_t last, tile t) {
    for (t.q = 0; t.q < r->columns; t.q += t.columns) {
        bool is_inside = t.q >= first;
        t.is_edge = false;
        if (is_inside && t.q + SUMS / t.vectors <= last) {
            t.columns = SUMS / t.vectors;
            body(r, t);
        } else if (is_inside && t.q + SUMS / 2 / t.vectors <= last) {
            t.columns = SUMS / 2 / t.vectors;
            body(r, t);
        } else {
            t.columns = 1;
            t.is_edge = true;
            body(r, t);
        }
    }
}

INLINE void walk(const rank *r, body *body) {
    // Where all taps have a column.
    int32_t least = 0, most = 0;
    for (const tap *p = r->taps; p < r->taps + r->count; p++) {
        least = p->shift < least ? p->shift : least;
        most = p->shift > most ? p->shift : most;
    }
    int32_t first = (r->step - 1 - least) / r->step, inside = r->width - 1 - most;
    int32_t last = inside < 0 ? 0 : inside / r->step + 1;
    if (last > r->columns) last = r->columns;
    int32_t c = 0;
    for (; c + 4 * LANES <= r->channels; c += 4 * LANES) walk_columns(r, body, first, last, (tile){.c = c, .vectors = 4, .lanes = LANES});
    for (; c + 2 * LANES <= r->channels; c += 2 * LANES) walk_columns(r, body, first, last, (tile){.c = c, .vectors = 2, .lanes = LANES});
    for (; c + LANES <= r->channels; c += LANES) walk_columns(r, body, first, last, (tile){.c = c, .vectors = 1, .lanes = LANES});
    // The last channels again, with those that are left.
    if (c < r->channels && c > 0) walk_columns(r, body, first, last, (tile){.c = r->channels - LANES, .vectors = 1, .lanes = LANES});
    else if (c < r->channels) walk_columns(r, body, first, last, (tile){.vectors = 1, .lanes = r->channels});
}

/// Images that are one column wide, turned: their columns are many.
static t_window turned(const t_window *w) {
    if (w->in_w != 1 || w->out_w != 1 || w->kernel_w != 1) return *w;
    return (t_window){1, w->in_h, w->channels, 1, w->out_h, 1, w->kernel_h, 1, w->stride_h, 1, w->dilation_h, 0, w->pad_top};
}

/// What row `oy` of the output is computed of.
static int32_t taps_of_output(const t_window *w, int32_t oy, const float *x, tap *taps) {
    int32_t count = 0;
    for (int32_t i = 0; i < w->kernel_h; i++) {
        int32_t iy = oy * w->stride_h - w->pad_top + i * w->dilation_h;
        if (iy < 0 || iy >= w->in_h) continue;
        for (int32_t j = 0; j < w->kernel_w; j++)
            taps[count++] = (tap){x + (size_t)iy * w->in_w * w->channels, j * w->dilation_w - w->pad_left, i * w->kernel_w + j};
    }
    return count;
}

/// What every `stride_w`th column from `ix` on of row `iy` of the input went to.
static int32_t taps_of_input(const t_window *w, int32_t iy, int32_t ix, const float *dy, tap *taps) {
    int32_t count = 0;
    for (int32_t i = 0; i < w->kernel_h; i++) {
        int32_t y = iy + w->pad_top - i * w->dilation_h, oy = y / w->stride_h;
        if (y < 0 || y % w->stride_h != 0 || oy >= w->out_h) continue;
        for (int32_t j = 0; j < w->kernel_w; j++) {
            int32_t x = ix + w->pad_left - j * w->dilation_w;
            if (x % w->stride_w != 0) continue;
            taps[count++] = (tap){dy + (size_t)oy * w->out_w * w->channels, x / w->stride_w, i * w->kernel_w + j};
        }
    }
    return count;
}

T_CLONES void t_depthwise(const t_window *window, int32_t samples, const float *x, const float *weights, const float *bias, float *y) {
    t_window w = turned(window);
    size_t in = (size_t)w.in_h * w.in_w * w.channels, line = (size_t)w.out_w * w.channels;
    tap taps[w.kernel_h * w.kernel_w];
    rank r = {w.channels, w.out_w, w.stride_w, w.in_w, w.channels, .weights = weights, .bias = bias, .taps = taps};
    for (int32_t n = 0; n < samples; n++, x += in)
        for (int32_t oy = 0; oy < w.out_h; oy++, y += line) {
            r.row = y;
            r.count = taps_of_output(&w, oy, x, taps);
            walk(&r, correlate);
        }
}

T_CLONES void t_depthwise_input_gradient(const t_window *window, int32_t samples, const float *dy, const float *weights, float *dx) {
    t_window w = turned(window);
    size_t out = (size_t)w.out_h * w.out_w * w.channels, line = (size_t)w.in_w * w.channels;
    tap taps[w.kernel_h * w.kernel_w];
    rank r = {w.channels, 0, 1, w.out_w, (size_t)w.stride_w * w.channels, .weights = weights, .taps = taps};
    for (int32_t n = 0; n < samples; n++, dy += out)
        for (int32_t iy = 0; iy < w.in_h; iy++, dx += line)
            for (int32_t ix = 0; ix < w.stride_w && ix < w.in_w; ix++) {
                r.row = dx + (size_t)ix * w.channels;
                r.columns = (w.in_w - ix + w.stride_w - 1) / w.stride_w;
                r.count = taps_of_input(&w, iy, ix, dy, taps);
                walk(&r, correlate);
            }
}

T_CLONES void t_depthwise_weight_gradient(const t_window *window, int32_t samples, const float *x, const float *dy, float *dw) {
    t_window w = turned(window);
    size_t in = (size_t)w.in_h * w.in_w * w.channels, line = (size_t)w.out_w * w.channels;
    int32_t all = w.kernel_h * w.kernel_w, blocks = (w.channels + LANES - 1) / LANES;
    tap taps[all];
    vector sums[blocks * all];
    memset(sums, 0, sizeof sums);
    rank r = {w.channels, w.out_w, w.stride_w, w.in_w, w.channels, .sums = sums, .all_weights = all, .taps = taps};
    for (int32_t n = 0; n < samples; n++, x += in)
        for (int32_t oy = 0; oy < w.out_h; oy++, dy += line) {
            r.row = (float *)dy;
            r.count = taps_of_output(&w, oy, x, taps);
            walk(&r, gather);
        }
    int32_t lanes = w.channels < LANES ? w.channels : LANES;
    for (int32_t b = 0; b < blocks; b++) {
        int32_t c = b * LANES + lanes > w.channels ? w.channels - lanes : b * LANES;
        for (int32_t k = 0; k < all; k++) store(&sums[b * all + k], dw + (size_t)k * w.channels + c, lanes);
    }
}
