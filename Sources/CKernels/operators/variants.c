#include "k_variants.h"

#include "k_elementwise.h"
#include "k_layout.h"
#include "k_reduction.h"
#include "wide.h"

#define EACH(_)                                                                                                     \
    _(k_f32_relu) _(k_f32_relu6) _(k_f32_leaky_relu) _(k_f32_hard_swish) _(k_f32_logistic) _(k_f32_tanh)            \
    _(k_f32_exp) _(k_f32_log) _(k_f32_sqrt) _(k_f32_rsqrt) _(k_f32_square) _(k_f32_cube) _(k_f32_abs) _(k_f32_neg)  \
    _(k_f32_gelu) _(k_f32_gelu_tanh) _(k_f32_add) _(k_f32_sub) _(k_f32_mul) _(k_f32_div) _(k_f32_min) _(k_f32_max)  \
    _(k_f32_squared_difference) _(k_f32_softmax) _(k_f32_mean) _(k_copy_run)

#define DECLARE(NAME) void NAME##_wide(const void *block);
EACH(DECLARE)

const k_variant k_variants[] = {
#if defined(__x86_64__)
    {k_s8_add, k_s8_add_avx2, K_CPU_AVX2},
    {k_s8_average_pool, k_s8_average_pool_avx2, K_CPU_AVX2},
    {k_s8_max_pool, k_s8_max_pool_avx2, K_CPU_AVX2},
    {k_f32_average_pool, k_f32_average_pool_avx2, K_CPU_AVX2},
    {k_f32_max_pool, k_f32_max_pool_avx2, K_CPU_AVX2},
#endif
#define ENTRY(NAME) {NAME, NAME##_wide, K_WIDE},
    EACH(ENTRY)};
const int32_t k_variant_count = sizeof k_variants / sizeof *k_variants;
const k_variant *k_variant_at(int32_t index) { return &k_variants[index]; }

k_function k_best(k_function run, uint32_t features) {
    for (int32_t i = 0; i < k_variant_count; i++)
        if (k_variants[i].reference == run && !(k_variants[i].requires & ~features)) return k_variants[i].variant;
    return run;
}
