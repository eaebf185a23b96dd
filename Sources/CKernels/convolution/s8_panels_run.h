// The walk of panels over an image, four pixels at a time, or one where there are fewer. Included after the definition of
//   K_WALK          its name, after K_LINKAGE
//   K_DRIVER        the attribute of what may use a kernel's instructions
//   K_EIGHT_PIXELS  if the kernel takes eight pixels, too, and 128 is to be added to the taps of bands (AVX-512 VNNI)

/// Output positions of one axis whose taps all lie inside: [first, first + count).
typedef struct {
    int32_t first;
    uint32_t count;
} k_interior;

static k_interior interior(int32_t input, int32_t output, int32_t kernel, int32_t stride, int32_t dilation,
                           int32_t pad) {
    int32_t first = k_divide_up(pad, stride), room = input + pad - ((kernel - 1) * dilation + 1);
    int32_t end = room < 0 ? 0 : k_min(room / stride + 1, output);
    return (k_interior){first, end > first ? (uint32_t)(end - first) : 0};
}

typedef uint8_t sixteen __attribute__((vector_size(16)));

/// Copies `rows` runs of n bytes, `unit` ≤ n ≤ 2 · unit: by one unit from each end.
#define COPY_ROWS(NAME, TYPE)                                                                              \
    static inline void NAME(int8_t *restrict to, ptrdiff_t to_step, const int8_t *restrict from,           \
                            ptrdiff_t from_step, int32_t rows, ptrdiff_t n) {                              \
        const ptrdiff_t end = n - (ptrdiff_t)sizeof(TYPE);                                                 \
        TYPE first, last;                                                                                  \
        if (end == 0) {                                                                                    \
            _Pragma("clang loop vectorize(disable) unroll(disable)")                                       \
            for (; rows > 0; rows--, to += to_step, from += from_step) {                                   \
                memcpy(&first, from, sizeof first);                                                        \
                memcpy(to, &first, sizeof first);                                                          \
            }                                                                                              \
            return;                                                                                        \
        }                                                                                                  \
        _Pragma("clang loop vectorize(disable) unroll(disable)")                                           \
        for (; rows > 0; rows--, to += to_step, from += from_step) {                                       \
            memcpy(&first, from, sizeof first);                                                            \
            memcpy(&last, from + end, sizeof last);                                                        \
            memcpy(to, &first, sizeof first);                                                              \
            memcpy(to + end, &last, sizeof last);                                                          \
        }                                                                                                  \
    }
COPY_ROWS(copy_4_to_8, uint32_t)
COPY_ROWS(copy_8_to_16, uint64_t)
COPY_ROWS(copy_16_to_32, sixteen)

/// Rows of taps: calls of memcpy would cost more than they move.
static __attribute__((noinline)) void copy_rows(int8_t *restrict to, ptrdiff_t to_step, const int8_t *restrict from, ptrdiff_t from_step,
                      int32_t rows, ptrdiff_t n) {
    for (; n > 32; n -= 16, to += 16, from += 16) copy_16_to_32(to, to_step, from, from_step, rows, 16);
    if (n >= 16)
        copy_16_to_32(to, to_step, from, from_step, rows, n);
    else if (n >= 8)
        copy_8_to_16(to, to_step, from, from_step, rows, n);
    else if (n >= 4)
        copy_4_to_8(to, to_step, from, from_step, rows, n);
    else
        for (; rows > 0; rows--, to += to_step, from += from_step)
#pragma clang loop vectorize(disable) unroll(disable)
            for (ptrdiff_t i = 0; i < n; i++) to[i] = from[i];
}

/// A layer while it runs: what does not change from tile to tile.
typedef struct {
    const k_s8_convolution *b;
    k_convolution_shape shape; // flattened
    k_interior rows, columns;
    ptrdiff_t channels, width; // of one tap, of one row of taps
    ptrdiff_t row_taps;        // of a row of taps among the weights
    int8_t flip;               // what a band's elements are combined with: the highest bit adds 128
    int half_groups;           // whether a band's rows of taps may be any multiple of 4
    int adjacent;              // a row of taps lies in one piece
    int direct;                // an interior pixel is read where it stands
    int32_t groups, tail;      // of its first segment: whole groups, and taps after them
    ptrdiff_t skip;
    size_t patch_bytes;
    const int8_t *input_end; // behind the last element that may be read
    sixteen outside;         // input_zero
} layer;

