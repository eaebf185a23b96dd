// Products of matrices that are both computed at run time.
#ifndef K_MATRIX_H
#define K_MATRIX_H

#include "k_convolution.h"
#include "k_layout.h"

/// y[…, m, n] = clamp(bias[n] + Σ a[…, m, k] · b[…, n, k]) over `count[]` matrices, outermost first; y is dense.
/// Matrices of A are [rows, depth] or, where `turn_a`, [depth, rows]; those of B are [columns, depth] or, where
/// `turn_b`, [depth, columns]. Strides from matrix to matrix in elements, 0 to repeat one. Each matrix of B is
/// packed for `variant` and multiplied as the weights of a fully connected layer are.
typedef struct {
    const float *a, *b, *bias; // bias may be NULL
    float *y;
    const k_f32_convolution_variant *variant;
    void *scratch; // k_matrix_scratch_bytes()
    int32_t rows, columns, depth, turn_a, turn_b;
    int32_t rank, count[K_MAX_RANK];
    ptrdiff_t a_stride[K_MAX_RANK], b_stride[K_MAX_RANK];
    float output_min, output_max;
} k_matrix_product;
size_t k_matrix_scratch_bytes(const k_matrix_product *);
void k_f32_matrix_product(const void *block);

#endif
