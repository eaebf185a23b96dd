// Moving elements without computing on them: copies between strided views, fills, gathers, and
// byte-to-byte tables. All sizes and strides are in bytes unless said otherwise.
#ifndef K_LAYOUT_H
#define K_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum { K_MAX_RANK = 8 };

/// dst[i…] = src[i…] over `count[]` (outermost first) blocks of `block` contiguous bytes.
/// With `lut`, each byte goes through a table of 256: requantisation of 8-bit tensors on the way.
typedef struct {
    const uint8_t *src;
    uint8_t *dst;
    const uint8_t *lut; // NULL: plain copy
    int32_t rank;
    int32_t count[K_MAX_RANK];
    ptrdiff_t src_stride[K_MAX_RANK], dst_stride[K_MAX_RANK];
    size_t block;
} k_copy;
void k_copy_run(const void *block);
/// rank 1, no lut, `block` a multiple of 16: rows that don't overlap.
void k_copy_rows16_run(const void *block);
/// rank 0: one block that may overlap itself (a variable shifted in place).
void k_move_run(const void *block);
/// rank 0 with lut: unary operators on 8-bit tensors.
void k_lut_run(const void *block);

/// dst[0 ..< elements] = value, an element of `size` ≤ 8 bytes.
typedef struct {
    uint8_t *dst;
    size_t elements;
    uint32_t size;
    uint8_t value[8];
} k_fill;
void k_fill_run(const void *block);

/// dst[o, i, …] = src[o, indices[i], …] with `inner` bytes per entry. An index outside of 0 ..< limit
/// is brought to the nearest end: a kernel cannot fail, and must not read elsewhere.
typedef struct {
    const uint8_t *src;
    const void *indices;
    uint8_t *dst;
    int32_t outer, limit, picks;
    size_t inner;
    int32_t batches; // leading dimensions that src and indices share; `outer` is per batch
} k_gather;
void k_gather_s32(const void *block);
void k_gather_s64(const void *block);

#endif
