// CAST between numeric types: one loop a pair, made by macro, looked up once at prepare.
#include "../requantise.h"
#include "k_elementwise.h"
#include "../small.h"

K_SMALL_BEGIN

#define LOOP(NAME, FROM, TO, EXPRESSION)                                   \
    static void NAME(const void *block) {                                  \
        const k_convert *p = block;                                        \
        const FROM *from = p->x;                                           \
        TO *to = p->y;                                                     \
        for (size_t i = 0; i < p->count; i++) {                            \
            const FROM x = from[i];                                        \
            to[i] = (EXPRESSION);                                          \
        }                                                                  \
    }

// A float out of the integer's range has no defined conversion in C: saturate instead.
#define FROM_FLOAT(TO, LOW, HIGH) (x != x ? (TO)0 : x <= (float)(LOW) ? (LOW) : x >= (float)(HIGH) ? (HIGH) : (TO)x)

#define FROM_INTEGER(PREFIX, FROM)                      \
    LOOP(PREFIX##_f32, FROM, float, (float)x)           \
    LOOP(PREFIX##_s32, FROM, int32_t, (int32_t)x)       \
    LOOP(PREFIX##_u8, FROM, uint8_t, (uint8_t)x)        \
    LOOP(PREFIX##_s64, FROM, int64_t, (int64_t)x)       \
    LOOP(PREFIX##_bool, FROM, uint8_t, x != 0)          \
    LOOP(PREFIX##_s16, FROM, int16_t, (int16_t)x)       \
    LOOP(PREFIX##_s8, FROM, int8_t, (int8_t)x)

FROM_INTEGER(s32, int32_t)
FROM_INTEGER(u8, uint8_t)
FROM_INTEGER(s64, int64_t)
FROM_INTEGER(s16, int16_t)
FROM_INTEGER(s8, int8_t)
LOOP(f32_f32, float, float, x)
LOOP(f32_s32, float, int32_t, FROM_FLOAT(int32_t, INT32_MIN, INT32_MAX))
LOOP(f32_u8, float, uint8_t, FROM_FLOAT(uint8_t, 0, 255))
LOOP(f32_s64, float, int64_t, FROM_FLOAT(int64_t, INT64_MIN, INT64_MAX))
LOOP(f32_bool, float, uint8_t, x != 0)
LOOP(f32_s16, float, int16_t, FROM_FLOAT(int16_t, -32768, 32767))
LOOP(f32_s8, float, int8_t, FROM_FLOAT(int8_t, -128, 127))

#define ROW(PREFIX) {PREFIX##_f32, PREFIX##_s32, PREFIX##_u8, PREFIX##_s64, PREFIX##_bool, PREFIX##_s16, PREFIX##_s8}

void (*k_cast(int from, int to))(const void *block) {
    static void (*const table[7][7])(const void *) = {ROW(f32), ROW(s32), ROW(u8), ROW(s64), ROW(u8), ROW(s16), ROW(s8)};
    // float32, int32, uint8, int64, bool, int16, int8 of the schema
    static const int8_t place[] = {0, -1, 1, 2, 3, -1, 4, 5, -1, 6};
    const int types = sizeof place;
    if (from < 0 || from >= types || to < 0 || to >= types || place[from] < 0 || place[to] < 0) return 0;
    return table[place[from]][place[to]];
}

K_SMALL_END
