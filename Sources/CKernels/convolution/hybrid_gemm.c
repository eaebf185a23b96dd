#include "hybrid.h"

size_t k_hybrid_gemm_c2_packed_bytes(const k_convolution_shape *s) { return k_s8_gemm_packed_bytes(s, 2, 1); }

void k_hybrid_gemm_c2_pack(const k_convolution_shape *s, const int8_t *weights, const float *bias, const float *scale,
                           void *packed) {
    size_t depth = k_filter_size(s);
    int32_t group_outputs = s->output_channels / s->groups;
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        n = k_min(group_outputs - c % group_outputs, K_TILE_CHANNELS);
        int32_t sums[8];
        int32_t *offsets = k_s8_pack_filters(weights + (size_t)c * depth, depth, 2, n, packed, sums);
        memcpy(offsets, sums, sizeof sums);
        float *scales = (float *)(offsets + K_TILE_CHANNELS), *biases = scales + K_TILE_CHANNELS;
        for (int32_t i = 0; i < K_TILE_CHANNELS; i++) {
            scales[i] = i < n ? scale[c + i] : 0;
            biases[i] = i < n && bias ? bias[c + i] : 0;
        }
        packed = biases + K_TILE_CHANNELS;
    }
}

// Scratch: the quantised image, then four patches; pointwise, the four quantised pixels are the patches.
size_t k_hybrid_gemm_scratch_bytes(const k_convolution_shape *s) {
    if (k_hybrid_pointwise(s)) return K_TILE_PIXELS * k_s8_patch_bytes(s);
    const k_convolution_shape dense = k_hybrid_dense_image(s);
    return k_hybrid_range_bytes(s) + k_s8_gemm_scratch_bytes(&dense);
}

static void run_tile(const k_hybrid_convolution *b, k_s8_tile *tile, size_t first, size_t step,
                     const k_convolution_shape *dense, const k_pixel *pixel, int8_t *patches,
                     k_s8_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    const uint8_t *packed = b->weights;
    uint8_t *output = (uint8_t *)(b->output + first * (size_t)s->output_channels);
    for (int32_t group = 0; group < s->groups; group++) {
        for (int32_t i = 0; dense && i < tile->pixels; i++)
            tile->patches[i] =
                k_s8_patch(dense, b->scratch, pixel[i], group, tile->quantization[0].zero, patches, i);
        packed = k_s8_tile_blocks(s, tile, group, packed, step, 1, output, run);
    }
}

static void run_pointwise(const k_hybrid_convolution *b, k_s8_tile *tile, size_t step, k_s8_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    const size_t patch_bytes = k_s8_patch_bytes(s), pixels = k_pixels(s);
    for (size_t first = 0; first < pixels; first += K_TILE_PIXELS) {
        tile->pixels = pixels - first < K_TILE_PIXELS ? (int32_t)(pixels - first) : K_TILE_PIXELS;
        for (int32_t i = 0; i < tile->pixels; i++) {
            int8_t *patch = (int8_t *)b->scratch + (size_t)i * patch_bytes;
            const float *x = b->input + k_pixel_at(s, first + (size_t)i).origin;
            tile->quantization[i] = k_hybrid_quantise(x, 1, 1, s->input_channels, 0, s->input_channels, patch);
            tile->patches[i] = patch;
        }
        run_tile(b, tile, first, step, NULL, NULL, NULL, run);
    }
}

static void run_images(const k_hybrid_convolution *b, k_s8_tile *tile, size_t step, k_s8_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    const k_convolution_shape dense = k_hybrid_dense_image(s);
    const size_t pixels = k_pixels(&dense);
    int8_t *image = b->scratch, *patches = image + k_hybrid_range_bytes(s);
    for (size_t batch = 0; batch < (size_t)s->batches; batch++) {
        const float *x = b->input + (ptrdiff_t)batch * s->input_height * s->input_row_stride;
        k_quantization q = k_hybrid_quantise(x, s->input_height, s->input_width, s->input_channels,
                                             s->input_row_stride, s->input_pixel_stride, image);
        for (int32_t i = 0; i < K_TILE_PIXELS; i++) tile->quantization[i] = q;
        for (size_t first = 0; first < pixels; first += K_TILE_PIXELS) {
            k_pixel pixel[K_TILE_PIXELS];
            tile->pixels = pixels - first < K_TILE_PIXELS ? (int32_t)(pixels - first) : K_TILE_PIXELS;
            for (int32_t i = 0; i < tile->pixels; i++) pixel[i] = k_pixel_at(&dense, first + (size_t)i);
            run_tile(b, tile, batch * pixels + first, step, &dense, pixel, patches, run);
        }
    }
}

void k_hybrid_gemm(const k_hybrid_convolution *b, size_t step, k_s8_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    k_s8_tile tile = {
        .depth = k_filter_size(s),
        .output_stride = (size_t)s->output_channels,
        .low = b->output_min,
        .high = b->output_max,
    };
    if (k_hybrid_pointwise(s))
        run_pointwise(b, &tile, step, run);
    else
        run_images(b, &tile, step, run);
}
