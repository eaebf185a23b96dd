#include <stdlib.h>

#include "s8_depthwise_flat.h"
#include "s8_depthwise_line.h"
#include "../small.h"

K_SMALL_BEGIN

/// Weights for dot products?
static int dots(const k_convolution_shape *s, size_t step) {
#if defined(__x86_64__)
    if (k_s8_flat_fits(s)) return 0;
#endif
    return step > 2 && s->output_channels >= K_PANEL && k_s8_depthwise_is_3x3(s);
}

static size_t channels_bytes(const k_convolution_shape *s, size_t step) {
    size_t weights = dots(s, step) ? k_round_up((size_t)s->output_channels, K_PANEL) * K_DOT_TAPS : k_depthwise_weights(s);
    return (k_s8_depthwise_is_3x3(s) ? 2 : 3) * (size_t)s->output_channels * sizeof(int32_t) + weights;
}

/// One input channel: a convolution in all but the order of its weights. Its few patches stand on the stack.
static int is_convolution(const k_convolution_shape *s) {
    return s->input_channels == 1 && K_TILE_PIXELS * k_s8_patch_bytes(s) <= K_DEPTHWISE_PATCHES;
}

static int are_pairs(const k_convolution_shape *s) {
    return s->input_channels == K_HALF_PANEL && s->output_channels == K_HALF_PANEL && s->kernel_height == 3 &&
           s->kernel_width == 3 && s->dilation_height == 1 && s->dilation_width == 1 && s->stride_width == 1 &&
           s->pad_left <= 1 && s->input_pixel_stride == K_HALF_PANEL && s->output_width >= 2 &&
           s->output_width <= K_PAIRS_BAND / (3 * K_HALF_PANEL) - 2;
}

size_t k_s8_depthwise_16_packed_bytes(const k_convolution_shape *s, size_t step) {
    const k_convolution_shape pairs = k_s8_pairs_shape(s, 1);
    size_t bytes = k_s8_depthwise_plain_bytes(s), channels = channels_bytes(are_pairs(s) ? &pairs : s, step);
    if (channels > bytes) bytes = channels;
    size_t panels = is_convolution(s) ? k_s8_panels_packed_bytes(s, step) : 0;
#if defined(__aarch64__)
    size_t line = k_s8_depthwise_line_bytes(s);
    if (line > bytes) bytes = line;
#endif
    return K_PANEL_HEADER + (panels > bytes ? panels : bytes);
}

static void pack_dots(int8_t *out, const int8_t *weights, size_t channels, int upright) {
    const size_t column = upright ? 3 : 1, row = upright ? 1 : 3;
    for (size_t c = 0; c < channels; c += K_PANEL) {
        const size_t at = c + K_PANEL <= channels ? c : channels - K_PANEL;
        for (size_t x = 0; x < 3; x++)
            for (size_t i = 0; i < K_PANEL; i++, out += 4)
                for (size_t y = 0; y < 3; y++) out[y] = weights[(row * y + column * x) * channels + at + i];
    }
}

static int pack_channels(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, int32_t fold, size_t step, void *packed) {
    const size_t n = (size_t)s->output_channels, taps = k_taps_count(s);
    if (s->input_channels != s->output_channels || taps > 1 << 20) return 0;
    if (n < K_PANEL && !k_s8_flat_fits(s)) return 0;
    k_s8_channels p = k_s8_channels_view(s, packed);
    memcpy((void *)p.scale, scale, n * sizeof *scale);
    if (dots(s, step))
        pack_dots((int8_t *)p.weights, weights, n, k_s8_depthwise_upright(s));
    else
        memcpy((void *)p.weights, weights, taps * n);
    for (size_t c = 0; c < n; c++) {
        int32_t sum = 0, magnitude = 0, start = bias ? bias[c] : 0;
        for (size_t k = 0; k < taps; k++) {
            const int8_t w = weights[k * n + c];
            if (w == -128) return 0;
            sum += w;
            magnitude += abs(w);
        }
        if (!k_s8_fits_int16(start, magnitude, scale[c])) return 0;
        ((int32_t *)p.bias)[c] = start;
        ((int32_t *)p.folded)[c] = k_sub(start, k_mul(dots(s, step) ? fold : input_zero, sum));
    }
    return 1;
}

/// The eight channels twice.
static int pack_pairs(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                      int32_t input_zero, int32_t fold, size_t step, void *packed) {
    int8_t twice[9 * K_PANEL];
    int32_t biases[K_PANEL];
    float scales[K_PANEL];
    for (size_t i = 0; i < sizeof twice; i++) twice[i] = weights[i / K_PANEL * K_HALF_PANEL + i % K_HALF_PANEL];
    for (size_t i = 0; i < K_PANEL; i++) {
        biases[i] = bias ? bias[i % K_HALF_PANEL] : 0;
        scales[i] = scale[i % K_HALF_PANEL];
    }
    const k_convolution_shape pairs = k_s8_pairs_shape(s, 1);
    return pack_channels(&pairs, twice, biases, scales, input_zero, fold, step, packed);
}

