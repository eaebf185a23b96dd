// Depthwise convolution, eight channels at a time: which channels, and where they read.
#ifndef CKERNELS_DEPTHWISE_H
#define CKERNELS_DEPTHWISE_H

#include "plain.h"

enum { K_LANES = 8 };

/// A block of output channels. The last block overlaps the one before instead of being shorter:
/// computing a channel twice gives the same bits. Only where there are fewer than eight in all is
/// `count` less.
typedef struct {
    int32_t channel, count;
    int contiguous; // eight neighbouring input channels: one vector load
    int32_t input[K_LANES];
} k_lanes;

static inline k_lanes k_lanes_at(const k_convolution_shape *s, int32_t channel) {
    k_lanes l = {.count = k_min(s->output_channels, K_LANES)};
    l.channel = k_min(channel, s->output_channels - l.count);
    int32_t multiplier = s->output_channels / s->input_channels;
    l.contiguous = multiplier == 1 && l.count == K_LANES;
    if (!l.contiguous)
        for (int32_t i = 0; i < K_LANES; i++) l.input[i] = (l.channel + k_min(i, l.count - 1)) / multiplier;
    return l;
}

#endif
