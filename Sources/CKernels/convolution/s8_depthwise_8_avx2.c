#if defined(__x86_64__)
#include <immintrin.h>

#include "depthwise.h"
#include "kernels.h"
#include "s8_depthwise_16.h"

#define K_INLINE_AVX2 K_AVX2 static inline __attribute__((always_inline))

/// Eight int8 as int16, of the pixel at x.
K_INLINE_AVX2 __m128i load(const int8_t *x, const k_lanes *l) {
    if (l->contiguous) return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(x + l->channel)));
    int8_t lane[K_LANES];
    for (int32_t i = 0; i < K_LANES; i++) lane[i] = x[l->input[i]];
    return _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)lane));
}

/// (x − zero)·w fits int16: |x − zero| ≤ 255 and |w| ≤ 128 give at most 32,640.
K_INLINE_AVX2 __m256i accumulate(const k_s8_convolution *b, k_s8_plain p, k_pixel pixel, const k_lanes *l) {
    const k_convolution_shape *s = &b->shape;
    const ptrdiff_t step = k_column_step(s);
    const __m128i zero = _mm_set1_epi16((int16_t)b->input_zero);
    __m256i acc = _mm256_loadu_si256((const __m256i *)(p.bias + l->channel));
    for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++) {
        ptrdiff_t first = pixel.columns.first, at = pixel.origin + ky * k_row_step(s) + first * step;
        ptrdiff_t tap = (ky * s->kernel_width + first) * s->output_channels + l->channel;
        for (int32_t kx = pixel.columns.first; kx < pixel.columns.end; kx++, at += step, tap += s->output_channels) {
            __m128i w = _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(p.weights + tap)));
            __m128i product = _mm_mullo_epi16(_mm_sub_epi16(load(b->input + at, l), zero), w);
            acc = _mm256_add_epi32(acc, _mm256_cvtepi16_epi32(product));
        }
    }
    return acc;
}

K_AVX2 static void channels(const k_s8_convolution *b) {
    const k_convolution_shape *s = &b->shape;
    k_s8_plain p = k_s8_plain_view(k_depthwise_weights(s), s->output_channels, b->weights);
    const __m256 low = _mm256_set1_ps((float)(b->output_min - b->output_zero));
    const __m256 high = _mm256_set1_ps((float)(b->output_max - b->output_zero));
    int8_t *output = b->output;
    for (size_t index = 0, pixels = k_pixels(s); index < pixels; index++, output += s->output_channels) {
        k_pixel pixel = k_pixel_at(s, index);
        for (int32_t c = 0; c < s->output_channels; c += K_LANES) {
            k_lanes l = k_lanes_at(s, c);
            __m256 v = _mm256_cvtepi32_ps(accumulate(b, p, pixel, &l));
            v = _mm256_mul_ps(v, _mm256_loadu_ps(p.scale + l.channel));
            v = _mm256_min_ps(_mm256_max_ps(v, low), high);
            __m256i y = _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(b->output_zero));
            __m128i y16 = _mm_packs_epi32(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
            int64_t y8 = _mm_cvtsi128_si64(_mm_packs_epi16(y16, y16));
            if (l.count == K_LANES)
                memcpy(output + l.channel, &y8, sizeof y8);
            else
                memcpy(output, &y8, (size_t)l.count);
        }
    }
}

/// int8 depthwise convolution with AVX2, eight channels at a time.
void s8_depthwise_8_avx2(const void *block) {
    k_s8_convolution b = *(const k_s8_convolution *)block;
    const int32_t kind = *(const int32_t *)b.weights;
    b.weights = (const uint8_t *)b.weights + K_PANEL_HEADER;
    if (kind == K_DEPTHWISE_PLAIN) {
        channels(&b);
    } else {
        int8_t patches[K_DEPTHWISE_PATCHES];
        b.scratch = patches;
        s8_gemm_4x8c2_avx2(&b);
    }
}
#endif
