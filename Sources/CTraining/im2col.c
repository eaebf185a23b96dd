#include "c_training.h"
#include <string.h>

/// The taps `from`..<`to` of a window's row that lie in the image (those before and behind lie beside it), and their elements:
/// runs of them one behind the other, at `at` of the image.
#define FOR_EACH_RUN(ROW, ...)                                                                                     \
    for (int32_t n = 0; n < samples; n++, image += (size_t)w->in_h * w->in_w * w->channels)                        \
        for (int32_t y = 0; y < w->out_h; y++)                                                                     \
            for (int32_t x = 0; x < w->out_w; x++)                                                                 \
                for (int32_t i = 0; i < w->kernel_h; i++, rows += (size_t)w->kernel_w * w->channels) {             \
                    int32_t from_y = y * w->stride_h - w->pad_top + i * w->dilation_h;                             \
                    int32_t from_x = x * w->stride_w - w->pad_left, d = w->dilation_w;                             \
                    int32_t from = from_x < 0 ? (d - 1 - from_x) / d : 0, to = (w->in_w - 1 - from_x + d) / d;     \
                    if (to > w->kernel_w) to = w->kernel_w;                                                        \
                    if (from_y < 0 || from_y >= w->in_h || from >= to) from = to = 0;                              \
                    ROW                                                                                            \
                    int32_t run = d == 1 ? to - from : 1;                                                          \
                    for (int32_t j = from; j < to; j += run) {                                                     \
                        size_t at = ((size_t)from_y * w->in_w + from_x + j * d) * w->channels;                     \
                        __VA_ARGS__                                                                                \
                    }                                                                                              \
                }

T_CLONES void t_im2col(const t_window *w, int32_t samples, const float *image, float *rows) {
    size_t size = sizeof(float) * w->channels;
    FOR_EACH_RUN(
        if (to - from < w->kernel_w) memset(rows, 0, w->kernel_w * size);,
        memcpy(rows + (size_t)j * w->channels, image + at, run * size);)
}

T_CLONES void t_col2im(const t_window *w, int32_t samples, const float *rows, float *image) {
    FOR_EACH_RUN(, {
        const float *row = rows + (size_t)j * w->channels;
        for (int32_t c = 0; c < run * w->channels; c++) image[at + c] += row[c];
    })
}
