// Depthwise 3×3, sixteen channels at a time. Included by a kernel after it has defined
//   TARGET                    the attribute that lets a function use its instructions
//   BLOCK_WEIGHTS             bytes of a channel's weights where blocks are packed apart, or 0
//   LEFT, MIDDLE, RIGHT, ACC  four vector registers each, one behind the other: columns of the input; sums
//   LOAD_WEIGHTS              from [weights], for a row
//   COLUMN                    loads three rows' taps into a column, and steps to the next
//   PRODUCTS                  adds a pixel's to ACC; may take v28
// Each column stays in registers while it is the right, the middle and the left one: three loads a
// pixel. Written by hand, for a compiler moves columns and reloads clamps.

#define CALL(MACRO, ...) MACRO(__VA_ARGS__)
#define CALL_INSIDE(MACRO, ...) MACRO(__VA_ARGS__)
#define LOAD_4(A, B, C, D, FROM) "ld1 {v" A ".4s, v" B ".4s, v" C ".4s, v" D ".4s}, [%[" FROM "]]\n"
#define SCALE(A, B, C, D, S, T, U, V) K_CONVERT(A, B, C, D) K_MULTIPLY(A, B, C, D, S, T, U, V) K_ROUND_BY("29", A, B, C, D)
#define NARROW(A, B, C, D)                                                                                         \
    K_NARROW(A, B, C, D) "cbnz %w[plain], 8f\n ldr q28, [%[clamps], #48]\n"                                       \
    "add v" A ".8h, v" A ".8h, v28.8h\n add v" C ".8h, v" C ".8h, v28.8h\n"                                       \
    "smax v" A ".8h, v" A ".8h, v30.8h\n smax v" C ".8h, v" C ".8h, v30.8h\n"                                     \
    "smin v" A ".8h, v" A ".8h, v31.8h\n smin v" C ".8h, v" C ".8h, v31.8h\n"                                     \
    "8:\n" K_SATURATE(A, B, C, D) K_STORE(A, B, C, D)
#define START_PIXEL CALL(LOAD_4, ACC, "bias")
// The left column is not needed any more: the scales take its place.
#define FINISH_PIXEL(L0, L1, L2, L3)                                                                               \
    LOAD_4(L0, L1, L2, L3, "scale") CALL_INSIDE(SCALE, ACC, L0, L1, L2, L3) CALL_INSIDE(NARROW, ACC)
#define PIXEL_1(L, M, R) CALL(COLUMN, R) START_PIXEL CALL(PRODUCTS, L, M, R) CALL(FINISH_PIXEL, L)
// Outside the image every column is the zero point.
#define GO_OUTSIDE                                                                                                 \
    "mov %[x0], %[outside]\n mov %[x1], %[outside]\n mov %[x2], %[outside]\n"                                      \
    "mov %[s0], xzr\n mov %[s1], xzr\n mov %[s2], xzr\n"
// After `count` pixels, those that are left read outside the image; label HERE goes on.
#define CHECK(HERE, EVENT) "subs %w[count], %w[count], #1\n b.eq " EVENT "f\n" HERE ":\n"
#define EVENT(HERE, LABEL)                                                                                         \
    LABEL ":\n cbz %w[rest], 9f\n mov %w[count], %w[rest]\n mov %w[rest], wzr\n" GO_OUTSIDE "b " HERE "b\n"

typedef struct {
    const int8_t *rows[3];
    ptrdiff_t steps[3];
    const int8_t *weights, *outside; // sixteen bytes of the zero point
    const int32_t *bias;
    const float *scale;
    const int8_t *clamps; // what rounds (k_s8_round without zero unless `plain`), low, high and zero, a vector each
    int32_t plain;        // an even zero point, nothing to clamp: saturating is all
    int8_t *output;
    ptrdiff_t output_step, weights_step, weights_back;
    int32_t count, rest; // pixels whose columns lie inside, and after them
    int32_t padded;      // the first column lies outside
    int32_t middle;      // stride 2: the middle column of the first of `rest` lies inside
} row3;

#define ROW_OPERANDS                                                                                               \
    [x0] "+r"(r->rows[0]), [x1] "+r"(r->rows[1]), [x2] "+r"(r->rows[2]), [s0] "+r"(r->steps[0]),                   \
        [s1] "+r"(r->steps[1]), [s2] "+r"(r->steps[2]), [output] "+r"(r->output), [count] "+r"(r->count),          \
        [rest] "+r"(r->rest), [weights] "+r"(r->weights)
#define ROW_INPUTS                                                                                                 \
    [outside] "r"(r->outside), [bias] "r"(r->bias), [scale] "r"(r->scale),              \
        [stride] "r"(r->output_step), [clamps] "r"(r->clamps), [padded] "r"(r->padded), [middle] "r"(r->middle), [plain] "r"(r->plain), \
        [next] "r"(r->weights_step), [back] "r"(r->weights_back)
#define FIRST_COLUMN(A, B, C, D)                                                                                   \
    "ld1 {v29.16b, v30.16b, v31.16b}, [%[clamps]]\n"                                                               \
    "ld1 {v" A ".16b}, [%[outside]]\n"                                                                             \
    "mov v" B ".16b, v" A ".16b\n mov v" C ".16b, v" A ".16b\n mov v" D ".16b, v" A ".16b\n"                       \
    "cbnz %w[padded], 7f\n" COLUMN(A, B, C, D) "7:\n"

