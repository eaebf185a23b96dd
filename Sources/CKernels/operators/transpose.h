// Blocks of eight by eight floats, turned.
#ifndef CKERNELS_TRANSPOSE_H
#define CKERNELS_TRANSPOSE_H

#include <stddef.h>
#include <string.h>

#include "wide.h"

typedef float k_eight __attribute__((ext_vector_type(8)));

K_WIDE_BEGIN

/// y[i · y_row + j] = x[j · x_row + i] for i, j < 8.
static inline __attribute__((always_inline)) void k_transpose_8x8(const float *x, ptrdiff_t x_row, float *y,
                                                                  ptrdiff_t y_row) {
    k_eight a[8], b[8];
    for (int j = 0; j < 8; j++) memcpy(&a[j], x + j * x_row, sizeof a[j]);
    for (int j = 0; j < 8; j += 2) {
        b[j] = __builtin_shufflevector(a[j], a[j + 1], 0, 8, 2, 10, 4, 12, 6, 14);
        b[j + 1] = __builtin_shufflevector(a[j], a[j + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    }
    for (int j = 0; j < 8; j += 4)
        for (int k = 0; k < 2; k++) {
            a[j + k] = __builtin_shufflevector(b[j + k], b[j + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            a[j + k + 2] = __builtin_shufflevector(b[j + k], b[j + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int i = 0; i < 4; i++) {
        b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        b[i + 4] = __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
    for (int i = 0; i < 8; i++) memcpy(y + i * y_row, &b[i], sizeof b[i]);
}

/// y[i · y_row + j] = x[j · x_row + i] for i < rows, j < columns.
static inline void k_transpose(const float *x, ptrdiff_t x_row, float *y, ptrdiff_t y_row, int32_t rows, int32_t columns) {
    int32_t i = 0;
    for (; i + 8 <= rows; i += 8, x += 8, y += 8 * y_row) {
        int32_t j = 0;
        for (; j + 8 <= columns; j += 8) k_transpose_8x8(x + j * x_row, x_row, y + j, y_row);
        for (; j < columns; j++)
            for (int32_t l = 0; l < 8; l++) y[l * y_row + j] = x[j * x_row + l];
    }
    for (; i < rows; i++, x++, y += y_row)
        for (int32_t j = 0; j < columns; j++) y[j] = x[j * x_row];
}

K_WIDE_END

#endif
