// Part of s8_panels_run.h: layers with padding, or whose rows of taps are narrow, walk over a band: so many rows of the
// image as fit the stack, with their edges. There every patch lies inside, at the same distance from row to row.

#if defined(K_EIGHT_PIXELS)
enum {
    BAND_PIXELS = 2 * K_TILE_PIXELS,
    BAND_GROUP = K_GROUP / 2,
    STACK_PATCHES = 8192, // bytes of 8 pixels; deeper ones go by four, from the scratch area
};
#else
enum { BAND_PIXELS = K_TILE_PIXELS, BAND_GROUP = K_GROUP };
#endif

enum {
    BAND_BYTES = 8192,
    BAND_PATCHES = 2048, // of those, if more than one tile's fit
    BAND_SLACK = 16,     // read or written, if never used, behind the last row and each patch
};

typedef struct {
    int32_t rows, least; // of outputs; 0: no band. The least that fill a tile
    ptrdiff_t row;       // bytes of the band's
    ptrdiff_t step;      // from one row of taps to the next
    size_t patch;        // bytes from one gathered patch to the next, 0 where all are read in place
    int32_t tiles;       // that are gathered at once
} band;

/// Whether no patch meets the border.
static int all_inside(const layer *l) {
    return l->rows.count == (uint32_t)l->shape.output_height && l->columns.count == (uint32_t)l->shape.output_width;
}

static band plan_band(const layer *l) {
    const k_convolution_shape *s = &l->shape;
    const int32_t columns = (s->output_width - 1) * s->stride_width + s->kernel_width;
    const int32_t reach = (s->kernel_height - 1) * s->dilation_height;
    band n = {.least = k_divide_up(BAND_PIXELS, s->output_width), .row = columns * l->channels};
    n.step = s->dilation_height * n.row;
    const int in_place = s->kernel_height == 1 || n.step == l->width || l->width % K_GROUP == 0 || l->half_groups;
    n.patch = in_place ? 0 : l->patch_bytes + BAND_SLACK;
    n.tiles = in_place ? 0 : k_max((int32_t)(BAND_PATCHES / (BAND_PIXELS * n.patch)), 1);
    const ptrdiff_t patches = n.tiles * BAND_PIXELS * (ptrdiff_t)n.patch;
    const ptrdiff_t rows = (BAND_BYTES - BAND_SLACK - patches) / n.row - reach;
    if ((l->direct && all_inside(l)) || !l->adjacent || s->groups > 1 || s->input_pixel_stride != s->input_channels ||
        s->pad_left >= columns || n.least > s->output_height || rows < 1)
        return n;
    const int32_t most = k_min((int32_t)(rows - 1) / s->stride_height + 1, s->output_height);
    if (most >= n.least) n.rows = k_max(k_divide_up(s->output_height, k_divide_up(s->output_height, most)), n.least);
    return n;
}

/// Rows of an image that `count` rows of outputs read.
static int32_t band_rows(const k_convolution_shape *s, int32_t count) {
    return (count - 1) * s->stride_height + (s->kernel_height - 1) * s->dilation_height + 1;
}

/// Copies elements as the kernel wants them.
K_DRIVER static inline void copy_taps(int8_t *restrict to, const int8_t *restrict from, size_t n, int8_t flip) {
#if defined(K_EIGHT_PIXELS)
    for (size_t i = 0; i < n; i++) to[i] = from[i] ^ flip;
#else
    (void)flip;
    memcpy(to, from, n);
#endif
}

/// Copies what rows of outputs from the `y`th on read of an image.
K_DRIVER static void fill_band(const layer *l, const band *n, const int8_t *image, int32_t y, int32_t count, int8_t *to) {
    const k_convolution_shape *s = &l->shape;
    const int32_t columns = k_min(s->input_width, (int32_t)(n->row / l->channels) - s->pad_left);
    const int32_t end = band_rows(s, count);
    y = y * s->stride_height - s->pad_top;
    to += s->pad_left * l->channels;
#pragma clang loop unroll(disable)
    for (int32_t i = 0; i < end; i++, y++, to += n->row) {
        size_t bytes = (size_t)(columns * l->channels), at = 0;
        if ((uint32_t)y >= (uint32_t)s->input_height) {
            memset(to, l->b->input_zero ^ l->flip, bytes);
            continue;
        }
        const int8_t *from = image + (ptrdiff_t)y * s->input_row_stride;
#pragma clang loop unroll(disable)
        for (; bytes - at >= 64; at += 64) copy_taps(to + at, from + at, 64, l->flip);
        if (bytes > at) copy_taps(to + at, from + at, bytes - at, l->flip);
    }
}

