// The walk of an int8 addition over its operands. Included after the definition of
//   K_ADD         its name
//   K_ADD_16      what adds sixteen neighbours: void (const k_binary *, const int8_t *a, const int8_t *b, int8_t *y); not
//                 defined where add_rows is there already
//   K_ADD_TARGET  the attribute of what may use its instructions

#ifdef K_ADD_16
/// Rows of sixteen or more, dense, that may repeat, sixteen at a time by a copy of the block, which no store can change. y may be a or b:
/// the last sixteen of a row, which overlap with those before, are added first and stored last.
K_ADD_TARGET static void add_rows(const k_binary *block, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row,
                                  int8_t *y, int32_t rows, int32_t count) {
    const k_binary p = {.bias = block->bias, .a_multiplier = block->a_multiplier, .b_multiplier = block->b_multiplier,
                        .shift = block->shift, .output_zero = block->output_zero, .output_min = block->output_min,
                        .output_max = block->output_max};
    const int32_t last = count - 16;
    int8_t end[16];
#pragma clang loop unroll(disable)
    for (; rows > 0; rows--, a += a_row, b += b_row, y += count) {
        if (count % 16) K_ADD_16(&p, a + last, b + last, end);
#pragma clang loop unroll(disable)
        for (int32_t i = 0; i <= last; i += 16) K_ADD_16(&p, a + i, b + i, y + i);
        if (count % 16) memcpy(y + last, end, sizeof end);
    }
}
#endif

K_SMALL_BEGIN

/// Rows of fewer than sixteen, by way of copies.
K_ADD_TARGET static void add_few(const k_binary *p, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row, int8_t *y,
                                 int32_t rows, int32_t count) {
    int8_t few_a[16] = {0}, few_b[16] = {0}, sums[16];
    for (; rows > 0; rows--, a += a_row, b += b_row, y += count) {
        memcpy(few_a, a, (size_t)count);
        memcpy(few_b, b, (size_t)count);
        add_rows(p, few_a, 0, few_b, 0, sums, 1, 16);
        memcpy(y, sums, (size_t)count);
    }
}

/// Rows of fewer than sixteen, dense. Where one repeats: as rows of so many of them that it begins anew with a vector, if there are so many.
K_ADD_TARGET static void add_narrow(const k_binary *p, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row, int8_t *y,
                                    int32_t rows, int32_t count) {
    int32_t together = 16;
    for (int32_t n = count; n % 2 == 0; n /= 2) together /= 2;
    const int32_t lanes = together * count, times = rows / together, left = rows % together * count;
    if (times == 0 || a_row + b_row != count || (a_row != 0 && b_row != 0)) return add_few(p, a, a_row, b, b_row, y, rows, count);
    int8_t pattern[15 * 16];
    for (int32_t i = 0; i < lanes; i += count) memcpy(pattern + i, a_row == 0 ? a : b, (size_t)count);
    if (a_row == 0) {
        add_rows(p, pattern, 0, b, lanes, y, times, lanes);
        a = pattern;
        b += times * lanes;
    } else {
        add_rows(p, a, lanes, pattern, 0, y, times, lanes);
        a += times * lanes;
        b = pattern;
    }
    if (left) (left < 16 ? add_few : add_rows)(p, a, 0, b, 0, y + times * lanes, 1, left);
}

K_ADD_TARGET static void add_walk(const k_binary *p, int32_t dimension, const int8_t *a, const int8_t *b, int8_t **y) {
    const int32_t count = p->count[dimension], left = p->rank - dimension;
    const ptrdiff_t a_step = p->a_stride[dimension], b_step = p->b_stride[dimension];
    const int dense = p->a_stride[p->rank - 1] == 1 && p->b_stride[p->rank - 1] == 1;
    if (left == 2 && dense) {
        const int32_t row = p->count[dimension + 1];
        (row < 16 ? add_narrow : add_rows)(p, a, a_step, b, b_step, *y, count, row);
        *y += count * row;
    } else if (left > 1) {
        for (int32_t i = 0; i < count; i++) add_walk(p, dimension + 1, a + i * a_step, b + i * b_step, y);
    } else if (dense) {
        (count < 16 ? add_few : add_rows)(p, a, 0, b, 0, *y, 1, count);
        *y += count;
    } else {
        for (int32_t i = 0; i < count; i++, a += a_step, b += b_step) *(*y)++ = k_s8_add_one(p, *a, *b);
    }
}

K_SMALL_END

K_ADD_TARGET void K_ADD(const void *block) {
    const k_binary *p = block;
    int8_t *y = p->y;
    add_walk(p, 0, p->a, p->b, &y);
}
