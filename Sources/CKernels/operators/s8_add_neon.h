// Rows of an int8 addition with NEON: the add_rows of s8_add.h.
#include <arm_neon.h>

#define K_NEON_INLINE static inline __attribute__((always_inline))

/// What is added to what: a multiplier of 21 bits is high · 2¹⁶ + low, both of which are signed.
typedef struct {
    int16_t a_low, b_low;
    int8x8_t a_high, b_high;
    int32x4_t bias; // with the output's zero point, so that what narrows saturates at the right places
    int16x8_t shift;
} addition;

K_NEON_INLINE addition addition_of(const k_binary *p, int32_t a_multiplier, int32_t b_multiplier) {
    const int16_t a_low = (int16_t)a_multiplier, b_low = (int16_t)b_multiplier;
    return (addition){a_low, b_low, vdup_n_s8((int8_t)((a_multiplier - a_low) >> 16)), vdup_n_s8((int8_t)((b_multiplier - b_low) >> 16)),
                      vdupq_n_s32((int32_t)((uint32_t)p->bias + ((uint32_t)p->output_zero << p->shift))), vdupq_n_s16((int16_t)(16 - p->shift))};
}

/// The upper halves of four sums of products and bias.
K_NEON_INLINE int16x8_t upper(int32x4_t low, int32x4_t high, int32x4_t bias_low, int32x4_t bias_high) {
    // Else LLVM begins with the bias, and copies it each time.
    __asm__("" : "+w"(low), "+w"(high));
    return vaddhn_high_s32(vaddhn_s32(low, bias_low), high, bias_high);
}

/// Eight of (bias + a·a_multiplier + b·b_multiplier) >> shift: products of lower halves, of which the upper halves count, then
/// those of upper halves.
K_NEON_INLINE int16x8_t add_8(const addition *p, int8x8_t a, int8x8_t b) {
    const int16x8_t wide_a = vmovl_s8(a), wide_b = vmovl_s8(b);
    const int32x4_t low = vmlal_n_s16(vmull_n_s16(vget_low_s16(wide_a), p->a_low), vget_low_s16(wide_b), p->b_low);
    const int32x4_t high = vmlal_high_n_s16(vmull_high_n_s16(wide_a, p->a_low), wide_b, p->b_low);
    int16x8_t sum = vmlal_s8(upper(low, high, p->bias, p->bias), a, p->a_high);
    __asm__("" : "+w"(sum)); // else both products come first
    return vshlq_s16(vmlal_s8(sum, b, p->b_high), p->shift);
}

K_NEON_INLINE int8x16_t add_16(const addition *p, const int8_t *a, const int8_t *b) {
    const int8x16_t va = vld1q_s8(a), vb = vld1q_s8(b);
    return vqmovn_high_s16(vqmovn_s16(add_8(p, vget_low_s8(va), vget_low_s8(vb))), add_8(p, vget_high_s8(va), vget_high_s8(vb)));
}

/// The same where b·b_multiplier and the bias are one sum already.
K_NEON_INLINE int16x8_t add_8_to(const addition *p, int8x8_t a, const int32_t *sums) {
    const int16x8_t wide = vmovl_s8(a), rest = upper(vmull_n_s16(vget_low_s16(wide), p->a_low), vmull_high_n_s16(wide, p->a_low),
                                                     vld1q_s32(sums), vld1q_s32(sums + 4));
    return vshlq_s16(vmlal_s8(rest, a, p->a_high), p->shift);
}

K_NEON_INLINE int8x16_t add_16_to(const addition *p, const int8_t *a, const int32_t *sums) {
    const int8x16_t v = vld1q_s8(a);
    return vqmovn_high_s16(vqmovn_s16(add_8_to(p, vget_low_s8(v), sums)), add_8_to(p, vget_high_s8(v), sums + 8));
}

