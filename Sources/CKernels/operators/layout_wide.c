#include "k_layout.h"
#include "transpose.h"

K_WIDE_BEGIN

static void walk(const k_copy *p, int32_t dimension, const uint8_t *src, uint8_t *dst) {
    const int32_t rows = p->count[dimension];
    const ptrdiff_t src_row = p->src_stride[dimension], dst_row = p->dst_stride[dimension];
    if (dimension + 2 < p->rank) {
        for (int32_t i = 0; i < rows; i++) walk(p, dimension + 1, src + i * src_row, dst + i * dst_row);
        return;
    }
    k_transpose((const float *)src, p->src_stride[dimension + 1] / 4, (float *)dst, dst_row / 4, rows, p->count[dimension + 1]);
}

/// Where rows of four-byte elements become columns, by blocks; what else there is as the reference does it.
void k_copy_run_wide(const void *block) {
    const k_copy *p = block;
    const int32_t row = p->rank - 2, column = p->rank - 1;
    // Four bytes may be four elements, too, and stand anywhere.
    ptrdiff_t odd = (ptrdiff_t)p->src | (ptrdiff_t)p->dst;
    for (int32_t d = 0; d < p->rank; d++) odd |= p->src_stride[d] | p->dst_stride[d];
    if (row < 0 || odd & 3 || p->block != 4 || p->lut || p->src_stride[row] != 4 || p->dst_stride[column] != 4)
        return k_copy_run(block);
    walk(p, 0, p->src, p->dst);
}

K_WIDE_END
