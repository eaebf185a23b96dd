#include "s8_panels.h"

#define K_WALK k_s8_panels_walk
#define K_LINKAGE
#define K_DRIVER
#include "s8_panels_run.h"

void k_s8_panels_run(const k_s8_convolution *b, k_s8_walk *walk, size_t step, k_s8_panels_function four,
                     k_s8_panels_function one) {
    k_s8_panels p = {
        .output = (uint8_t *)b->output,
        .output_zero = b->output_zero,
        .low = b->output_min,
        .high = b->output_max,
    };
#if defined(__aarch64__)
    for (int32_t i = 0; i < 8; i++) p.zeros[i] = (int16_t)b->output_zero;
    memset(p.lows, b->output_min, sizeof p.lows);
    memset(p.highs, b->output_max, sizeof p.highs);
    for (int32_t i = 0; i < 4; i++) p.round[i] = k_s8_round(b->output_zero);
    p.zero_added = b->output_zero % 2 == 0;
    p.unclamped = b->output_min == INT8_MIN && b->output_max == INT8_MAX;
#endif
    walk(b, &p, step, four, one);
}
