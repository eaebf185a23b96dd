#include "k_layout.h"

#include <string.h>

#if defined(__aarch64__)
#include <arm_neon.h>

/// dst[i] = table[src[i]]; dst may be src. A quarter of the table at a time: outside of it tbx leaves what was found.
static void look_up(const uint8_t *table, const uint8_t *src, uint8_t *dst, size_t n) {
    const uint8x16x4_t a = vld1q_u8_x4(table), b = vld1q_u8_x4(table + 64), c = vld1q_u8_x4(table + 128), d = vld1q_u8_x4(table + 192);
    const uint8x16_t quarter = vdupq_n_u8(64);
#pragma clang loop unroll(disable)
    for (; n >= 16; n -= 16, src += 16, dst += 16) {
        uint8x16_t at = vld1q_u8(src), found = vqtbl4q_u8(a, at);
        found = vqtbx4q_u8(found, b, at = vsubq_u8(at, quarter));
        found = vqtbx4q_u8(found, c, at = vsubq_u8(at, quarter));
        vst1q_u8(dst, vqtbx4q_u8(found, d, vsubq_u8(at, quarter)));
    }
#pragma clang loop unroll(disable)
    for (size_t i = 0; i < n; i++) dst[i] = table[src[i]];
}
#else
static void look_up(const uint8_t *table, const uint8_t *src, uint8_t *dst, size_t n) {
    for (size_t i = 0; i < n; i++) dst[i] = table[src[i]];
}
#endif

static void blocks(const k_copy *p, int32_t dimension, const uint8_t *src, uint8_t *dst) {
    if (dimension == p->rank) {
        if (p->lut) {
            look_up(p->lut, src, dst, p->block);
        } else {
            memcpy(dst, src, p->block);
        }
        return;
    }
    for (int32_t i = 0; i < p->count[dimension]; i++)
        blocks(p, dimension + 1, src + i * p->src_stride[dimension], dst + i * p->dst_stride[dimension]);
}

void k_copy_run(const void *block) {
    const k_copy *p = block;
    blocks(p, 0, p->src, p->dst);
}

// Channel slices of a few pixels: rows too short for a call of memcpy each.
void k_copy_rows16_run(const void *block) {
    const k_copy *p = block;
    const uint8_t *src = p->src;
    uint8_t *dst = p->dst;
    for (int32_t i = 0; i < p->count[0]; i++, src += p->src_stride[0], dst += p->dst_stride[0])
        for (size_t at = 0; at < p->block; at += 16) memcpy(dst + at, src + at, 16);
}

void k_move_run(const void *block) {
    const k_copy *p = block;
    memmove(p->dst, p->src, p->block);
}

void k_lut_run(const void *block) {
    const k_copy *p = block;
    look_up(p->lut, p->src, p->dst, p->block);
}

void k_fill_run(const void *block) {
    const k_fill *p = block;
    if (p->size == 1) {
        memset(p->dst, p->value[0], p->elements);
        return;
    }
    for (size_t i = 0; i < p->elements; i++) memcpy(p->dst + i * p->size, p->value, p->size);
}

#define GATHER(NAME, INDEX)                                                                         \
    void NAME(const void *block) {                                                                  \
        const k_gather *p = block;                                                                  \
        const uint8_t *src = p->src;                                                                \
        uint8_t *dst = p->dst;                                                                      \
        const INDEX *indices = p->indices;                                                          \
        for (int32_t b = 0; b < p->batches; b++, indices += p->picks)                               \
            for (int32_t o = 0; o < p->outer; o++, src += p->limit * p->inner)                      \
                for (int32_t i = 0; i < p->picks; i++, dst += p->inner) {                           \
                    INDEX k = indices[i] < 0 ? 0 : indices[i] >= p->limit ? p->limit - 1 : indices[i]; \
                    memcpy(dst, src + (size_t)k * p->inner, p->inner);                              \
                }                                                                                   \
    }
GATHER(k_gather_s32, int32_t)
GATHER(k_gather_s64, int64_t)
