// A plan: what `invoke` walks.
#ifndef K_STEP_H
#define K_STEP_H

#include "k_convolution.h"

typedef struct {
    k_function run;
    const void *block;
} k_step;

static inline void k_run(const k_step *steps, int32_t count) {
    for (int32_t i = 0; i < count; i++) steps[i].run(steps[i].block);
}

#endif
