#include "hybrid.h"
#include "kernels.h"
#include "../small.h"

enum { STACK = 1024 * K_PANEL_PIXELS }; // bytes of patches that may stand there

K_SMALL_BEGIN

/// How a quantised image stands in the scratch area.
typedef struct {
    k_convolution_shape shape; // as the walk over its pixels sees it
    size_t before, beside, after; // bytes of zero points before the first row, between rows, after the last
    size_t bytes;                 // of all
    int on_stack;                 // patches
    int sparse;                   // only the pixels that are read stand there
    int32_t top, bottom;          // rows of outputs that have a copy of what they read, also there
} image;

static int32_t reach(int32_t outputs, int32_t stride, int32_t kernel, int32_t dilation) {
    return (outputs - 1) * stride + (kernel - 1) * dilation + 1;
}

/// Bytes that `outputs` rows of outputs read of an image whose columns have edges.
static size_t band_bytes(const k_convolution_shape *s, int32_t outputs) {
    const int32_t rows = reach(outputs, s->stride_height, s->kernel_height, s->dilation_height);
    return (size_t)(rows - 1) * (size_t)s->input_row_stride + (size_t)s->input_width * (size_t)s->input_channels;
}

/// Finds the rows of outputs that read above or below an image whose columns have edges. Returns whether they can
/// have copies.
static int find_bands(image *i) {
    const k_convolution_shape *s = &i->shape;
    const int32_t room = s->input_height + s->pad_top - reach(1, 0, s->kernel_height, s->dilation_height);
    i->top = k_min(k_divide_up(s->pad_top, s->stride_height), s->output_height);
    i->bottom = s->output_height - k_min(room < 0 ? 0 : room / s->stride_height + 1, s->output_height);
    if (i->top + i->bottom >= s->output_height) return 0;
    // A micro-kernel may want four pixels.
    return !k_panels_gather(s) && s->output_width >= K_TILE_PIXELS &&
           band_bytes(s, k_max(i->top, i->bottom)) <= STACK;
}

/// With its zero point around it an image needs no patches. Pixels to the right of a row are those to the left of
/// the next, and where there is no room above and below, only the patches there are gathered. Room is what an image
/// without edges takes with four patches.
static image place(const k_convolution_shape *s) {
    const k_convolution_shape dense = k_hybrid_dense_image(s);
    const size_t range = k_hybrid_range_bytes(s);
    if (!k_s8_gathers(&dense)) {
        image i = {.shape = dense, .bytes = range};
        k_convolution_shape *d = &i.shape;
        i.sparse = d->kernel_height == 1 && d->kernel_width == 1;
        if (i.sparse) {
            d->stride_height = d->stride_width = 1;
            d->input_height = d->output_height;
            d->input_width = d->output_width;
            d->input_row_stride = d->input_width * d->input_channels;
        }
        return i;
    }
    const size_t patches = K_TILE_PIXELS * k_s8_patch_bytes(&dense), room = range + patches;
    const int32_t bottom = reach(s->output_height, s->stride_height, s->kernel_height, s->dilation_height);
    const int32_t right = reach(s->output_width, s->stride_width, s->kernel_width, s->dilation_width);
    const int32_t below = k_max(bottom - s->pad_top - s->input_height, 0);
    const int32_t after = k_max(right - s->pad_left - s->input_width, 0), beside = k_max(s->pad_left, after);
    const size_t channels = (size_t)s->input_channels, row = (size_t)(s->input_width + beside) * channels;
    const size_t before = (size_t)s->pad_left * channels;
    for (int rows = 1; rows >= 0; rows--) {
        image i = {.shape = dense, .beside = (size_t)beside * channels};
        const int32_t above = rows ? s->pad_top : 0;
        i.shape.pad_left = 0;
        i.shape.pad_top -= above;
        i.shape.input_height += above + (rows ? below : 0);
        i.shape.input_width += s->pad_left + after;
        i.shape.input_row_stride = (int32_t)row;
        i.before = before + (size_t)above * row;
        i.bytes = before + (size_t)i.shape.input_height * row;
        i.after = i.bytes - i.before - (size_t)s->input_height * row + i.beside;
        if (i.bytes > room) continue;
        if (!rows && find_bands(&i)) return i;
        i.top = i.bottom = 0;
        i.on_stack = !rows || k_panels_gather(&i.shape);
        if (!i.on_stack || patches <= STACK) return i;
    }
    return (image){.shape = dense, .bytes = room};
}

