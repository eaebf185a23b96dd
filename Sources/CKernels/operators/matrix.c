#include "k_matrix.h"

#include "../convolution/f32_gemm.h"
#include "transpose.h"

static k_convolution_shape layer(const k_matrix_product *p) {
    return (k_convolution_shape){
        .batches = 1, .input_height = 1, .input_width = p->rows, .input_channels = p->depth, .output_height = 1,
        .output_width = p->rows, .output_channels = p->columns, .kernel_height = 1, .kernel_width = 1,
        .stride_height = 1, .stride_width = 1, .dilation_height = 1, .dilation_width = 1, .groups = 1,
        .input_pixel_stride = p->depth, .input_row_stride = p->rows * p->depth};
}

/// Floats of a piece of scratch that keeps the next one aligned.
static size_t piece(size_t floats) { return k_round_up(floats, 16); }
static size_t turned_a(const k_matrix_product *p) { return p->turn_a ? piece((size_t)p->rows * (size_t)p->depth) : 0; }
static size_t turned_b(const k_matrix_product *p) {
    return p->turn_b && p->variant->pack != k_f32_gemm_pack ? piece((size_t)p->columns * (size_t)p->depth) : 0;
}

size_t k_matrix_scratch_bytes(const k_matrix_product *p) {
    const k_convolution_shape s = layer(p);
    const size_t packed = piece(p->variant->packed_bytes(&s) / sizeof(float) + 1);
    return (packed + turned_a(p) + turned_b(p)) * sizeof(float) + p->variant->scratch_bytes(&s);
}

K_WIDE_BEGIN
/// As k_f32_gemm_pack, by rows and blocks.
static void pack_panels(const k_matrix_product *p, const float *b, float *out) {
    for (int32_t c = 0, n; c < p->columns; c += n) {
        const int32_t left = p->columns - c;
        n = left >= K_F32_PANEL ? K_F32_PANEL : k_min(left, K_F32_HALF_PANEL);
        memset(out, 0, (size_t)k_f32_panel_lanes(n) * sizeof *out);
        if (p->bias) memcpy(out, p->bias + c, (size_t)n * sizeof *out);
        out += k_f32_panel_lanes(n);
        if (!p->turn_b)
            k_transpose(b + (ptrdiff_t)c * p->depth, p->depth, out, n, p->depth, n);
        else if (n == K_F32_PANEL)
            for (int32_t k = 0; k < p->depth; k++) memcpy(out + k * K_F32_PANEL, b + (ptrdiff_t)k * p->columns + c, K_F32_PANEL * sizeof *out);
        else
            for (int32_t k = 0; k < p->depth; k++)
                for (int32_t i = 0; i < n; i++) out[k * n + i] = b[(ptrdiff_t)k * p->columns + c + i];
        out += (ptrdiff_t)n * p->depth;
    }
    memset(out, 0, K_F32_HALF_PANEL * sizeof *out);
}
K_WIDE_END

static void turn(const float *x, float *y, int32_t rows, int32_t columns) {
    for (int32_t i = 0; i < rows; i++)
        for (int32_t j = 0; j < columns; j++) *y++ = x[(ptrdiff_t)j * rows + i];
}

void k_f32_matrix_product(const void *block) {
    const k_matrix_product *p = block;
    const k_f32_convolution_variant *v = p->variant;
    const k_convolution_shape s = layer(p);
    float *packed = p->scratch, *a_turned = packed + piece(v->packed_bytes(&s) / sizeof(float) + 1);
    float *b_turned = a_turned + turned_a(p);
    k_f32_convolution c = {.shape = s, .output = p->y, .weights = packed, .scratch = b_turned + turned_b(p),
                           .output_min = p->output_min, .output_max = p->output_max};
    const float *last = NULL;
    int32_t at[K_MAX_RANK] = {0};
    for (;;) {
        const float *a = p->a, *b = p->b;
        for (int32_t d = 0; d < p->rank; d++) a += at[d] * p->a_stride[d], b += at[d] * p->b_stride[d];
        if (b != last) {
            last = b;
            if (v->pack == k_f32_gemm_pack) {
                pack_panels(p, b, packed);
            } else {
                if (p->turn_b) turn(b, b_turned, p->columns, p->depth);
                v->pack(&s, p->turn_b ? b_turned : b, p->bias, packed);
            }
        }
        if (p->turn_a) turn(a, a_turned, p->rows, p->depth);
        c.input = p->turn_a ? a_turned : a;
        v->run(&c);
        c.output += (ptrdiff_t)p->rows * p->columns;
        int32_t d = p->rank - 1;
        for (; d >= 0; d--) {
            if (++at[d] < p->count[d]) break;
            at[d] = 0;
        }
        if (d < 0) return;
    }
}
