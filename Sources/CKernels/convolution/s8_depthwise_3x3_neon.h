// Depthwise 3×3, sixteen channels at a time. Included by a kernel after it has defined
//   TARGET, BLOCK_WEIGHTS   its attribute; bytes of a channel's weights where blocks are packed apart, or 0
//   COLUMN, TAPS            vectors of a column of the input, and of the weights
//   spread, load_weights, multiply
// The weights stay in registers for all rows of a block, and each column of the input while it is
// the right, the middle and the left one: three loads a pixel.

/// Three rows of the input, read from left to right; outside the image all is the zero point.
typedef struct {
    const int8_t *rows[3];
    ptrdiff_t steps[3];
    int32_t x, width;
    int8x16_t zero;
} rows3;

TARGET K_INLINE void next_column(rows3 *r, int8x16_t column[COLUMN]) {
    if ((uint32_t)r->x++ >= (uint32_t)r->width) {
        for (int i = 0; i < COLUMN; i++) column[i] = r->zero;
        return;
    }
    int8x16_t taps[3];
    for (int i = 0; i < 3; i++) {
        taps[i] = vld1q_s8(r->rows[i]);
        r->rows[i] += r->steps[i];
    }
    spread(taps, column);
}

TARGET K_INLINE void pixel(const block16 *b, const int8x16_t w[TAPS], const int8x16_t l[COLUMN],
                           const int8x16_t m[COLUMN], const int8x16_t r[COLUMN], int8_t *output) {
    int32x4_t acc[4];
    load4(b->folded, acc);
    multiply(acc, w, l, m, r);
    k_store_panel_neon(acc, b->scale, b->zero, b->low, b->high, output);
}

TARGET K_INLINE void row_3x3(const block16 *b, const int8x16_t w[TAPS], rows3 r, int32_t stride, int32_t count,
                             int8_t *output) {
    int8x16_t one[COLUMN], two[COLUMN], three[COLUMN];
    next_column(&r, one);
    if (stride == 2) {
        for (; count > 0; count--, output += b->channels) {
            next_column(&r, two);
            next_column(&r, three);
            pixel(b, w, one, two, three, output);
            for (int i = 0; i < COLUMN; i++) one[i] = three[i];
        }
        return;
    }
    next_column(&r, two);
    for (;;) {
        next_column(&r, three);
        pixel(b, w, one, two, three, output);
        if (--count == 0) break;
        output += b->channels;
        next_column(&r, one);
        pixel(b, w, two, three, one, output);
        if (--count == 0) break;
        output += b->channels;
        next_column(&r, two);
        pixel(b, w, three, one, two, output);
        if (--count == 0) break;
        output += b->channels;
    }
}

TARGET static void planes_3x3(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
    int8_t outside[K_PANEL];
    vst1q_s8(outside, b.input_zero);
    for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
        // The last block overlaps the one before: the same bits once more.
        const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
        block16 here = b;
        here.folded += at, here.scale += at;
        int8x16_t w[TAPS];
        load_weights(b.weights + (BLOCK_WEIGHTS ? i * BLOCK_WEIGHTS : at), b.channels, w);
        int8_t *output = c->output + at;
        const int8_t *image = c->input + at;
        for (int32_t n = 0; n < s->batches; n++, image += (ptrdiff_t)s->input_height * s->input_row_stride) {
            int32_t y = -s->pad_top;
            for (int32_t oy = 0; oy < s->output_height; oy++, y += s->stride_height) {
                rows3 r = {.x = -s->pad_left, .width = s->input_width, .zero = b.input_zero};
                for (int32_t k = 0; k < 3; k++) {
                    const int inside = (uint32_t)(y + k) < (uint32_t)s->input_height;
                    r.rows[k] = inside ? image + (ptrdiff_t)(y + k) * s->input_row_stride : outside;
                    r.steps[k] = inside ? s->input_pixel_stride : 0;
                }
                row_3x3(&here, w, r, s->stride_width, s->output_width, output);
                output += s->output_width * b.channels;
            }
        }
    }
}
