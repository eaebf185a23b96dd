#include <math.h>

#include "k_dct.h"
#include "k_elementary.h"

void k_dct2_table(int32_t inputs, int32_t outputs, float *table) {
    const double scale = sqrt(2.0 / inputs);
    for (int32_t k = 0; k < outputs; k++)
        for (int32_t i = 0; i < inputs; i++)
            *table++ = (float)(k_cos_turn_f64((int64_t)k * (2 * i + 1), 4 * (int64_t)inputs) * scale);
}

void k_dct2_f32(const float *in, const float *table, int32_t inputs, int32_t outputs, float *out) {
    for (int32_t k = 0; k < outputs; k++) {
        float sum = 0;
        for (int32_t i = 0; i < inputs; i++) sum += in[i] * *table++;
        out[k] = sum;
    }
}