void k_s8_depthwise_pairs(const k_s8_convolution *b, void (*run)(const k_s8_convolution *, const void *context),
                          const void *context) {
    const k_convolution_shape *s = &b->shape;
    int8_t band[K_PAIRS_BAND];
    const int32_t whole = s->output_width / 2, columns = s->output_width + 2;
    const size_t row = (size_t)columns * K_HALF_PANEL;
    const size_t copied = (size_t)k_min(s->input_width, columns - s->pad_left) * K_HALF_PANEL;
    k_s8_convolution pairs = *b;
    memset(band, b->input_zero, 3 * row);
    for (int32_t y = 0; y < s->batches * s->output_height; y++) {
        const int8_t *image = b->input + (ptrdiff_t)(y / s->output_height) * s->input_height * s->input_row_stride;
        int8_t *to = band + s->pad_left * K_HALF_PANEL;
        for (int32_t k = 0; k < 3; k++, to += row) {
            const int32_t from = y % s->output_height * s->stride_height - s->pad_top + k;
            if ((uint32_t)from < (uint32_t)s->input_height)
                memcpy(to, image + (ptrdiff_t)from * s->input_row_stride, copied);
            else
                memset(to, b->input_zero, copied);
        }
        pairs.shape = k_s8_pairs_shape(s, whole);
        pairs.input = band;
        run(&pairs, context);
        if (s->output_width % 2) {
            // The last pair overlaps the one before: the same bits once more.
            const ptrdiff_t last = (s->output_width - 2) * K_HALF_PANEL;
            pairs.shape = k_s8_pairs_shape(s, 1);
            pairs.input = band + last;
            pairs.output += last;
            run(&pairs, context);
            pairs.output -= last;
        }
        pairs.output += s->output_width * K_HALF_PANEL;
    }
}

void k_s8_depthwise_16_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, int32_t fold, size_t step, void *packed) {
    memset(packed, 0, k_s8_depthwise_16_packed_bytes(s, step));
#if defined(__aarch64__)
    if (k_s8_depthwise_line_pack(s, weights, bias, scale, input_zero, packed)) return;
#endif
    void *body = (uint8_t *)packed + K_PANEL_HEADER;
    int32_t kind = K_DEPTHWISE_PLAIN;
    if (is_convolution(s) &&
        k_s8_panels_pack(s, weights, 1, (size_t)s->output_channels, bias, scale, fold, step, body))
        kind = K_DEPTHWISE_PANELS;
    else if (are_pairs(s) && fold == input_zero && // s8_depthwise_16_avx512vnni has none
             pack_pairs(s, weights, bias, scale, input_zero, fold, step, body))
        kind = K_DEPTHWISE_PAIRS;
    else if (pack_channels(s, weights, bias, scale, input_zero, fold, step, body))
        kind = K_DEPTHWISE_CHANNELS;
    else
        k_s8_depthwise_plain_pack(s, weights, bias, scale, input_zero, body);
    memcpy(packed, &kind, sizeof kind);
}

size_t k_s8_depthwise_c2_packed_bytes(const k_convolution_shape *s) { return k_s8_depthwise_16_packed_bytes(s, 2); }
void k_s8_depthwise_c2_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, void *packed) {
    k_s8_depthwise_16_pack(s, weights, bias, scale, input_zero, input_zero, 2, packed);
}

size_t k_s8_depthwise_c4_packed_bytes(const k_convolution_shape *s) { return k_s8_depthwise_16_packed_bytes(s, 4); }
void k_s8_depthwise_c4_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                            const float *scale, int32_t input_zero, void *packed) {
    k_s8_depthwise_16_pack(s, weights, bias, scale, input_zero, input_zero, 4, packed);
}

#if defined(__x86_64__)
// With AVX2: K_DEPTHWISE_PLAIN, or for one input channel K_DEPTHWISE_PANELS and a layer for s8_gemm_4x8c2_avx2.
size_t k_s8_depthwise_avx2_packed_bytes(const k_convolution_shape *s) {
    const size_t plain = K_PANEL_HEADER + k_s8_depthwise_plain_bytes(s);
    const size_t convolution = is_convolution(s) ? 2 * K_PANEL_HEADER + k_s8_gemm_c2_packed_bytes(s) : 0;
    return plain > convolution ? plain : convolution;
}

void k_s8_depthwise_avx2_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                              const float *scale, int32_t input_zero, void *packed) {
    memset(packed, 0, k_s8_depthwise_avx2_packed_bytes(s));
    uint8_t *out = (uint8_t *)packed + K_PANEL_HEADER;
    if (!is_convolution(s)) {
        k_s8_depthwise_plain_pack(s, weights, bias, scale, input_zero, out);
        return;
    }
    *(int32_t *)packed = K_DEPTHWISE_PANELS;
    void *block = out + K_PANEL_HEADER;
    const size_t taps = k_taps_count(s), filters = (size_t)s->output_channels;
    for (size_t c = 0; c < filters; c += K_TILE_CHANNELS) {
        const int32_t n = k_min((int32_t)(filters - c), K_TILE_CHANNELS);
        int8_t block_weights[K_TILE_CHANNELS * K_DEPTHWISE_PATCHES / K_TILE_PIXELS];
        for (size_t i = 0; i < (size_t)n; i++)
            for (size_t k = 0; k < taps; k++) block_weights[i * taps + k] = weights[k * filters + c + i];
        block = k_s8_gemm_c2_block(block_weights, taps, n, bias ? bias + c : NULL, scale + c, input_zero, block);
    }
}

void k_s8_depthwise_c4_unsigned_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                                     const float *scale, int32_t input_zero, void *packed) {
    k_s8_depthwise_16_pack(s, weights, bias, scale, input_zero, input_zero + 128, 4, packed);
}
#endif

K_SMALL_END
