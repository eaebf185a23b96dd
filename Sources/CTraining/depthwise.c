#include "c_training.h"

// Channels by blocks that stay in registers while the taps go by.
enum { BLOCK = 32 };

#define BLOCKS(BODY)                                                            \
    for (int32_t c0 = 0, next; c0 < w->channels; c0 = next) {                   \
        int32_t left = w->channels - c0;                                        \
        if (left >= BLOCK) {                                                    \
            enum { wide = BLOCK };                                              \
            next = c0 + wide;                                                   \
            BODY                                                                \
        } else if (left >= 8) {                                                 \
            enum { wide = 8 };                                                  \
            next = c0 + wide;                                                   \
            BODY                                                                \
        } else {                                                                \
            const int32_t wide = left;                                          \
            next = c0 + wide;                                                   \
            BODY                                                                \
        }                                                                       \
    }

T_CLONES void t_depthwise(const t_window *w, int32_t samples, const float *x, const float *weights, const float *bias, float *y) {
    size_t C = w->channels;
    for (int32_t n = 0; n < samples; n++, x += (size_t)w->in_h * w->in_w * C)
        for (int32_t oy = 0; oy < w->out_h; oy++)
            for (int32_t ox = 0; ox < w->out_w; ox++, y += C) BLOCKS({
                    float sum[BLOCK];
                    for (int32_t c = 0; c < wide; c++) sum[c] = bias ? bias[c0 + c] : 0;
                    for (int32_t i = 0; i < w->kernel_h; i++) {
                        int32_t iy = oy * w->stride_h - w->pad_top + i * w->dilation_h;
                        if (iy < 0 || iy >= w->in_h) continue;
                        for (int32_t j = 0; j < w->kernel_w; j++) {
                            int32_t ix = ox * w->stride_w - w->pad_left + j * w->dilation_w;
                            if (ix < 0 || ix >= w->in_w) continue;
                            const float *a = x + ((size_t)iy * w->in_w + ix) * C + c0;
                            const float *b = weights + ((size_t)i * w->kernel_w + j) * C + c0;
                            for (int32_t c = 0; c < wide; c++) sum[c] += a[c] * b[c];
                        }
                    }
                    for (int32_t c = 0; c < wide; c++) y[c0 + c] = sum[c];
                })
}

/// The output that the tap `k` of input `i` went to, or −1.
static inline int32_t reached(int32_t i, int32_t k, int32_t pad, int32_t dilation, int32_t stride, int32_t out) {
    int32_t at = i + pad - k * dilation;
    if (at < 0) return -1;
    if (stride == 1) return at < out ? at : -1;
    return at % stride == 0 && at / stride < out ? at / stride : -1;
}

T_CLONES void t_depthwise_input_gradient(const t_window *w, int32_t samples, const float *dy, const float *weights, float *dx) {
    size_t C = w->channels;
    for (int32_t n = 0; n < samples; n++, dy += (size_t)w->out_h * w->out_w * C)
        for (int32_t iy = 0; iy < w->in_h; iy++)
            for (int32_t ix = 0; ix < w->in_w; ix++, dx += C) BLOCKS({
                    float sum[BLOCK];
                    for (int32_t c = 0; c < wide; c++) sum[c] = 0;
                    for (int32_t i = 0; i < w->kernel_h; i++) {
                        int32_t oy = reached(iy, i, w->pad_top, w->dilation_h, w->stride_h, w->out_h);
                        if (oy < 0) continue;
                        for (int32_t j = 0; j < w->kernel_w; j++) {
                            int32_t ox = reached(ix, j, w->pad_left, w->dilation_w, w->stride_w, w->out_w);
                            if (ox < 0) continue;
                            const float *a = dy + ((size_t)oy * w->out_w + ox) * C + c0;
                            const float *b = weights + ((size_t)i * w->kernel_w + j) * C + c0;
                            for (int32_t c = 0; c < wide; c++) sum[c] += a[c] * b[c];
                        }
                    }
                    for (int32_t c = 0; c < wide; c++) dx[c0 + c] = sum[c];
                })
}

T_CLONES void t_depthwise_weight_gradient(const t_window *w, int32_t samples, const float *x, const float *dy, float *dw) {
    size_t C = w->channels;
    for (int32_t i = 0; i < w->kernel_h; i++)
        for (int32_t j = 0; j < w->kernel_w; j++, dw += C) BLOCKS({
                float sum[BLOCK];
                for (int32_t c = 0; c < wide; c++) sum[c] = 0;
                for (int32_t n = 0; n < samples; n++)
                    for (int32_t oy = 0; oy < w->out_h; oy++) {
                        int32_t iy = oy * w->stride_h - w->pad_top + i * w->dilation_h;
                        if (iy < 0 || iy >= w->in_h) continue;
                        const float *from = x + ((size_t)n * w->in_h + iy) * w->in_w * C + c0;
                        const float *with = dy + ((size_t)n * w->out_h + oy) * w->out_w * C + c0;
                        for (int32_t ox = 0; ox < w->out_w; ox++) {
                            int32_t ix = ox * w->stride_w - w->pad_left + j * w->dilation_w;
                            if (ix < 0 || ix >= w->in_w) continue;
                            const float *a = from + (size_t)ix * C;
                            const float *b = with + (size_t)ox * C;
                            for (int32_t c = 0; c < wide; c++) sum[c] += a[c] * b[c];
                        }
                    }
                for (int32_t c = 0; c < wide; c++) dw[c0 + c] = sum[c];
            })
}
