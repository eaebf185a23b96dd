// Part of f32_gemm.c: an image of one line, as sound is to networks that convolve over time. Of nine taps eight pixels reach
// into the padding, each with a tap less than the one beside it: as rectangles they would be eight tiles of one pixel,
// which wait for their sums. Here the line is cut into tiles as even as can be, and one that reaches into the padding goes
// over its taps in order, each with the pixels that have it inside; between them sums wait where the outputs will be.

/// Whether it is one, and tiles of it can wait: `line` is then `s`, laid in a row.
static int is_line(const k_convolution_shape *s, const k_f32_tiling *tiling, k_convolution_shape *line) {
    *line = *s;
    k_lay_column(line);
    return tiling->waits && line->input_height == 1 && line->output_height == 1 && line->kernel_height == 1 && line->pad_top == 0 &&
           line->kernel_width > 1 && line->groups == 1 && line->output_channels % K_F32_HALF_PANEL == 0;
}

/// Pixels first…end − 1 of a line by taps from the `tap`th on, `taps` of them; the rest of the tile stands in `t`.
static void line_taps(k_f32_tile *t, const k_f32_tiling *tiling, const float *input, float *output, int32_t first, int32_t end,
                      int32_t tap, int32_t taps) {
    const k_convolution_shape *s = t->shape;
    const ptrdiff_t step = k_column_step(s);
    t->rows = taps > 0;
    t->runs = taps;
    t->length = s->input_channels;
    t->run_skip = step - t->length;
    if (t->run_skip == 0) t->runs = t->rows, t->length *= taps;
    t->first_tap = (ptrdiff_t)tap * s->input_channels;
    t->pixels = end - first;
    // Without taps nothing is read, and the input may be anywhere.
    const ptrdiff_t pixel = taps > 0 ? (ptrdiff_t)s->stride_width * s->input_pixel_stride : 0;
    if (taps > 0) input += first * pixel - (ptrdiff_t)s->pad_left * s->input_pixel_stride + tap * step;
    output += (ptrdiff_t)first * s->output_channels;
    for (int32_t i = 0; i < t->pixels; i++, input += pixel, output += s->output_channels) {
        t->inputs[i] = input;
        t->outputs[i] = output;
    }
    tiling->many(t);
}

/// One panel of a tile, pixels first…end − 1.
static void line_tile(k_f32_tile *t, const k_f32_tiling *tiling, const float *input, float *output, int32_t first, int32_t end) {
    const k_convolution_shape *s = t->shape;
    const int32_t taps = s->kernel_width;
    // The pixels that have a tap inside: the later it is, the farther to the left.
    int32_t from = end, to = end;
    t->resumes = 0;
    const int32_t reach = (end - 1) * s->stride_width + (taps - 1) * s->dilation_width - s->pad_left;
    if (first * s->stride_width >= s->pad_left && reach < s->input_width) {
        t->waits = 0;
        line_taps(t, tiling, input, output, first, end, 0, taps);
        return;
    }
    t->waits = 1;
    for (int32_t tap = 0; tap < taps;) {
        const int32_t begin = tap;
        for (; tap < taps; tap++) {
            const int32_t at = tap * s->dilation_width - s->pad_left;
            int32_t a = from, b = to;
            while (a > first && (a - 1) * s->stride_width + at >= 0) a--;
            while (b > first && (b - 1) * s->stride_width + at >= s->input_width) b--;
            if (tap > begin && (a != from || b != to)) break;
            from = a;
            to = b;
        }
        if (from >= to) continue;
        const int all = from == first && to == end;
        if (!all && !t->resumes) {
            line_taps(t, tiling, input, output, first, end, 0, 0);
            t->resumes = 1;
        }
        t->waits = !all || tap < taps;
        line_taps(t, tiling, input, output, from, to, begin, tap - begin);
        t->resumes = 1;
    }
    if (!t->waits) return;
    t->waits = 0;
    line_taps(t, tiling, input, output, first, end, 0, 0);
}

static __attribute__((noinline)) void line(const k_f32_convolution *b, k_f32_tile *t, const k_f32_tiling *tiling) {
    const k_convolution_shape *s = t->shape;
    const size_t depth = k_filter_size(s);
    t->run_taps = t->row_taps = t->row_skip = 0;
    for (int32_t batch = 0; batch < s->batches; batch++) {
        const float *input = b->input + (ptrdiff_t)batch * s->input_row_stride;
        float *output = b->output + (ptrdiff_t)batch * s->output_width * s->output_channels;
        t->panel = b->weights;
        for (int32_t left = s->output_channels; left > 0; left -= t->filters, output += t->filters) {
            t->filters = tile_filters(tiling, s->output_width, left);
            const int32_t most = t->filters < K_F32_PANEL ? tiling->narrow : tiling->pixels;
            for (int32_t x = 0, tiles = k_divide_up(s->output_width, most); tiles > 0; tiles--) {
                const int32_t end = x + k_divide_up(s->output_width - x, tiles);
                line_tile(t, tiling, input, output, x, end);
                x = end;
            }
            t->panel += panels_floats(depth, t->filters);
        }
    }
}