TARGET K_INLINE void row_stride_1(row3 *r) {
    __asm__ volatile(LOAD_WEIGHTS CALL(FIRST_COLUMN, LEFT) CALL(COLUMN, MIDDLE)
                     "cbz %w[count], 4f\n"
                     "1:\n" PIXEL_1(LEFT, MIDDLE, RIGHT) CHECK("2", "5")
                     PIXEL_1(MIDDLE, RIGHT, LEFT) CHECK("3", "6")
                     PIXEL_1(RIGHT, LEFT, MIDDLE)
                     "subs %w[count], %w[count], #1\n b.ne 1b\n"
                     EVENT("1", "4") EVENT("2", "5") EVENT("3", "6") "9:\n"
                     : ROW_OPERANDS
                     : ROW_INPUTS
                     : K_PANEL_CLOBBERS);
}

#define MOVE(A, B, C, D, E, F, G, H)                                                                               \
    "mov v" A ".16b, v" E ".16b\n mov v" B ".16b, v" F ".16b\n mov v" C ".16b, v" G ".16b\n mov v" D ".16b, v" H ".16b\n"
#define PIXEL_2                                                                                                    \
    CALL(COLUMN, RIGHT) START_PIXEL CALL(PRODUCTS, LEFT, MIDDLE, RIGHT) CALL(FINISH_PIXEL, LEFT) CALL(MOVE, LEFT, RIGHT)

TARGET K_INLINE void row_stride_2(row3 *r) {
    __asm__ volatile(LOAD_WEIGHTS CALL(FIRST_COLUMN, LEFT)
                     "cbz %w[count], 4f\n"
                     "1:\n" CALL(COLUMN, MIDDLE) "2:\n" PIXEL_2
                     "subs %w[count], %w[count], #1\n b.ne 1b\n"
                     "4: cbz %w[rest], 9f\n"
                     "mov %w[count], %w[rest]\n mov %w[rest], wzr\n"
                     "cbz %w[middle], 5f\n"
                     CALL(COLUMN, MIDDLE) GO_OUTSIDE "b 2b\n"
                     "5:\n" GO_OUTSIDE "b 1b\n"
                     "9:\n"
                     : ROW_OPERANDS
                     : ROW_INPUTS
                     : K_PANEL_CLOBBERS);
}

/// All lines of all blocks of channels.
TARGET static void planes_3x3(const k_s8_convolution *c, block16 b) {
    const k_convolution_shape *s = &c->shape;
    int8_t outside[K_PANEL], clamps[4][K_PANEL];
    const int plain = c->output_zero % 2 == 0 && c->output_min == INT8_MIN && c->output_max == INT8_MAX;
    vst1q_s8(outside, b.input_zero);
    vst1q_f32((float *)clamps[0], vdupq_n_f32(k_s8_round(plain ? c->output_zero : 0)));
    vst1q_s16((int16_t *)clamps[1], vdupq_n_s16((int16_t)c->output_min));
    vst1q_s16((int16_t *)clamps[2], vdupq_n_s16((int16_t)c->output_max));
    vst1q_s16((int16_t *)clamps[3], b.zero);
    // Lines are rows, or columns if upright: the steps from pixel to pixel of one, and from line to line.
    const int upright = k_s8_depthwise_upright(s);
    const int32_t stride = upright ? s->stride_height : s->stride_width, lines_stride = upright ? s->stride_width : s->stride_height;
    const int32_t lines_pad = upright ? s->pad_left : s->pad_top, pad = upright ? s->pad_top : s->pad_left;
    const int32_t input_lines = upright ? s->input_width : s->input_height, row = s->input_row_stride;
    const int32_t lines = upright ? s->output_width : s->output_height, pixels = upright ? s->output_height : s->output_width;
    const int32_t width = (upright ? s->input_height : s->input_width) + pad;
    const ptrdiff_t step = upright ? row : s->input_pixel_stride, line = upright ? s->input_pixel_stride : row;
    const ptrdiff_t output_row = s->output_width * b.channels;
    const ptrdiff_t output_step = upright ? output_row : b.channels, output_line = upright ? b.channels : output_row;
    // Pixels whose last column is before `width`; of the next one the middle column may be, too.
    const int32_t count = k_min(width < 3 ? 0 : (width - 3) / stride + 1, pixels);
    for (ptrdiff_t i = 0; i < b.channels; i += K_PANEL) {
        // The last block overlaps the one before: the same bits once more.
        const ptrdiff_t at = i + K_PANEL <= b.channels ? i : b.channels - K_PANEL;
        for (int32_t n = 0; n < s->batches; n++) {
            const int8_t *image = c->input + at + (ptrdiff_t)n * s->input_height * row;
            int8_t *output = c->output + at + n * s->output_height * output_row;
            int32_t y = -lines_pad;
            for (int32_t oy = 0; oy < lines; oy++, y += lines_stride, output += output_line) {
                row3 r = {
                    .weights = b.weights + (BLOCK_WEIGHTS ? i * BLOCK_WEIGHTS : at),
                    .weights_step = upright ? 3 * b.channels : b.channels,
                    .weights_back = upright ? -5 * b.channels : b.channels,
                    .outside = outside,
                    .bias = b.folded + at,
                    .scale = b.scale + at,
                    .clamps = clamps[0],
                    .plain = plain,
                    .output = output,
                    .output_step = output_step,
                    .count = count,
                    .rest = pixels - count,
                    .padded = pad,
                    .middle = count * stride + 1 < width,
                };
                for (int32_t k = 0; k < 3; k++) {
                    const int inside = (uint32_t)(y + k) < (uint32_t)input_lines;
                    r.rows[k] = inside ? image + (ptrdiff_t)(y + k) * line : outside;
                    r.steps[k] = inside ? step : 0;
                }
                if (stride == 1)
                    row_stride_1(&r);
                else
                    row_stride_2(&r);
            }
        }
    }
}
