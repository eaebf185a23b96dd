#include <string.h>

#include "../requantise.h"
#include "k_elementwise.h"

#define QUANTIZE(NAME, TYPE, LOW, HIGH)                                                    \
    void NAME(const void *block) {                                                         \
        const k_convert *p = block;                                                        \
        const float *x = p->x;                                                             \
        TYPE *y = p->y;                                                                    \
        const float inverse = 1 / p->scale[0];                                             \
        const int32_t zero = p->zero[0];                                                   \
        const float low = (float)((LOW)-zero), high = (float)((HIGH)-zero);                \
        for (size_t i = 0; i < p->count; i++) {                                            \
            float v = x[i] * inverse;                                                      \
            v = v > low ? v : low; /* NaN too becomes the least value */                   \
            v = v < high ? v : high;                                                       \
            y[i] = (TYPE)((int32_t)lrintf(v) + zero);                                      \
        }                                                                                  \
    }
QUANTIZE(k_quantize_s8, int8_t, -128, 127)
QUANTIZE(k_quantize_u8, uint8_t, 0, 255)
QUANTIZE(k_quantize_s16, int16_t, -32768, 32767)

#define DEQUANTIZE(NAME, TYPE)                                                             \
    void NAME(const void *block) {                                                         \
        const k_convert *p = block;                                                        \
        const TYPE *x = p->x;                                                              \
        float *y = p->y;                                                                   \
        if (p->channels == 1) {                                                            \
            for (size_t i = 0; i < p->count; i++) y[i] = (float)(x[i] - p->zero[0]) * p->scale[0]; \
            return;                                                                        \
        }                                                                                  \
        for (size_t i = 0; i < p->count; i++) {                                            \
            const size_t c = i / p->inner % (size_t)p->channels;                           \
            y[i] = (float)(x[i] - p->zero[c]) * p->scale[c];                               \
        }                                                                                  \
    }
DEQUANTIZE(k_dequantize_s8, int8_t)
DEQUANTIZE(k_dequantize_u8, uint8_t)
DEQUANTIZE(k_dequantize_s16, int16_t)

static float half_to_single(uint16_t h) {
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t exponent = h >> 10 & 31, fraction = h & 1023, bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000 | fraction << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else {
        // Subnormal: fraction · 2^−24, exact in single precision.
        const float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void k_dequantize_f16(const void *block) {
    const k_convert *p = block;
    const uint16_t *x = p->x;
    float *y = p->y;
    for (size_t i = 0; i < p->count; i++) y[i] = half_to_single(x[i]);
}
