// float32 convolution as a matrix product over the input in place: no patches are gathered, because
// a tap in the padding must be skipped (fma(0, w, acc) is not acc where w is inf or acc is −0). A
// tile is up to 4 pixels with the same taps inside the image, by 8 channels.
#ifndef CKERNELS_F32_GEMM_H
#define CKERNELS_F32_GEMM_H

#include "internal.h"

enum { K_F32_TILE_PIXELS = 4, K_F32_TILE_CHANNELS = 8 };

// Packed weights: for each group, for each block of n ≤ 8 channels
//   float bias[8]
//   float weights[kernel_height · kernel_width · in / groups][n]
// and 8 floats of slack at the end of all: a micro-kernel loads 8 lanes whatever n is.

typedef struct {
    const k_convolution_shape *shape;
    const float *inputs[K_F32_TILE_PIXELS]; // first tap inside the image, first channel of the group
    k_taps rows, columns;                   // the taps inside the image, the same for all pixels
    int32_t pixels, channels;
    const float *packed; // the block
    float *output;       // of the first pixel and channel
    float low, high;
} k_f32_tile;

typedef void (*k_f32_tile_function)(const k_f32_tile *);

size_t k_f32_gemm_packed_bytes(const k_convolution_shape *);
void k_f32_gemm_pack(const k_convolution_shape *, const float *weights, const float *bias, void *packed);
void k_f32_gemm(const k_f32_convolution *, k_f32_tile_function);

#endif
