#include "plain.h"
#include "../small.h"

K_SMALL_BEGIN

size_t k_s8_plain_bytes(size_t weights, int32_t channels) {
    return k_round_up(weights, 4) + (size_t)channels * (sizeof(int32_t) + sizeof(float)) + K_PLAIN_SLACK;
}

void k_s8_plain_pack(size_t weights, int32_t channels, const int8_t *w, const int32_t *bias, const float *scale,
                     void *packed) {
    // The padding and the slack are loaded by vectors, if never used.
    memset(packed, 0, k_s8_plain_bytes(weights, channels));
    memcpy(packed, w, weights);
    uint8_t *p = (uint8_t *)packed + k_round_up(weights, 4);
    size_t n = (size_t)channels;
    if (bias) memcpy(p, bias, n * sizeof *bias);
    memcpy(p + n * sizeof *bias, scale, n * sizeof *scale);
}

k_s8_plain k_s8_plain_view(size_t weights, int32_t channels, const void *packed) {
    const int32_t *bias = (const int32_t *)((const uint8_t *)packed + k_round_up(weights, 4));
    return (k_s8_plain){packed, bias, (const float *)(bias + channels)};
}

size_t k_f32_plain_bytes(size_t weights, int32_t channels) {
    return (weights + (size_t)channels) * sizeof(float) + K_PLAIN_SLACK;
}

void k_f32_plain_pack(size_t weights, int32_t channels, const float *w, const float *bias, void *packed) {
    memset(packed, 0, k_f32_plain_bytes(weights, channels));
    memcpy(packed, w, weights * sizeof *w);
    if (bias) memcpy((float *)packed + weights, bias, (size_t)channels * sizeof *bias);
}

k_f32_plain k_f32_plain_view(size_t weights, const void *packed) {
    return (k_f32_plain){packed, (const float *)packed + weights};
}

size_t k_s8_convolution_plain_bytes(const k_convolution_shape *s) {
    return k_s8_plain_bytes(k_convolution_weights(s), s->output_channels);
}
void k_s8_convolution_plain_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                                 const float *scale, int32_t input_zero, void *packed) {
    (void)input_zero;
    k_s8_plain_pack(k_convolution_weights(s), s->output_channels, weights, bias, scale, packed);
}

size_t k_s8_depthwise_plain_bytes(const k_convolution_shape *s) {
    return k_s8_plain_bytes(k_depthwise_weights(s), s->output_channels);
}
void k_s8_depthwise_plain_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                               const float *scale, int32_t input_zero, void *packed) {
    (void)input_zero;
    k_s8_plain_pack(k_depthwise_weights(s), s->output_channels, weights, bias, scale, packed);
}

size_t k_f32_convolution_plain_bytes(const k_convolution_shape *s) {
    return k_f32_plain_bytes(k_convolution_weights(s), s->output_channels);
}
void k_f32_convolution_plain_pack(const k_convolution_shape *s, const float *weights, const float *bias,
                                  void *packed) {
    k_f32_plain_pack(k_convolution_weights(s), s->output_channels, weights, bias, packed);
}

size_t k_f32_depthwise_plain_bytes(const k_convolution_shape *s) {
    return k_f32_plain_bytes(k_depthwise_weights(s), s->output_channels);
}
void k_f32_depthwise_plain_pack(const k_convolution_shape *s, const float *weights, const float *bias,
                                void *packed) {
    k_f32_plain_pack(k_depthwise_weights(s), s->output_channels, weights, bias, packed);
}

size_t k_no_scratch(const k_convolution_shape *s) {
    (void)s;
    return 0;
}

K_SMALL_END
