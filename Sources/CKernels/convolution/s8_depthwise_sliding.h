// Depthwise layers whose window slides along lines of pixels: over time, along rows, or down columns, one line of taps or several
// abreast. AArch64 only.
#ifndef CKERNELS_S8_DEPTHWISE_SLIDING_H
#define CKERNELS_S8_DEPTHWISE_SLIDING_H

#include "s8_depthwise_16.h"

// Pixels that stand on the stack at once; taps of a line, and taps in all for which there is room; outputs for which weights are worth
// laying out, of one line and of lines abreast.
enum { K_SLIDING_PIXELS = 512, K_SLIDING_LEAST = 4, K_SLIDING_TAPS = 32, K_SLIDING_GROUP = 4, K_SLIDING_LAID = 80 };
enum { K_SLIDING_OUTPUTS = 12, K_SLIDING_PLANE = 96 };
enum { K_SLIDING_ABREAST = K_SLIDING_LAID / (K_SLIDING_LEAST + K_SLIDING_GROUP) };

/// One of a layer's two ways. Steps are in elements, from a pixel, an output or a tap to the next.
typedef struct {
    int32_t pixels, outputs, taps, stride, dilation, pad;
    ptrdiff_t step, output_step, tap;
} k_s8_way;

/// A layer as lines of pixels along which windows slide; `across` them lie lines of outputs, and the window's taps abreast.
typedef struct {
    k_s8_way along, across;
} k_s8_sliding;

/// Bytes from the laid out weights of one line of taps to those of the next: of all places, with what is rounded up for each.
static inline ptrdiff_t k_s8_laid_line(const k_s8_sliding *l) { return K_SLIDING_GROUP * (l->along.taps + K_SLIDING_GROUP) * K_PANEL; }

/// What one kernel does, with sixteen channels at a time.
///
/// `group` neighbouring pixels are interleaved, as one multiplication takes them. Groups begin at every `group`th pixel only; outputs
/// that begin between them have their weights further back in a group, with zeros before: so each pixel is interleaved but once.
typedef struct {
    int32_t group; // K_SLIDING_GROUP at most
    /// Interleaves whole groups of pixels `step` apart, of which `count` are wanted; gives where the next ones go.
    int8_t *(*interleave)(int8_t *to, const int8_t *pixel, ptrdiff_t step, int32_t count);
    /// `count` outputs, `step` apart, of a stretch of lines abreast; weights of each for each place in a group at which a window begins.
    void (*slide)(const k_s8_sliding *, const void *block, const int8_t *const *bands, const int8_t *weights, int32_t count,
                  ptrdiff_t step, int8_t *output);
} k_s8_slider;

/// Whether a layer is one of these. Packed as K_DEPTHWISE_CHANNELS, its weights in the order of the model.
int k_s8_slides(const k_convolution_shape *, k_s8_sliding *);

/// Sixteen channels of a layer, from its first input and output on; `weights` of theirs, `outside` sixteen times the zero point.
/// `block` is what `slide` is given.
void k_s8_slide(const k_s8_convolution *, const k_s8_sliding *, const k_s8_slider *, const void *block, const int8_t *weights,
                const int8_t *outside, const int8_t *input, int8_t *output);

#endif
