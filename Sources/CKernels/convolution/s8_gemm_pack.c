#include "s8_gemm.h"
#include "../small.h"

K_SMALL_BEGIN

size_t k_s8_gemm_c2_packed_bytes(const k_convolution_shape *s) {
    size_t bytes = 0, depth = k_filter_size(s);
    int32_t channels = s->output_channels / s->groups;
    for (int32_t c = 0; c < channels; c += K_TILE_CHANNELS)
        bytes += k_s8_block_bytes(depth, 2, k_min(channels - c, K_TILE_CHANNELS));
    return bytes * (size_t)s->groups;
}

/// Packs n filters of `depth` weights; `sums` receives Σw of each, modulo 2³², and 0 for the rest
/// of the eight. Returns where `offset` goes.
static void *pack_filters(const int8_t *filters, size_t depth, size_t step, int32_t n, void *packed, int32_t sums[8]) {
    size_t bytes = k_s8_block_weights(depth, step, n);
    int8_t *out = packed;
    memset(out, 0, bytes);
    memset(sums, 0, 8 * sizeof *sums);
    for (int32_t c = 0; c < n; c++)
        for (size_t k = 0; k < depth; k++) {
            int8_t w = filters[(size_t)c * depth + k];
            out[(k / step * (size_t)n + (size_t)c) * step + k % step] = w;
            sums[c] = k_add(sums[c], w);
        }
    return out + bytes;
}

void *k_s8_gemm_c2_block(const int8_t *filters, size_t depth, int32_t n, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed) {
    int32_t sums[8];
    int32_t *offsets = pack_filters(filters, depth, 2, n, packed, sums);
    float *scales = (float *)(offsets + K_TILE_CHANNELS);
    for (int32_t i = 0; i < K_TILE_CHANNELS; i++) {
        offsets[i] = i < n ? k_sub(bias ? bias[i] : 0, k_mul(input_zero, sums[i])) : 0;
        scales[i] = i < n ? scale[i] : 0;
    }
    return scales + K_TILE_CHANNELS;
}

void k_s8_gemm_c2_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                       int32_t input_zero, void *packed) {
    size_t depth = k_filter_size(s);
    int32_t group_outputs = s->output_channels / s->groups;
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        n = k_min(group_outputs - c % group_outputs, K_TILE_CHANNELS);
        packed = k_s8_gemm_c2_block(weights + (size_t)c * depth, depth, n, bias ? bias + c : NULL, scale + c, input_zero,
                                    packed);
    }
}

K_SMALL_END
