// int8 ADD and MEAN against their formulas (k_elementwise.h, k_reduction.h), on random shapes: they have no variants that `selftest`
// could compare, and AArch64 has ways of its own. Prints how many cases were right; fails at the first that is not.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "k_elementwise.h"
#include "k_reduction.h"

static uint32_t state = 1;
static int32_t within(int32_t low, int32_t high) {
    state = state * 1664525 + 1013904223;
    return low + (int32_t)((state >> 8) % (uint32_t)(high - low + 1));
}
static void fill(int8_t *x, int32_t n) {
    const int extreme = within(0, 3) == 0;
    for (int32_t i = 0; i < n; i++) x[i] = (int8_t)(extreme ? (within(0, 1) ? 127 : -128) : within(-128, 127));
}
static void wrong(const char *what, int32_t number) {
    printf("%s: case %d is wrong\n", what, number);
    exit(1);
}

enum { MOST = 9 * 280, GUARD = 77 };
static int8_t a[MOST + 16], b[MOST + 16], y[MOST + 16], expected[MOST];

/// Rows of which either operand may have but one; sums in place of either; scales as models have them, and far from it.
static void add(int32_t number) {
    const int32_t rows = within(1, 9), count = number % 50 == 0 ? within(240, 280) : within(1, 80);
    const float a_scale = powf(2, (float)within(-90, 60) / 10), b_scale = number % 3 ? a_scale * (float)within(1, 200) / 200 : powf(2, (float)within(-90, 60) / 10);
    const int shift = 20 - ilogbf(a_scale > b_scale ? a_scale : b_scale);
    k_binary p = {.rank = 2, .count = {rows, count}, .a_stride = {count, 1}, .b_stride = {count, 1}, .shift = shift < 30 ? shift : 30,
                  .output_zero = within(-128, 127), .output_min = -128, .output_max = 127};
    p.a_multiplier = (int32_t)lrintf(a_scale * ldexpf(1, p.shift));
    p.b_multiplier = (int32_t)lrintf(b_scale * ldexpf(1, p.shift)) * (number % 5 ? 1 : -1);
    p.bias = (p.shift > 0 ? 1 << (p.shift - 1) : 0) - p.a_multiplier * within(-128, 127) - p.b_multiplier * within(-128, 127);
    if (number % 4 == 0) {
        p.output_min = p.output_zero;
        p.output_max = within(p.output_zero, 127);
    }
    const int repeats = within(0, 3); // 1: b, 2: a
    p.a_stride[0] = repeats == 2 ? 0 : count;
    p.b_stride[0] = repeats == 1 ? 0 : count;
    fill(a, MOST);
    fill(b, MOST);
    for (int32_t i = 0; i < rows * count; i++)
        expected[i] = k_s8_add_one(&p, a[i / count * p.a_stride[0] + i % count], b[i / count * p.b_stride[0] + i % count]);
    int8_t *const to = number % 3 == 0 && repeats != 2 ? a : number % 3 == 1 && repeats != 1 ? b : y;
    to[rows * count] = GUARD;
    p.a = a, p.b = b, p.y = to;
    k_s8_add(&p);
    if (memcmp(to, expected, (size_t)(rows * count)) || to[rows * count] != GUARD) wrong("add", number);
}

/// Of [outer, rows, channels] the means of rows.
static void mean(int32_t number) {
    static int8_t x[4 * 600 * 70];
    const int32_t rows = number % 10 ? within(1, 21) : within(250, 600), outer = within(1, 4), channels = within(1, 70);
    k_mean p = {.input = x, .output = y, .keep_rank = 2, .reduce_rank = 1, .keep_count = {outer, channels}, .reduce_count = {rows},
                .keep_stride = {rows * channels, 1}, .reduce_stride = {channels}, .elements = rows, .input_zero = within(-128, 127),
                .output_zero = within(-128, 127)};
    p.scale = (float)within(1, 800) / 200 / (float)rows;
    if (number % 40 == 0) p.scale = number % 80 ? INFINITY : NAN;
    fill(x, outer * rows * channels);
    for (int32_t i = 0; i < outer * channels; i++) {
        int32_t sum = 0;
        for (int32_t r = 0; r < rows; r++) sum += x[(i / channels * rows + r) * channels + i % channels] - p.input_zero;
        const float scaled = (float)sum * p.scale, low = (float)(-128 - p.output_zero), high = (float)(127 - p.output_zero);
        const float inside = scaled > low ? scaled < high ? scaled : high : low;
        expected[i] = (int8_t)(lrintf(inside) + p.output_zero);
    }
    y[outer * channels] = GUARD;
    k_s8_mean(&p);
    if (memcmp(y, expected, (size_t)(outer * channels)) || y[outer * channels] != GUARD) wrong("mean", number);
}

int main(void) {
    enum { CASES = 5000 };
    for (int32_t i = 0; i < CASES; i++) {
        add(i);
        mean(i);
    }
    printf("%d additions and means are what their formulas say\n", CASES);
    return 0;
}
