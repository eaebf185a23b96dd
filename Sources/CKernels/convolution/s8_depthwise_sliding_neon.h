// s8_depthwise_sliding.h's slider. Included by a kernel after it has defined
//   TARGET       the attribute that lets a function use its instructions
//   GROUP        pixels of a group
//   interleave   puts the taps of a group in the order of multiply
//   multiply     adds to two outputs, a group apart, the products of `groups` groups

enum { GROUP_BYTES = GROUP * K_PANEL };

TARGET static int8_t *interleave_all(int8_t *to, const int8_t *pixel, ptrdiff_t step, int32_t count) {
#pragma clang loop unroll(disable)
    for (; count > 0; count -= GROUP, pixel += GROUP * step, to += GROUP_BYTES) {
        const int8_t *group[GROUP];
        for (int32_t k = 0; k < GROUP; k++) group[k] = pixel + k * step;
        interleave(group, to);
    }
    return to;
}

TARGET static void slide(const k_s8_sliding *l, const void *block, const int8_t *const *bands, const int8_t *weights, int32_t count,
                         ptrdiff_t step, int8_t *output) {
    const block16 *b = block;
    const int32_t stride = l->along.stride, taps = l->along.taps, abreast = l->across.taps;
    const int32_t apart = GROUP / stride; // outputs from one that begins a group to the next
    const ptrdiff_t line = k_s8_laid_line(l);
    for (int32_t i = 0; i < apart && i < count; i++) {
        const int32_t groups = (taps + i * stride + GROUP - 1) / GROUP;
        ptrdiff_t x = 0;
        int8_t *y = output + i * step;
        for (int32_t n = (count - i + apart - 1) / apart; n > 0; n -= 2, x += 2 * GROUP_BYTES, y += 2 * apart * step) {
            int32x4_t acc[8];
            load4(b->folded, acc);
            load4(b->folded, acc + 4);
            // Most windows are one line.
            multiply(acc, bands[0] + x, weights, groups);
#pragma clang loop unroll(disable)
            for (int32_t k = 1; k < abreast; k++) multiply(acc, bands[k] + x, weights + k * line, groups);
            store(b, acc, y);
            if (n > 1) store(b, acc + 4, y + apart * step);
        }
        weights += groups * GROUP_BYTES;
    }
}

static const k_s8_slider slider = {GROUP, interleave_all, slide};