/// A dense pointwise layer's pixels as one row; a dense layer of one column as one of one row.
static void flatten(k_convolution_shape *s) {
    if (s->dilation_height == 1 && s->groups == 1) k_lay_column(s);
    if (s->kernel_height != 1 || s->kernel_width != 1 || s->stride_height != 1 || s->stride_width != 1 ||
        s->pad_top || s->pad_left || s->output_height != s->input_height || s->output_width != s->input_width ||
        s->input_row_stride != s->input_width * s->input_pixel_stride)
        return;
    s->input_width = s->output_width = s->batches * s->output_height * s->output_width;
    s->input_row_stride = s->input_width * s->input_pixel_stride;
    s->batches = s->input_height = s->output_height = 1;
}

#include "s8_panels_band.h"

static layer describe(const k_s8_convolution *b, k_s8_panels *p) {
    layer l = {.b = b, .shape = b->shape};
    memset(&l.outside, b->input_zero, sizeof l.outside);
    k_convolution_shape *s = &l.shape;
    flatten(s);
    const size_t depth = k_filter_size(s);
    l.rows = interior(s->input_height, s->output_height, s->kernel_height, s->stride_height, s->dilation_height,
                      s->pad_top);
    l.columns = interior(s->input_width, s->output_width, s->kernel_width, s->stride_width, s->dilation_width,
                         s->pad_left);
    l.channels = s->input_channels / s->groups;
    l.patch_bytes = k_s8_patch_bytes(s);
    l.width = s->kernel_width * l.channels;
    l.adjacent = k_panels_adjacent(s);
    if (b->input) // not while weights are packed
        l.input_end = b->input + ((ptrdiff_t)s->batches * s->input_height - 1) * s->input_row_stride +
                      (ptrdiff_t)(s->input_width - 1) * s->input_pixel_stride + s->input_channels;
    const int whole = l.adjacent && (s->kernel_height == 1 || k_row_step(s) == l.width);
    l.direct = !k_panels_gather(s);
    // Of a gathered patch or one that may be read beyond its end, zeros among the weights meet what is there.
    p->segments = 1;
    p->groups = (int32_t)k_panel_groups(depth);
    p->spare = k_panel_spare(depth);
    if (whole) {
        l.tail = (int32_t)(depth % K_GROUP);
    } else if (l.direct) {
        p->segments = s->kernel_height;
        p->groups = (int32_t)(l.width / K_GROUP);
        l.skip = k_row_step(s) - l.width;
    }
    p->later_groups = l.groups = p->groups;
    l.row_taps = l.width;
#if defined(K_EIGHT_PIXELS)
    // Those of a hybrid layer are flipped when they are quantised.
    if (!p->hybrid) l.flip = -128;
#endif
    if (BAND_GROUP < K_GROUP && s->kernel_height > 1 && k_pixels(s) >= BAND_PIXELS) {
        l.half_groups = 1;
        l.row_taps = (ptrdiff_t)k_round_up((size_t)l.width, 4);
        if (plan_band(&l).rows == 0) l.row_taps = l.width;
    }
    return l;
}

/// Which taps of a patch lie inside the image; what the rest of it holds stays as long as they do.
typedef struct {
    k_taps rows, columns;
} window;

/// Gathers the patch of output (y, x), whose tap (0, 0) is `origin`: input_zero for taps outside the image.
static __attribute__((noinline)) void gather(const layer *l, const int8_t *origin, int32_t y, int32_t x,
                                             int8_t *patch, window *held) {
    const k_convolution_shape *s = &l->shape;
    const ptrdiff_t row = k_row_step(s), column = k_column_step(s), width = l->width, channels = l->channels;
    k_taps rows = {0, s->kernel_height}, columns = {0, s->kernel_width};
    if ((uint32_t)(y - l->rows.first) >= l->rows.count)
        rows = k_inside(y * s->stride_height - s->pad_top, s->input_height, s->kernel_height, s->dilation_height);
    if ((uint32_t)(x - l->columns.first) >= l->columns.count)
        columns = k_inside(x * s->stride_width - s->pad_left, s->input_width, s->kernel_width, s->dilation_width);
    const window now = {rows, columns};
    if (memcmp(held, &now, sizeof now)) {
        *held = now;
        sixteen *to = (sixteen *)patch, *const end = (sixteen *)(patch + l->patch_bytes);
        const sixteen outside = l->outside;
        _Pragma("clang loop unroll(disable)")
        while (to < end) memcpy(to++, &outside, sizeof outside);
    }
    const int32_t height = rows.end - rows.first, across = columns.end - columns.first;
    int8_t *to = patch + rows.first * width + columns.first * channels;
    const int8_t *from = origin + rows.first * row + columns.first * column;
    if (l->adjacent) {
        copy_rows(to, width, from, row, height, across * channels);
        return;
    }
    for (int32_t kx = 0; kx < across; kx++, to += channels, from += column)
        copy_rows(to, width, from, row, height, channels);
}