/// Rows of `count` sums, with b or with `sums`, two times sixteen at once: an A53 does one's work while the other's waits. The last
/// sixteen, which may overlap with those before, are the second of two, and both are added before either is stored: y may be a or b.
K_NEON_INLINE void add_in_pairs(const addition *p, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row, const int32_t *sums,
                                int8_t *y, int32_t rows, int32_t count) {
    const int32_t last = count - 16;
#pragma clang loop unroll(disable)
    for (; rows > 0; rows--, a += a_row, b += b_row, y += count) {
        int32_t i = 0;
        if ((count + 15) & 16) {
            vst1q_s8(y, sums ? add_16_to(p, a, sums) : add_16(p, a, b));
            i = 16;
        }
#pragma clang loop unroll(disable)
        for (; i < count; i += 32) {
            const int32_t j = i + 16 < last ? i + 16 : last;
            const int8x16_t first = sums ? add_16_to(p, a + i, sums + i) : add_16(p, a + i, b + i);
            const int8x16_t second = sums ? add_16_to(p, a + j, sums + j) : add_16(p, a + j, b + j);
            vst1q_s8(y + i, first);
            vst1q_s8(y + j, second);
        }
    }
}

enum { K_ADD_REPEATED = 256 }; // channels of a row that repeats, at most

/// Rows of a, and one of b that repeats: its products are made once.
static __attribute__((noinline)) void add_repeated(const k_binary *block, int32_t a_multiplier, const int8_t *a, ptrdiff_t a_row,
                                                   int32_t b_multiplier, const int8_t *b, int8_t *y, int32_t rows, int32_t count) {
    const addition p = addition_of(block, a_multiplier, b_multiplier);
    int32_t sums[K_ADD_REPEATED];
#pragma clang loop unroll(disable)
    for (int32_t i = 0; i < count; i += 16) {
        const int32_t at = i + 16 < count ? i : count - 16;
        const int8x16_t v = vld1q_s8(b + at);
        const int16x8_t low = vmovl_s8(vget_low_s8(v)), high = vmovl_high_s8(v);
        vst1q_s32(sums + at, vmlaq_n_s32(p.bias, vmovl_s16(vget_low_s16(low)), b_multiplier));
        vst1q_s32(sums + at + 4, vmlaq_n_s32(p.bias, vmovl_high_s16(low), b_multiplier));
        vst1q_s32(sums + at + 8, vmlaq_n_s32(p.bias, vmovl_s16(vget_low_s16(high)), b_multiplier));
        vst1q_s32(sums + at + 12, vmlaq_n_s32(p.bias, vmovl_high_s16(high), b_multiplier));
    }
    add_in_pairs(&p, a, a_row, b, 0, sums, y, rows, count);
}

K_SMALL_BEGIN

/// Factors so small or large that a sum would need more than 32 bits with the zero point, or has none to leave out.
static void add_each(const k_binary *p, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row, int8_t *y, int32_t rows,
                     int32_t count) {
    for (; rows > 0; rows--, a += a_row, b += b_row)
        for (int32_t i = 0; i < count; i++) *y++ = k_s8_add_one(p, a[i], b[i]);
}

static void clamp(const k_binary *p, int8_t *y, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        y[i] = y[i] < p->output_min ? (int8_t)p->output_min : y[i] > p->output_max ? (int8_t)p->output_max : y[i];
}

K_SMALL_END

/// Rows of sixteen or more, dense, that may repeat; y may be a or b.
static void add_rows(const k_binary *p, const int8_t *a, ptrdiff_t a_row, const int8_t *b, ptrdiff_t b_row, int8_t *y, int32_t rows,
                     int32_t count) {
    if (p->shift < 16 || p->shift > 23) return add_each(p, a, a_row, b, b_row, y, rows, count);
    // Below four rows it costs more than it saves.
    const int repeats = rows > 3 && count <= K_ADD_REPEATED;
    if (repeats && b_row == 0) {
        add_repeated(p, p->a_multiplier, a, a_row, p->b_multiplier, b, y, rows, count);
    } else if (repeats && a_row == 0) {
        add_repeated(p, p->b_multiplier, b, b_row, p->a_multiplier, a, y, rows, count);
    } else {
        const addition both = addition_of(p, p->a_multiplier, p->b_multiplier);
        add_in_pairs(&both, a, a_row, b, b_row, NULL, y, rows, count);
    }
    if (p->output_min > -128 || p->output_max < 127) clamp(p, y, rows * count);
}
