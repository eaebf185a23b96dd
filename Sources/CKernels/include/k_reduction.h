// Many elements to one: pooling, mean, softmax.
#ifndef K_REDUCTION_H
#define K_REDUCTION_H

#include "k_layout.h"

/// NHWC pooling. Taps outside of the input don't count: an average divides by the taps that are inside.
/// int8, input and output having one quantisation: the average of the stored integers, halves away from
/// zero (as TFLite's), then clamped; the maximum of them. float32 average: Σ x in row order, · (1 / taps).
typedef struct {
    const void *input;
    void *output;
    int32_t batches, input_height, input_width, channels, output_height, output_width;
    int32_t kernel_height, kernel_width, stride_height, stride_width, pad_top, pad_left;
    int32_t output_min, output_max;
    float float_min, float_max;
} k_pool;
void k_s8_average_pool(const void *block);
void k_s8_max_pool(const void *block);
void k_f32_average_pool(const void *block);
void k_f32_max_pool(const void *block);
void k_s8_average_pool_avx2(const void *block);
void k_s8_max_pool_avx2(const void *block);
void k_f32_average_pool_avx2(const void *block);
void k_f32_max_pool_avx2(const void *block);

/// MEAN, SUM: output element o (dense, over keep_count[]) is the mean over reduce_count[] of the input.
/// Strides in elements. int8: clamp(round_half_even(Σ(x − input_zero) · scale) + output_zero) with
/// scale = input_scale / (output_scale · elements); float32: Σ x in order, · scale, which is 1 / elements,
/// or 1 for a sum.
typedef struct {
    const void *input;
    void *output;
    int32_t keep_rank, reduce_rank;
    int32_t keep_count[K_MAX_RANK], reduce_count[K_MAX_RANK];
    ptrdiff_t keep_stride[K_MAX_RANK], reduce_stride[K_MAX_RANK];
    int32_t elements, input_zero, output_zero;
    float scale;
} k_mean;
void k_s8_mean(const void *block);
void k_f32_mean(const void *block);

/// SOFTMAX over the last dimension. float32: e^(beta·(x − max)) / Σ, the sum being that of eight partial sums,
/// of columns i, i + 8, …, added crosswise. int8: the exponentials of the 256
/// possible differences stand in `table` (entry d: e^(−beta·scale·d)), their sum is taken in order, and
/// y = clamp(floor(e / Σ / output_scale + 0.5) + output_zero), as TFLite's table kernel.
typedef struct {
    const void *input;
    void *output;
    const float *table;
    int32_t rows, columns, output_zero;
    float beta, output_scale;
} k_softmax;
void k_s8_softmax(const void *block);
void k_f32_softmax(const void *block);

#endif
