#include "c_training.h"
#include <string.h>

/// Where a row's taps lie in the image: calls nothing, shared by both directions.
#define FOR_EACH_TAP(BODY)                                                                                         \
    for (int32_t n = 0; n < samples; n++, image += (size_t)w->in_h * w->in_w * w->channels)                        \
        for (int32_t y = 0; y < w->out_h; y++)                                                                     \
            for (int32_t x = 0; x < w->out_w; x++)                                                                 \
                for (int32_t i = 0; i < w->kernel_h; i++) {                                                        \
                    int32_t from_y = y * w->stride_h - w->pad_top + i * w->dilation_h;                             \
                    for (int32_t j = 0; j < w->kernel_w; j++, rows += w->channels) {                               \
                        int32_t from_x = x * w->stride_w - w->pad_left + j * w->dilation_w;                        \
                        bool inside = from_y >= 0 && from_y < w->in_h && from_x >= 0 && from_x < w->in_w;          \
                        size_t at = inside ? ((size_t)from_y * w->in_w + from_x) * w->channels : 0;                \
                        BODY                                                                                       \
                    }                                                                                              \
                }

T_CLONES void t_im2col(const t_window *w, int32_t samples, const float *image, float *rows) {
    int32_t channels = w->channels;
    FOR_EACH_TAP({
        if (!inside) {
            for (int32_t c = 0; c < channels; c++) rows[c] = 0;
        } else {
            for (int32_t c = 0; c < channels; c++) rows[c] = image[at + c];
        }
    })
}

T_CLONES void t_col2im(const t_window *w, int32_t samples, const float *rows, float *image) {
    int32_t channels = w->channels;
    FOR_EACH_TAP({
        if (inside) {
            for (int32_t c = 0; c < channels; c++) image[at + c] += rows[c];
        }
    })
}
