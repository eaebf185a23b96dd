// Variants of operators' kernels that give the same bits.
#ifndef K_VARIANTS_H
#define K_VARIANTS_H

#include "k_convolution.h"

typedef struct {
    k_function reference, variant;
    uint32_t requires; // K_CPU_* bits, all of them
} k_variant;
extern const k_variant k_variants[];
extern const int32_t k_variant_count;
const k_variant *k_variant_at(int32_t index); // for Swift, which cannot see arrays of unknown length

/// What a CPU of such features best calls instead of `run`.
k_function k_best(k_function run, uint32_t features);

#endif
