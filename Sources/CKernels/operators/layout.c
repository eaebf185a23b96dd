#include "k_layout.h"

#include <string.h>

static void blocks(const k_copy *p, int32_t dimension, const uint8_t *src, uint8_t *dst) {
    if (dimension == p->rank) {
        if (p->lut) {
            for (size_t i = 0; i < p->block; i++) dst[i] = p->lut[src[i]];
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
    const uint8_t *lut = p->lut;
    for (size_t i = 0; i < p->block; i++) p->dst[i] = lut[p->src[i]];
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