/// Where the walk over the output is.
typedef struct {
    const int8_t *origin; // of the pixel's tap (0, 0)
    size_t image;
    int32_t y, x;
    uint32_t inside; // pixels of this row, from columns.first on, whose taps all lie inside
} cursor;

static cursor seek(const layer *l, const int8_t *input, size_t image, int32_t y, int32_t x) {
    const k_convolution_shape *s = &l->shape;
    const ptrdiff_t row = (ptrdiff_t)image * s->input_height + (ptrdiff_t)y * s->stride_height - s->pad_top;
    const ptrdiff_t column = (ptrdiff_t)x * s->stride_width - s->pad_left;
    const int inside = (uint32_t)(y - l->rows.first) < l->rows.count;
    return (cursor){input + (row * s->input_row_stride + column * s->input_pixel_stride), image, y, x,
                    inside ? l->columns.count : 0};
}

/// A tile whose last group would be read beyond the input's end: that group comes from a copy.
static __attribute__((noinline)) void detach_tails(k_s8_panels *p, int32_t count, int32_t n,
                                                   int8_t tails[][K_GROUP]) {
    const int32_t groups = p->groups - 1;
    for (int32_t i = 0; i < count; i++) {
        const int8_t *tail = p->rows[i] + groups * K_GROUP;
        uint64_t taps = 0;
        for (int32_t k = n - 1; k >= 0; k--) taps = taps << 8 | (uint8_t)tail[k];
        memcpy(tails[i], &taps, sizeof taps);
        p->skips[i] = (ptrdiff_t)((uintptr_t)tails[i] - (uintptr_t)tail);
        if (groups == 0) p->rows[i] = tails[i];
    }
    if (groups == 0) return;
    p->segments = 2;
    p->groups = groups;
    p->later_groups = 1;
}

/// A tile that spans rows or meets the border, pixel by pixel. Returns the last one that is read in place.
K_DRIVER static __attribute__((noinline)) const int8_t *mixed_tile(const layer *l, k_s8_panels *p, const int8_t *input,
                                                                   cursor *walk, size_t count, int8_t *patch,
                                                                   size_t patch_bytes, window *held) {
    const k_convolution_shape *s = &l->shape;
    const ptrdiff_t column = (ptrdiff_t)s->stride_width * s->input_pixel_stride;
    const int8_t *last = input;
    cursor at = *walk;
#pragma clang loop unroll(disable)
    for (size_t i = 0; i < count; i++, patch += patch_bytes, at.origin += column, at.x++) {
        if (at.x == s->output_width)
            at = at.y + 1 < s->output_height ? seek(l, input, at.image, at.y + 1, 0)
                                             : seek(l, input, at.image + 1, 0, 0);
        p->rows[i] = at.origin;
        p->skips[i] = l->skip;
        if (l->direct && (uint32_t)(at.x - l->columns.first) < at.inside) {
            last = at.origin;
            continue;
        }
        p->rows[i] = patch;
        p->skips[i] = 0;
        gather(l, at.origin, at.y, at.x, patch, &held[i]);
    }
    *walk = at;
    return last;
}