/// Gathers a tile's patches. Sixteen bytes at a time, the last of all rows first: what is too much, others overwrite, or
/// weights of 0 meet.
static inline void gather_tile(const layer *l, const band *n, const int8_t *const x[BAND_PIXELS], int8_t *to, int32_t wide) {
    for (ptrdiff_t k = (l->width - 1) / 16 * 16; k >= 0; k -= 16) {
        const int8_t *from = x[0] + k, *const end = from + l->shape.kernel_height * n->step;
        ptrdiff_t beside[BAND_PIXELS];
        for (int32_t i = 0; i < BAND_PIXELS; i++) beside[i] = i < wide ? x[i] - x[0] : 0;
        int8_t *row = to + k;
#pragma clang loop unroll(disable)
        for (; from != end; from += n->step, row += l->width)
            for (size_t i = 0; i < BAND_PIXELS; i++) memcpy(row + i * n->patch, from + beside[i], 16);
    }
}

/// Tiles over `count` rows of outputs, from where the first pixel's output goes.
static void walk_band(const layer *l, const band *n, k_s8_panels *p, uint8_t *output, int32_t count, int8_t *bytes,
                      k_s8_panels_function four, k_s8_panels_function one) {
    const k_convolution_shape *s = &l->shape;
    const int32_t width = s->output_width, pixels = count * width;
    const ptrdiff_t column = (ptrdiff_t)s->stride_width * l->channels, row = s->stride_height * n->row;
    const size_t tile = BAND_PIXELS * n->patch;
    int8_t *const patches = bytes + BAND_BYTES - (size_t)n->tiles * tile;
    const int8_t *line = bytes;
    int32_t x = 0;
    for (int32_t first = 0, tiles, wide = BAND_PIXELS; first < pixels; first += tiles * wide) {
        k_s8_panels_function run = four;
        if (first + K_TILE_PIXELS >= pixels) wide = K_TILE_PIXELS;
        if (one && first + 2 >= pixels) {
            run = one;
            wide = 1;
        } else if (first + wide > pixels) {
            // The last tile overlaps the one before: the same bits once more.
            first = pixels - wide;
            line = bytes + first / width * row;
            x = first % width;
        }
        tiles = 0;
        do {
            if (x + wide > width) {
#pragma clang loop unroll(disable)
                for (int32_t i = 0; i < wide; i++, x++) {
                    if (x == width) {
                        x = 0;
                        line += row;
                    }
                    p->rows[i] = line + x * column;
                }
            } else {
                const int8_t *at = line + x * column;
                for (size_t i = 0; i < BAND_PIXELS; i++, at += column) p->rows[i] = at;
                x += wide;
            }
            if (n->patch) gather_tile(l, n, p->rows, patches + (size_t)tiles * tile, wide);
        } while (++tiles < n->tiles && first + (tiles + 1) * BAND_PIXELS <= pixels);
        if (n->patch) {
            for (size_t i = 0; i < BAND_PIXELS; i++) p->rows[i] = patches + i * n->patch;
        } else if (run == four && x >= wide) {
            tiles += (width - x) / wide;
            x += (tiles - 1) * wide;
        }
#if defined(K_EIGHT_PIXELS)
        p->pixels = wide;
#endif
        p->tiles = tiles;
        p->output = output + (size_t)first * p->output_stride;
        run(p);
    }
}

