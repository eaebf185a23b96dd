#include "f32_gemm.h"

static size_t block_floats(size_t depth, int32_t n) { return K_F32_TILE_CHANNELS + depth * (size_t)n; }

size_t k_f32_gemm_packed_bytes(const k_convolution_shape *s) {
    int32_t group_outputs = s->output_channels / s->groups;
    size_t floats = 0;
    for (int32_t c = 0; c < group_outputs; c += K_F32_TILE_CHANNELS)
        floats += block_floats(k_filter_size(s), k_min(group_outputs - c, K_F32_TILE_CHANNELS));
    return (floats * (size_t)s->groups + K_F32_TILE_CHANNELS) * sizeof(float);
}

void k_f32_gemm_pack(const k_convolution_shape *s, const float *weights, const float *bias, void *packed) {
    size_t depth = k_filter_size(s);
    int32_t group_outputs = s->output_channels / s->groups;
    float *out = packed;
    memset(packed, 0, k_f32_gemm_packed_bytes(s));
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        n = k_min(group_outputs - c % group_outputs, K_F32_TILE_CHANNELS);
        if (bias) memcpy(out, bias + c, (size_t)n * sizeof *bias);
        out += K_F32_TILE_CHANNELS;
        for (size_t k = 0; k < depth; k++)
            for (int32_t i = 0; i < n; i++) *out++ = weights[(size_t)(c + i) * depth + k];
    }
}

static int same_taps(k_pixel a, k_pixel b) {
    return a.rows.first == b.rows.first && a.rows.end == b.rows.end && a.columns.first == b.columns.first &&
           a.columns.end == b.columns.end;
}

void k_f32_gemm(const k_f32_convolution *b, k_f32_tile_function run) {
    const k_convolution_shape *s = &b->shape;
    const int32_t group_inputs = s->input_channels / s->groups, group_outputs = s->output_channels / s->groups;
    const size_t depth = k_filter_size(s), pixels = k_pixels(s);
    k_f32_tile tile = {.shape = s, .low = b->output_min, .high = b->output_max};
    for (size_t first = 0; first < pixels; first += (size_t)tile.pixels) {
        k_pixel pixel[K_F32_TILE_PIXELS];
        tile.pixels = 0;
        while (tile.pixels < K_F32_TILE_PIXELS && first + (size_t)tile.pixels < pixels) {
            pixel[tile.pixels] = k_pixel_at(s, first + (size_t)tile.pixels);
            if (!same_taps(pixel[tile.pixels], pixel[0])) break;
            tile.pixels++;
        }
        // A short tile takes back what it lacks of the one before: the same bits once more.
        const size_t back = K_F32_TILE_PIXELS - (size_t)tile.pixels;
        if (back > 0 && first >= back && same_taps(k_pixel_at(s, first - back), pixel[0])) {
            // Pixels between two of the same taps may have others, at the end of a row.
            int same = 1;
            k_pixel before[K_F32_TILE_PIXELS];
            for (size_t i = 0; i < K_F32_TILE_PIXELS; i++) {
                before[i] = k_pixel_at(s, first - back + i);
                same = same && same_taps(before[i], pixel[0]);
            }
            if (same) {
                memcpy(pixel, before, sizeof pixel);
                first -= back;
                tile.pixels = K_F32_TILE_PIXELS;
            }
        }
        tile.rows = pixel[0].rows;
        tile.columns = pixel[0].columns;
        ptrdiff_t inside = tile.rows.first * k_row_step(s) + tile.columns.first * k_column_step(s);
        tile.packed = b->weights;
        for (int32_t group = 0; group < s->groups; group++) {
            for (int32_t i = 0; i < tile.pixels; i++)
                // With no tap inside, the origin may be anywhere, and nothing is read.
                tile.inputs[i] =
                    tile.rows.end == 0 || tile.columns.end == 0
                        ? b->input
                        : b->input + (pixel[i].origin + inside + (ptrdiff_t)group * group_inputs);
            for (int32_t c = 0; c < group_outputs; c += K_F32_TILE_CHANNELS) {
                tile.channels = k_min(group_outputs - c, K_F32_TILE_CHANNELS);
                tile.output = b->output + first * (size_t)s->output_channels + (size_t)(group * group_outputs + c);
                run(&tile);
                tile.packed += block_floats(depth, tile.channels);
            }
        }
    }
}