k_convolution_shape k_hybrid_walked(const k_convolution_shape *s) { return k_hybrid_pointwise(s) ? *s : place(s).shape; }

size_t k_hybrid_panels_scratch_bytes(const k_convolution_shape *s) {
    return k_hybrid_pointwise(s) ? K_TILE_PIXELS * k_s8_patch_bytes(s) : place(s).bytes;
}

static void set_row(const k_hybrid_kernel *kernel, k_hybrid_rows *rows, int32_t r, k_quantization q) {
    rows->folds[r] = kernel->flip - q.zero;
    rows->scales[r] = q.scale;
}

/// Walks over `count` rows of outputs from the `y`th on, of an image without rows above and below.
static void run_rows(const k_s8_convolution *all, const k_hybrid_kernel *kernel, k_s8_panels *p, float *output,
                     int32_t y, int32_t count, int8_t *copy) {
    k_s8_convolution c = *all;
    k_convolution_shape *s = &c.shape;
    const int32_t first = y * s->stride_height - s->pad_top, row = s->input_row_stride;
    const int32_t height = reach(count, s->stride_height, s->kernel_height, s->dilation_height);
    if (count == 0) return;
    c.input += (ptrdiff_t)first * row;
    if (copy) {
        const int32_t from = k_max(first, 0), end = k_min(first + height, s->input_height);
        const ptrdiff_t beyond = s->input_width * s->input_channels - row;
        memset(copy, c.input_zero, band_bytes(s, count));
        if (from < end)
            memcpy(copy + (from - first) * row, all->input + from * row, (size_t)((end - from) * row + beyond));
        c.input = copy;
    }
    s->pad_top = 0;
    s->input_height = height;
    s->output_height = count;
    p->output = (uint8_t *)(output + (size_t)y * (size_t)s->output_width * (size_t)s->output_channels);
    kernel->walk(&c, p, kernel->step, kernel->four, kernel->one);
}

static void run_images(const k_hybrid_convolution *b, const k_hybrid_kernel *kernel, k_hybrid_rows *rows,
                       k_s8_panels *p) {
    const k_convolution_shape *s = &b->shape;
    const image i = place(s);
    int8_t stack[STACK], *const base = b->scratch, *const first = base + i.before;
    const ptrdiff_t row = i.shape.input_row_stride, width = row - (ptrdiff_t)i.beside;
    k_s8_convolution c = {
        .shape = i.shape,
        .input = base,
        .weights = b->weights,
        .scratch = i.on_stack ? stack : base + k_hybrid_range_bytes(s),
    };
    const size_t pixels = k_pixels(&i.shape) * (size_t)s->output_channels;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const float *values = b->input + (ptrdiff_t)batch * s->input_height * s->input_row_stride;
        const k_hybrid_range all = k_hybrid_image(s, values, row);
        k_hybrid_range some = all;
        if (i.sparse) {
            some.values = values;
            some.rows = s->output_height;
            some.columns = s->output_width;
            some.length = (size_t)s->input_channels;
            some.row_step = (ptrdiff_t)s->stride_height * s->input_row_stride;
            some.column_step = (ptrdiff_t)s->stride_width * s->input_pixel_stride;
        }
        const k_quantization q = kernel->quantise(&all, &some, first);
        c.input_zero = q.zero ^ kernel->flip;
        memset(base, c.input_zero, i.before);
        int8_t *edge = first + width;
        for (int32_t y = 1; y < s->input_height; y++, edge += row) memset(edge, c.input_zero, i.beside);
        memset(edge, c.input_zero, i.after);
        for (int32_t r = 0; r < kernel->pixels; r++) set_row(kernel, rows, r, q);
        float *const output = b->output + (size_t)batch * pixels;
        if (i.top || i.bottom) {
            const int32_t end = s->output_height - i.bottom;
            run_rows(&c, kernel, p, output, 0, i.top, stack);
            run_rows(&c, kernel, p, output, i.top, end - i.top, NULL);
            run_rows(&c, kernel, p, output, end, i.bottom, stack);
        } else {
            p->output = (uint8_t *)output;
            kernel->walk(&c, p, kernel->step, kernel->four, kernel->one);
        }
    }
}

