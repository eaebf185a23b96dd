// Hybrid convolution: quantising the input, and the driver around the int8 micro-kernels.
#ifndef CKERNELS_HYBRID_H
#define CKERNELS_HYBRID_H

#include "s8_gemm.h"

/// Whether each pixel has a range of its own (k_hybrid.h), rather than each image.
int k_hybrid_pointwise(const k_convolution_shape *);

/// Quantises the image of height × width × channels floats at `x` into as many dense bytes.
k_quantization k_hybrid_quantise(const float *x, int32_t height, int32_t width, int32_t channels,
                                 ptrdiff_t row_stride, ptrdiff_t pixel_stride, int8_t *out);

/// The shape of one image of `s` after it was quantised: dense.
k_convolution_shape k_hybrid_dense_image(const k_convolution_shape *s);

/// Bytes of quantised input that are alive at once, per pixel or image.
static inline size_t k_hybrid_range_bytes(const k_convolution_shape *s) {
    size_t pixels = k_hybrid_pointwise(s) ? 1 : (size_t)s->input_height * (size_t)s->input_width;
    return k_round_up(pixels * (size_t)s->input_channels, 64);
}

size_t k_hybrid_gemm_c2_packed_bytes(const k_convolution_shape *);
void k_hybrid_gemm_c2_pack(const k_convolution_shape *, const int8_t *weights, const float *bias, const float *scale,
                           void *packed);
size_t k_hybrid_gemm_scratch_bytes(const k_convolution_shape *);
void k_hybrid_gemm(const k_hybrid_convolution *, size_t step, k_s8_tile_function);

// The reference's.
size_t k_hybrid_plain_bytes(const k_convolution_shape *);
void k_hybrid_plain_pack(const k_convolution_shape *, const int8_t *weights, const float *bias, const float *scale,
                         void *packed);

#endif
