// Hybrid convolution and fully connected layers: float activations, int8 weights. The input is
// quantised as it comes, with a scale of its own, multiplied in int8, and scaled back.
#ifndef K_HYBRID_H
#define K_HYBRID_H

#include "k_convolution.h"

/// The block of a hybrid kernel: float in and out, weights packed by the variant.
///
/// The arithmetic is XNNPACK's (qd8-f32-qc8w), found equal bit for bit with LiteRT 2.3 on x86-64.
/// Over a *range* of the input, which is one pixel for a pointwise convolution (1×1, stride 1, no
/// padding, one group: so each row of a fully connected layer) and one image otherwise, in float32:
///   lo = min(0, min x), hi = max(0, max x)            NaN is passed over
///   s  = 255 / (hi − lo), or 1 where hi = lo
///   z  = clamp(−128 − lo·s if (−128 + lo·s) + (127 + hi·s) > 0 else 127 − hi·s, −128, 127), round half even
///   q  = round_half_even(clamp(x·s, −128 − z, 127 − z)) + z
/// and then, padding counting as q = z,
///   acc = Σ (q − z) · w[c]                            in int32, wrapping
///   y   = clamp(fma((float)acc · (1 / s), scale[c], bias[c]), min, max)
/// with scale[c] the scale of the weights of filter c. In clamps a NaN becomes the lower bound, save
/// the last, which is that of k_f32_convolution.
typedef k_f32_convolution k_hybrid_convolution;

typedef struct {
    const char *name;
    uint32_t requires;
    size_t (*packed_bytes)(const k_convolution_shape *);
    void (*pack)(const k_convolution_shape *, const int8_t *weights, const float *bias, const float *scale,
                 void *packed);
    size_t (*scratch_bytes)(const k_convolution_shape *); // one quantised image at most, and patches
    k_function run;                                       // takes k_hybrid_convolution
} k_hybrid_convolution_variant;

extern const k_hybrid_convolution_variant k_hybrid_convolution_variants[];
extern const int32_t k_hybrid_convolution_variant_count;
const k_hybrid_convolution_variant *k_hybrid_convolution_variant_at(int32_t index);

/// The best variant for `features`.
const k_hybrid_convolution_variant *k_hybrid_convolution_best(uint32_t features);

#endif