K_DRIVER static void run_group(const layer *l, k_s8_panels *p, const int8_t *input, k_s8_panels_function four,
                               k_s8_panels_function one) {
    const k_convolution_shape *s = &l->shape;
    const ptrdiff_t column = (ptrdiff_t)s->stride_width * s->input_pixel_stride;
    const size_t pixels = k_pixels(s);
    const size_t patch_bytes = l->patch_bytes;
    size_t count = pixels < K_TILE_PIXELS ? 1 : K_TILE_PIXELS, singles = 0;
    uint8_t *const output = p->output;
    int8_t *patches = l->b->scratch;
    int8_t tails[K_PANEL_PIXELS][K_GROUP];
    window held[K_PANEL_PIXELS]; // by the patches
    memset(held, -1, sizeof held);
    if (pixels >= BAND_PIXELS) {
        const band n = plan_band(l);
        if (n.rows > 0) {
            run_bands(l, &n, p, four, one);
            return;
        }
    }
#if defined(K_EIGHT_PIXELS)
    const int32_t line = line_pixels(l, p);
    if (line > 0) {
        run_lines(l, line, p, input, four, one);
        return;
    }
    _Alignas(64) int8_t stack[STACK_PATCHES];
    if (K_PANEL_PIXELS * patch_bytes <= sizeof stack) {
        patches = stack;
        if (pixels >= K_PANEL_PIXELS) count = K_PANEL_PIXELS;
    }
    p->pixels = (int32_t)count;
#else
    // One or two pixels that are left cost less than a tile.
    if (one && pixels % K_TILE_PIXELS <= 2) singles = pixels % K_TILE_PIXELS;
#endif
    p->tile_step = (ptrdiff_t)count * column;
    cursor at = seek(l, input, 0, 0, 0);
    for (size_t first = 0; first < pixels; first += count) {
        if (first + singles == pixels) count = 1;
        if (first + count > pixels) {
            // The last tile overlaps the one before: the same bits once more.
            first = pixels - count;
            size_t row = first / (size_t)s->output_width;
            at = seek(l, input, row / (size_t)s->output_height, (int32_t)(row % (size_t)s->output_height),
                      (int32_t)(first % (size_t)s->output_width));
        }
        const int32_t end = at.x + (int32_t)count - l->columns.first;
        const int inside = at.x >= l->columns.first && end <= (int32_t)at.inside;
        const int8_t *last;
        size_t tiles = 1;
        if (inside && l->direct) {
            // All such tiles of a row.
            if (count > 1) tiles += (at.inside - (uint32_t)end) / count;
            for (size_t i = 0; i < count; i++, at.origin += column) {
                p->rows[i] = at.origin;
                p->skips[i] = l->skip;
            }
            last = at.origin - column;
            // But for those that would be read beyond the input's end.
            const ptrdiff_t room = l->input_end - l->groups * K_GROUP - last;
            if (l->tail && tiles > 1 && room < (ptrdiff_t)(tiles - 1) * p->tile_step) tiles = room < 0 ? 1 : 1 + (size_t)(room / p->tile_step);
            at.origin += (ptrdiff_t)(tiles - 1) * p->tile_step;
            at.x += (int32_t)(tiles * count);
        } else {
            last = mixed_tile(l, p, input, &at, count, patches, patch_bytes, held);
        }
        p->output = output + first * p->output_stride;
        if (l->tail) {
            p->segments = 1;
            p->groups = l->groups;
            if (last + l->groups * K_GROUP > l->input_end) detach_tails(p, (int32_t)count, l->tail, tails);
        }
        p->tiles = (int32_t)tiles;
        (count == 1 ? one : four)(p);
        first += (tiles - 1) * count;
    }
    p->output = output;
}

K_LINKAGE void K_WALK(const k_s8_convolution *b, k_s8_panels *p, size_t step, k_s8_panels_function four,
                      k_s8_panels_function one) {
    const k_convolution_shape *s = &b->shape;
    const size_t element = p->hybrid ? sizeof(float) : sizeof(int8_t);
    p->filters = s->output_channels / s->groups;
    p->panels = (const uint8_t *)b->weights + K_PANEL_HEADER;
    p->output_stride = (size_t)s->output_channels * element;
    const layer l = describe(b, p);
    const size_t group_bytes = s->groups > 1 ? k_s8_panels_group_bytes(s, step, p->hybrid != NULL) : 0;
    for (int32_t group = 0; group < s->groups; group++) {
        run_group(&l, p, b->input + group * l.channels, four, one);
        p->panels += group_bytes;
        p->output += (size_t)p->filters * element;
    }
}
