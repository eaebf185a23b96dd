// Depthwise layers as a stream: with edges around them, the outputs of a row of pixels read bytes that lie side by side, whatever
// channel they are of, and channels repeat from pixel to pixel. So vectors need not begin with a pixel, and none is cut
// where one ends. Where outputs are 2 columns apart the even ones stand first, then the odd ones. Weights, biases and scales
// are laid out for as many lanes as it takes until a vector begins with a pixel again, on the stack: packed so, they would
// take too much memory.
#ifndef CKERNELS_S8_DEPTHWISE_FLAT_H
#define CKERNELS_S8_DEPTHWISE_FLAT_H

#include "s8_depthwise_16.h"

// Lanes of a vector; bytes for rows with their edges, for what is laid out; taps; what may be read behind a band.
#if defined(__x86_64__)
enum { K_FLAT_LANES = 64, K_FLAT_BAND = 16384, K_FLAT_ROOM = 65536, K_FLAT_FLIP = -128 }; // which adds 128 to taps
#else
enum { K_FLAT_LANES = 16, K_FLAT_BAND = 8192, K_FLAT_ROOM = 16384, K_FLAT_FLIP = 0 };
#endif
enum { K_FLAT_TAPS = 32, K_FLAT_STRIDE = 4, K_FLAT_SLACK = 64, K_FLAT_PIXELS = 16 };

/// A layer while it runs.
typedef struct {
    int32_t taps, lanes;           // lanes until channels begin anew
    ptrdiff_t tap_step;            // from the weights of one tap to those of the next
    ptrdiff_t offsets[K_FLAT_TAPS]; // of the taps, from the first
    int32_t *bias;                 // [lanes + K_FLAT_LANES], as scale and each tap of weights, with all of zero points folded in
    float *scale;
    int8_t *weights;               // and room for as many again on x86-64, where AVX2's are int16
    int32_t output_zero, low, high;
} k_flat;

/// What an ISA does: puts what was laid out in the order that it wants, and computes rows of `count` outputs, of which the
/// first reads its first tap at x, and the next row's first one x_step further.
typedef struct {
    void (*layout)(k_flat *);
    void (*rows)(const k_flat *, const int8_t *x, ptrdiff_t x_step, int32_t rows, int32_t count, int8_t *y);
} k_flat_kernel;

/// Whether a layer is walked so; packed as K_DEPTHWISE_CHANNELS, its weights in the order of the model.
int k_s8_flat_fits(const k_convolution_shape *);
void k_s8_flat_run(const k_s8_convolution *, const void *packed, const k_flat_kernel *);

#endif
