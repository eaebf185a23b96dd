#include "k_reduction.h"

void k_s8_softmax(const void *block) {
    const k_softmax *p = block;
    const int8_t *x = p->input;
    int8_t *y = p->output;
    for (int32_t r = 0; r < p->rows; r++, x += p->columns, y += p->columns) {
        int32_t maximum = -128;
        float sum = 0;
        for (int32_t i = 0; i < p->columns; i++) maximum = x[i] > maximum ? x[i] : maximum;
        for (int32_t i = 0; i < p->columns; i++) sum += p->table[maximum - x[i]];
        const float factor = 1 / (sum * p->output_scale);
        for (int32_t i = 0; i < p->columns; i++) {
            float scaled = p->table[maximum - x[i]] * factor + 0.5f;
            scaled = scaled > 0 ? scaled : 0; // NaN too, of a beta that no model has
            scaled = scaled < 512 ? scaled : 512;
            const int32_t q = (int32_t)scaled + p->output_zero;
            y[i] = (int8_t)(q < -128 ? -128 : q > 127 ? 127 : q);
        }
    }
}
