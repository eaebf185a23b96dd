// Element by element: binary operators with broadcasting, unary float operators, conversions.
#ifndef K_ELEMENTWISE_H
#define K_ELEMENTWISE_H

#include "k_cpu.h"
#include "k_layout.h"

/// y[i…] = a[i…] ∘ b[i…] over `count[]`, outermost first; a stride of 0 repeats (broadcasting).
/// Strides are in elements; y is dense.
///
/// int8 ADD and SUB: y = clamp(((bias + a·a_multiplier + b·b_multiplier) >> shift) + output_zero),
///   the multipliers being the real factors input_scale / output_scale in fixed point with the larger
///   one at 20–21 bits and bias holding −zero·multiplier and half a unit (the scheme of XNNPACK's
///   qs8-vadd): one rounding, halves upwards.
/// int8 MUL: y = clamp(round_half_even((float)((a − a_zero)·(b − b_zero)) · scale) + output_zero).
/// int8 MINIMUM, MAXIMUM: on the integers; all three tensors have one quantisation.
/// float32: the operator, then clamp to float_min … float_max.
typedef struct {
    const void *a, *b;
    void *y;
    int32_t rank;
    int32_t count[K_MAX_RANK];
    ptrdiff_t a_stride[K_MAX_RANK], b_stride[K_MAX_RANK];
    int32_t a_multiplier, b_multiplier, bias, shift;
    int32_t a_zero, b_zero, output_zero, output_min, output_max;
    float scale, float_min, float_max;
} k_binary;
/// One element of ADD.
static inline int8_t k_s8_add_one(const k_binary *p, int32_t a, int32_t b) {
    const int32_t sum = ((p->bias + a * p->a_multiplier + b * p->b_multiplier) >> p->shift) + p->output_zero;
    return (int8_t)(sum < p->output_min ? p->output_min : sum > p->output_max ? p->output_max : sum);
}
void k_s8_add(const void *block); // SUB is ADD with −b_multiplier
void k_s8_mul(const void *block);
void k_s8_min(const void *block);
void k_s8_max(const void *block);
void k_f32_add(const void *block);
void k_f32_sub(const void *block);
void k_f32_mul(const void *block);
void k_f32_min(const void *block);
void k_f32_max(const void *block);
void k_f32_div(const void *block);
void k_f32_squared_difference(const void *block);
void k_f32_pow(const void *block);
void k_s32_add(const void *block); // int32 wraps
void k_s32_sub(const void *block);
void k_s32_mul(const void *block);
void k_s32_min(const void *block);
void k_s32_max(const void *block);

#if defined(__x86_64__)
void k_s8_add_avx2(const void *block);
#endif

/// y[i] = f(x[i]) on float32. `slope` is LEAKY_RELU's.
typedef struct {
    const float *x;
    float *y;
    size_t count;
    float slope;
} k_unary;
void k_f32_relu(const void *block);
void k_f32_relu6(const void *block);
void k_f32_leaky_relu(const void *block);
void k_f32_hard_swish(const void *block); // x · clamp(x + 3, 0, 6) / 6
void k_f32_logistic(const void *block);   // 1 / (1 + e^−x)
void k_f32_tanh(const void *block);
void k_f32_exp(const void *block);
void k_f32_log(const void *block);
void k_f32_sqrt(const void *block);
void k_f32_rsqrt(const void *block);
void k_f32_square(const void *block);
void k_f32_cube(const void *block);
void k_f32_abs(const void *block);
void k_f32_neg(const void *block);
void k_f32_gelu(const void *block);      // x · Φ(x)
void k_f32_gelu_tanh(const void *block); // ½ · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³)))

/// Between types. QUANTIZE: q = clamp(round_half_even(x · (1 / scale)) + zero); DEQUANTIZE: (q − zero) · scale,
/// with scale and zero of index (i / inner) % channels: channels = 1 for one pair for the tensor.
typedef struct {
    const void *x;
    void *y;
    size_t count, inner;
    int32_t channels;
    const float *scale;
    const int32_t *zero;
} k_convert;
void k_quantize_s8(const void *block);
void k_quantize_u8(const void *block);
void k_quantize_s16(const void *block);
void k_dequantize_s8(const void *block);
void k_dequantize_u8(const void *block);
void k_dequantize_s16(const void *block);
void k_dequantize_f16(const void *block); // IEEE half to single: scale and zero unused

/// CAST: the kernel from one type to another, NULL if we have none. Types are numbered as in the
/// .tflite schema. Floats are cut towards zero and saturated; NaN becomes 0; integers wrap.
void (*k_cast(int from, int to))(const void *block);

/// The exponential of tables of int8 tensors: the same bits on every ISA, within 1 ulp.
float k_expf(float x);

#endif