static __attribute__((noinline)) void run_bands(const layer *l, const band *n, k_s8_panels *p,
                                                k_s8_panels_function four, k_s8_panels_function one) {
    const k_convolution_shape *s = &l->shape;
    _Alignas(64) int8_t bytes[BAND_BYTES];
    uint8_t *const output = p->output;
    const int8_t *image = l->b->input;
    const int row_by_row = !n->patch && s->kernel_height > 1 && (n->step != l->width || l->row_taps != l->width);
    const size_t depth = k_round_up(k_filter_size(s), K_GROUP);
    p->segments = row_by_row ? s->kernel_height : 1;
    p->groups = (int32_t)((row_by_row ? (size_t)l->row_taps : depth) / BAND_GROUP);
    p->later_groups = p->groups;
    p->tile_step = BAND_PIXELS * (n->patch ? (ptrdiff_t)n->patch : s->stride_width * l->channels);
    for (size_t i = 0; i < BAND_PIXELS; i++) p->skips[i] = row_by_row ? n->step - l->row_taps : 0;
#if defined(K_EIGHT_PIXELS)
    p->band = 1;
#endif
    memset(bytes, l->b->input_zero ^ l->flip, (size_t)(band_rows(s, n->rows) * n->row));
    for (int32_t b = 0; b < s->batches; b++, image += (ptrdiff_t)s->input_height * s->input_row_stride)
        for (int32_t y = 0; y < s->output_height; y += n->rows) {
            y = k_min(y, s->output_height - n->least);
            const int32_t count = k_min(n->rows, s->output_height - y);
            fill_band(l, n, image, y, count, bytes);
            const size_t row = (size_t)b * (size_t)s->output_height + (size_t)y;
            walk_band(l, n, p, output + row * (size_t)s->output_width * p->output_stride, count, bytes, four, one);
        }
    p->output = output;
#if defined(K_EIGHT_PIXELS)
    p->band = 0;
#endif
}

#if defined(K_EIGHT_PIXELS)
/// How many pixels at once of a layer whose pixels lie in one line, as a pointwise one's, are copied with 128 added to them; 0: none. It
/// pays where several pairs of panels read them: adding it while they are read takes vpdpbusd's turn each time.
static int32_t line_pixels(const layer *l, const k_s8_panels *p) {
    const k_convolution_shape *s = &l->shape;
    const ptrdiff_t column = (ptrdiff_t)s->stride_width * s->input_pixel_stride;
    const ptrdiff_t most = (BAND_BYTES - BAND_SLACK - l->width) / column + 1;
    if (p->hybrid || p->filters <= 2 * K_PANEL || s->batches * s->output_height > 1 || s->kernel_height > 1 || !all_inside(l) ||
        !l->adjacent || column > l->width || s->output_width < BAND_PIXELS)
        return 0;
    return (int32_t)(most / BAND_PIXELS * BAND_PIXELS);
}

K_DRIVER static __attribute__((noinline)) void run_lines(const layer *l, int32_t most, k_s8_panels *p, const int8_t *input,
                                                         k_s8_panels_function four, k_s8_panels_function one) {
    const int32_t pixels = l->shape.output_width;
    const band n = {.rows = 1}; // and nothing to gather
    layer part = *l;
    _Alignas(64) int8_t bytes[BAND_BYTES];
    uint8_t *const output = p->output;
    part.channels = l->shape.input_pixel_stride;
    const ptrdiff_t column = l->shape.stride_width * part.channels;
    p->segments = 1;
    p->groups = (int32_t)(k_round_up((size_t)l->width, K_GROUP) / BAND_GROUP);
    p->tile_step = BAND_PIXELS * column;
    p->band = 1;
    for (int32_t first = 0; first < pixels; first += part.shape.output_width) {
        int32_t count = k_min(most, pixels - first);
        if (count < BAND_PIXELS) {
            // The last tile overlaps the one before: the same bits once more.
            count = count <= K_TILE_PIXELS ? K_TILE_PIXELS : BAND_PIXELS;
            first = pixels - count;
        }
        const size_t length = (size_t)((count - 1) * column + l->width);
        copy_taps(bytes, input + first * column, length, l->flip);
        memset(bytes + length, 0, BAND_SLACK); // meets weights of 0
        part.shape.output_width = count;
        walk_band(&part, &n, p, output + (size_t)first * p->output_stride, 1, bytes, four, one);
    }
    p->output = output;
    p->band = 0;
}
#endif
