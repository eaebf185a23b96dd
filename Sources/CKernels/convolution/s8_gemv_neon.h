// A matrix times a vector with NEON. Included by each kernel, after it has defined
//   TARGET                the attribute that lets a function use its instructions
//   EIGHT_TAPS            adds eight taps at %[x] by a panel's weights at %[w] to v16–v19, and moves both behind them; it
//                         may use v0–v15 and v20–v23
//   GROUPS                the same for all %[groups] of eight taps, or all but one: that is left to label 1 if the last
//                         bit of what %[groups] is then is set; at label 3 none is left
//   RUN_BYTES             of runs behind a panel's weights, for so many groups
//   dot                   adds the sums of products of sixteen taps to four lanes

/// Sixteen filters: `groups` of eight taps, and the eight at `last` if there is one.
TARGET K_INLINE void multiply_panel(int32x4_t acc[4], const int8_t *x, const int8_t *w, int32_t groups,
                                    const int8_t *last, const uint8_t *runs) {
    int32_t run;
    register int32x4_t a0 __asm__("v16") = acc[0], a1 __asm__("v17") = acc[1], a2 __asm__("v18") = acc[2];
    register int32x4_t a3 __asm__("v19") = acc[3];
    __asm__(GROUPS
            "1: tbz %w[groups], #0, 3f\n"
            "2:\n" EIGHT_TAPS
            "3: cbz %[last], 4f\n"
            "mov %[x], %[last]\n"
            "mov %[last], xzr\n"
            "b 2b\n"
            "4:\n"
            : "+w"(a0), "+w"(a1), "+w"(a2), "+w"(a3), [x] "+r"(x), [w] "+r"(w), [groups] "+r"(groups),
              [last] "+r"(last), [runs] "+r"(runs), [run] "=&r"(run)
            :
            : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15",
              "v20", "v21", "v22", "v23", "cc", "memory");
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
}

/// One filter: `units` of sixteen taps, and those at `last` if there are any.
TARGET K_INLINE int32_t multiply_row(const int32_t *bias, const int8_t *x, const int8_t *w, int32_t units,
                                     const int8_t *last) {
    int32x4_t acc[4] = {vsetq_lane_s32(*bias, vdupq_n_s32(0), 0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
#pragma clang loop unroll(disable)
    for (; units >= 4; units -= 4, x += 4 * K_GEMV_UNIT, w += 4 * K_GEMV_UNIT) {
        const int8x16x4_t taps = vld1q_s8_x4(x), weights = vld1q_s8_x4(w);
        for (int i = 0; i < 4; i++) acc[i] = dot(acc[i], taps.val[i], weights.val[i]);
    }
#pragma clang loop unroll(disable)
    for (; units > 0; units--, x += K_GEMV_UNIT, w += K_GEMV_UNIT) acc[0] = dot(acc[0], vld1q_s8(x), vld1q_s8(w));
    if (last) acc[1] = dot(acc[1], vld1q_s8(last), vld1q_s8(w));
    return vaddvq_s32(vaddq_s32(vaddq_s32(acc[0], acc[1]), vaddq_s32(acc[2], acc[3])));
}

TARGET K_INLINE void gemv(const k_s8_convolution *b) {
    const k_s8_gemv_header *header = b->weights;
    const int32_t depth = header->depth, filters = header->filters;
    const int32_t *bias = (const int32_t *)((const uint8_t *)b->weights + K_PANEL_HEADER);
    const int16x8_t zero = vdupq_n_s16((int16_t)b->output_zero);
    const int8x16_t low = vdupq_n_s8((int8_t)b->output_min), high = vdupq_n_s8((int8_t)b->output_max);
    const int8_t *x = b->input;
    int8_t *output = b->output, few[K_GEMV_UNIT];
    int32_t length = depth;
    if (depth < K_GEMV_UNIT) {
        x = k_s8_gemv_few(x, depth, few);
        length = (depth + K_GROUP - 1) / K_GROUP * K_GROUP;
    }
    int32_t left = filters;
    if (left >= K_PANEL) {
        const int32_t groups = length / K_GROUP;
        const int8_t *last = length % K_GROUP ? x + (length - K_GROUP) : NULL;
        const ptrdiff_t bytes = (groups + (last != NULL)) * (K_GROUP * K_PANEL);
        const ptrdiff_t panel = bytes + RUN_BYTES((size_t)groups);
        do {
            int32x4_t acc[4];
            k_start_rows(acc, 1, K_PANEL, bias);
            const float *scale = (const float *)(bias + K_PANEL);
            const int8_t *w = (const int8_t *)(scale + K_PANEL);
            multiply_panel(acc, x, w, groups, last, (const uint8_t *)w + bytes);
            bias = (const int32_t *)(w + panel);
            if (left < K_PANEL) output -= K_PANEL - left;
            k_store_panel_neon(acc, scale, zero, low, high, output);
            output += K_PANEL;
            left -= K_PANEL;
        } while (left > K_HALF_PANEL);
        if (left <= 0) return;
    }
    if (depth < K_GEMV_UNIT) length = K_GEMV_UNIT;
    const int32_t units = length / K_GEMV_UNIT;
    const int8_t *last = length % K_GEMV_UNIT ? x + (length - K_GEMV_UNIT) : NULL;
    const ptrdiff_t bytes = (units + (last != NULL)) * K_GEMV_UNIT;
    const float *scale = (const float *)(bias + K_PANEL);
    const int8_t *w = (const int8_t *)(scale + K_PANEL);
    union {
        int32_t sums[K_PANEL];
        int8_t bytes[K_PANEL];
    } y;
    for (int32_t i = 0; i < left; i++, w += bytes) y.sums[i] = multiply_row(bias + i, x, w, units, last);
    int32x4_t acc[4];
    k_start_rows(acc, 1, K_PANEL, y.sums);
    k_store_panel_neon(acc, scale, zero, low, high, y.bytes);
    k_s8_gemv_copy(y.bytes, left, output);
}
