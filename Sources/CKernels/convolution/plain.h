// The plain packing: weights in the order of the model, then bias, then scales. The references use
// it, and the depthwise variants, for which channels already lie side by side.
#ifndef CKERNELS_PLAIN_H
#define CKERNELS_PLAIN_H

#include "internal.h"

// A vector of eight channels may be loaded where fewer are left: so many bytes more are allocated.
enum { K_PLAIN_SLACK = 32 };

typedef struct {
    const int8_t *weights;
    const int32_t *bias;
    const float *scale;
} k_s8_plain;

typedef struct {
    const float *weights, *bias;
} k_f32_plain;

/// Weights in a plain packing of a convolution and of a depthwise convolution.
static inline size_t k_convolution_weights(const k_convolution_shape *s) {
    return k_filter_size(s) * (size_t)s->output_channels;
}
static inline size_t k_depthwise_weights(const k_convolution_shape *s) {
    return k_taps_count(s) * (size_t)s->output_channels;
}

size_t k_s8_plain_bytes(size_t weights, int32_t channels);
void k_s8_plain_pack(size_t weights, int32_t channels, const int8_t *w, const int32_t *bias, const float *scale,
                     void *packed);
k_s8_plain k_s8_plain_view(size_t weights, int32_t channels, const void *packed);

size_t k_f32_plain_bytes(size_t weights, int32_t channels);
void k_f32_plain_pack(size_t weights, int32_t channels, const float *w, const float *bias, void *packed);
k_f32_plain k_f32_plain_view(size_t weights, const void *packed);

// As the tables of variants want them.
size_t k_s8_convolution_plain_bytes(const k_convolution_shape *);
void k_s8_convolution_plain_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                                 const float *scale, int32_t input_zero, void *packed);
size_t k_s8_depthwise_plain_bytes(const k_convolution_shape *);
void k_s8_depthwise_plain_pack(const k_convolution_shape *, const int8_t *weights, const int32_t *bias,
                               const float *scale, int32_t input_zero, void *packed);
size_t k_f32_convolution_plain_bytes(const k_convolution_shape *);
void k_f32_convolution_plain_pack(const k_convolution_shape *, const float *weights, const float *bias, void *packed);
size_t k_f32_depthwise_plain_bytes(const k_convolution_shape *);
void k_f32_depthwise_plain_pack(const k_convolution_shape *, const float *weights, const float *bias, void *packed);
size_t k_no_scratch(const k_convolution_shape *);

#endif
