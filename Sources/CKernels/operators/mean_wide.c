#include "k_reduction.h"
#include "wide.h"

K_WIDE_BEGIN

/// Means of the innermost dimension: eight rows side by side, each summed in order. Others as the reference does it.
void k_f32_mean_wide(const void *block) {
    const k_mean *p = block;
    if (p->keep_rank != 1 || p->reduce_rank != 1 || p->reduce_stride[0] != 1) return k_f32_mean(block);
    const ptrdiff_t row = p->keep_stride[0];
    const float *x = p->input;
    float *y = p->output;
    int32_t rows = p->keep_count[0];
    for (; rows >= LANES; rows -= LANES, x += LANES * row, y += LANES) {
        float sums[LANES] = {0};
        for (int32_t i = 0; i < p->reduce_count[0]; i++)
            for (int32_t l = 0; l < LANES; l++) sums[l] += x[l * row + i];
        for (int32_t l = 0; l < LANES; l++) y[l] = sums[l] * p->scale;
    }
    for (; rows > 0; rows--, x += row) {
        float sum = 0;
        for (int32_t i = 0; i < p->reduce_count[0]; i++) sum += x[i];
        *y++ = sum * p->scale;
    }
}

K_WIDE_END
