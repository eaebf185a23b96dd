#include "s8_gemm.h"
#include "../small.h"

K_SMALL_BEGIN

/// Whether the taps of a patch, and those of one row of it, lie side by side in the input.
static int in_one_piece(const k_convolution_shape *s, int *rows) {
    ptrdiff_t channels = s->input_channels / s->groups;
    *rows = s->kernel_width == 1 || k_column_step(s) == channels;
    return *rows && (s->kernel_height == 1 || k_row_step(s) == s->kernel_width * channels);
}

/// Whether the last output reads no tap beyond the far edge of an axis without padding before it.
static int axis_inside(int32_t input, int32_t output, int32_t kernel, int32_t stride, int32_t dilation) {
    return (int64_t)(output - 1) * stride + (int64_t)(kernel - 1) * dilation < input;
}

int k_s8_gathers(const k_convolution_shape *s) {
    int rows;
    return !in_one_piece(s, &rows) || s->pad_top || s->pad_left ||
           !axis_inside(s->input_height, s->output_height, s->kernel_height, s->stride_height, s->dilation_height) ||
           !axis_inside(s->input_width, s->output_width, s->kernel_width, s->stride_width, s->dilation_width);
}

/// The patch of a pixel and group: in the input itself where its taps lie in one piece, else
/// gathered into the `index`th of `patches`, `zero` for the taps outside the image.
static const int8_t *patch_of(const k_convolution_shape *s, const int8_t *input, k_pixel pixel, int32_t group,
                              int32_t zero, void *patches, int32_t index) {
    ptrdiff_t channels = s->input_channels / s->groups, width = s->kernel_width * channels;
    ptrdiff_t origin = pixel.origin + group * channels;
    int whole = pixel.rows.end - pixel.rows.first == s->kernel_height &&
                pixel.columns.end - pixel.columns.first == s->kernel_width;
    int rows_in_one_piece, patch_in_one_piece = in_one_piece(s, &rows_in_one_piece);
    if (whole && patch_in_one_piece) return input + origin;

    int8_t *scratch = (int8_t *)patches + (size_t)index * k_s8_patch_bytes(s);
    if (!whole) memset(scratch, zero, k_filter_size(s));
    const int32_t first = pixel.columns.first, end = pixel.columns.end, columns = rows_in_one_piece ? end - first : 1;
    for (int32_t ky = pixel.rows.first; ky < pixel.rows.end; ky++)
        for (int32_t kx = first; kx < end; kx += columns)
            memcpy(scratch + (ky * width + kx * channels), input + (origin + ky * k_row_step(s) + kx * k_column_step(s)),
                   (size_t)(columns * channels));
    return scratch;
}

/// Runs the blocks of `group` over the patches in `tile`, and returns the packed weights after them.
/// `output` is the start of the first pixel.
static const uint8_t *run_blocks(const k_convolution_shape *s, k_s8_tile *tile, int32_t group, const uint8_t *packed,
                                 size_t step, int8_t *output, k_s8_tile_function run) {
    int32_t channels = s->output_channels / s->groups;
    for (int32_t c = 0; c < channels; c += K_TILE_CHANNELS) {
        tile->channels = k_min(channels - c, K_TILE_CHANNELS);
        tile->packed = packed;
        tile->output = output + (size_t)(group * channels + c);
        run(tile);
        packed += k_s8_block_bytes(tile->depth, step, tile->channels);
    }
    return packed;
}

size_t k_s8_gemm_scratch_bytes(const k_convolution_shape *s) {
    return k_s8_gathers(s) ? K_TILE_PIXELS * k_s8_patch_bytes(s) : 0;
}

void k_s8_gemm(const k_s8_convolution *b, size_t step, k_s8_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    k_s8_tile tile = {
        .depth = k_filter_size(s),
        .output_stride = (size_t)s->output_channels,
        .low = (float)(b->output_min - b->output_zero),
        .high = (float)(b->output_max - b->output_zero),
        .output_zero = b->output_zero,
    };
    const size_t pixels = k_pixels(s);
    for (size_t first = 0; first < pixels; first += K_TILE_PIXELS) {
        tile.pixels = pixels - first < K_TILE_PIXELS ? (int32_t)(pixels - first) : K_TILE_PIXELS;
        k_pixel pixel[K_TILE_PIXELS];
        for (int32_t i = 0; i < tile.pixels; i++) pixel[i] = k_pixel_at(s, first + (size_t)i);
        const uint8_t *packed = b->weights;
        for (int32_t group = 0; group < s->groups; group++) {
            for (int32_t i = 0; i < tile.pixels; i++)
                tile.patches[i] = patch_of(s, b->input, pixel[i], group, b->input_zero, b->scratch, i);
            packed = run_blocks(s, &tile, group, packed, step, b->output + first * (size_t)s->output_channels, run);
        }
    }
}

K_SMALL_END