K_SMALL_END

/// Quantises pixels as they are needed; the last tile overlaps the one before.
static void run_pixels(const k_hybrid_convolution *b, const k_hybrid_kernel *kernel, k_hybrid_rows *rows,
                       k_s8_panels *p) {
    const k_convolution_shape *s = &b->shape;
    const size_t pixels = k_pixels(s), pitch = k_s8_patch_bytes(s);
    size_t count = pixels < K_TILE_PIXELS ? 1 : K_TILE_PIXELS;
    int8_t *patches = b->scratch;
#if defined(__x86_64__)
    _Alignas(64) int8_t stack[STACK];
    const size_t most = (size_t)kernel->pixels;
    if (pixels >= most && most * pitch <= sizeof stack) {
        patches = stack;
        count = most;
    }
    p->pixels = (int32_t)count;
#endif
    p->segments = p->tiles = 1;
    p->groups = p->later_groups = (int32_t)k_panel_groups((size_t)s->input_channels);
    p->filters = s->output_channels;
    p->panels = (const uint8_t *)b->weights + K_PANEL_HEADER;
    p->output_stride = (size_t)s->output_channels * sizeof(float);
    for (size_t i = 0; i < count; i++) p->rows[i] = patches + i * pitch;
    // Where it is in the output: a row of some image and a column, of which the input's pixel is `at`.
    int32_t column = 0;
    size_t row = 0;
    const float *at = b->input;
    for (size_t first = 0; first < pixels; first += count) {
        if (first + count > pixels) {
            first = pixels - count;
            row = first / (size_t)s->output_width;
            column = (int32_t)(first % (size_t)s->output_width);
            at = b->input + k_pixel_at(s, first).origin;
        }
        const float *x[K_PANEL_PIXELS];
        for (size_t i = 0; i < count; i++, column++, at += s->input_pixel_stride) {
            if (column == s->output_width) {
                column = 0;
                row++;
                at = b->input + k_pixel_at(s, row * (size_t)s->output_width).origin;
            }
            x[i] = at;
        }
#if defined(__aarch64__)
        if (count == K_TILE_PIXELS)
            k_hybrid_quantise_pixels_neon(x, (size_t)s->input_channels, patches, pitch, rows);
        else
#elif defined(__x86_64__)
        if (count == 2 * K_TILE_PIXELS) // with AVX-512 only
            k_hybrid_quantise_pixels_avx512(x, (size_t)s->input_channels, patches, pitch, rows);
        else
#endif
            for (size_t i = 0; i < count; i++) {
                const k_hybrid_range range = k_hybrid_pixel(s->input_channels, x[i]);
                set_row(kernel, rows, (int32_t)i, kernel->quantise(&range, &range, patches + i * pitch));
            }
        p->output = (uint8_t *)(b->output + first * (size_t)s->output_channels);
        (count == 1 ? kernel->one : kernel->four)(p);
    }
}

K_SMALL_BEGIN

/// Filters with neighbouring weights of −128, which no quantiser makes, have no faster kernel than the reference.
static void run_unproved(const k_hybrid_convolution *b) {
    k_hybrid_convolution plain = *b;
    plain.weights = (const uint8_t *)b->weights + K_PANEL_HEADER;
    hybrid_convolution_reference(&plain);
}

void k_hybrid_panels_run(const k_hybrid_convolution *b, const k_hybrid_kernel *kernel) {
    if (!k_s8_proved(b->weights)) return run_unproved(b);
    // A minimum of zeros may be −0: where that is the ceiling, it comes last.
    const int sweep = b->output_max == 0 && signbit(b->output_max);
    k_hybrid_rows rows = {.low = b->output_min, .high = sweep ? INFINITY : b->output_max};
    rows.floor = rows.low > -INFINITY;
    rows.ceiling = rows.high < INFINITY;
    k_s8_panels p = {.hybrid = &rows};
    if (k_hybrid_pointwise(&b->shape))
        run_pixels(b, kernel, &rows, &p);
    else
        run_images(b, kernel, &rows, &p);
    if (sweep)
        for (size_t i = 0, n = k_pixels(&b->shape) * (size_t)b->shape.output_channels; i < n; i++)
            b->output[i] = k_clamp(b->output[i], b->output_min, b->output_max);
}

K_SMALL_END
