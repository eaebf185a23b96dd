#include "c_training.h"
#include <string.h>

#define FOR_EACH_WINDOW(BODY)                                                                      \
    for (int32_t n = 0; n < samples; n++)                                                          \
        for (int32_t oy = 0; oy < w->out_h; oy++)                                                  \
            for (int32_t ox = 0; ox < w->out_w; ox++) {                                            \
                int32_t y0 = oy * w->stride_h - w->pad_top, x0 = ox * w->stride_w - w->pad_left;   \
                int32_t y1 = y0 + w->kernel_h, x1 = x0 + w->kernel_w;                              \
                if (y0 < 0) y0 = 0;                                                                \
                if (x0 < 0) x0 = 0;                                                                \
                if (y1 > w->in_h) y1 = w->in_h;                                                    \
                if (x1 > w->in_w) x1 = w->in_w;                                                    \
                size_t out = (((size_t)n * w->out_h + oy) * w->out_w + ox) * C;                    \
                BODY                                                                               \
            }

#define FOR_EACH_ELEMENT(BODY)                                                                     \
    for (int32_t iy = y0; iy < y1; iy++)                                                           \
        for (int32_t ix = x0; ix < x1; ix++) {                                                     \
            size_t in = (((size_t)n * w->in_h + iy) * w->in_w + ix) * C;                           \
            BODY                                                                                   \
        }

T_CLONES void t_average_pool(const t_window *w, int32_t samples, const float *x, float *y) {
    size_t C = w->channels;
    FOR_EACH_WINDOW({
        float share = 1.0f / ((y1 - y0) * (x1 - x0));
        for (size_t c = 0; c < C; c++) y[out + c] = 0;
        FOR_EACH_ELEMENT({ for (size_t c = 0; c < C; c++) y[out + c] += x[in + c]; })
        for (size_t c = 0; c < C; c++) y[out + c] *= share;
    })
}

T_CLONES void t_average_pool_gradient(const t_window *w, int32_t samples, const float *dy, float *dx) {
    size_t C = w->channels;
    memset(dx, 0, sizeof(float) * samples * w->in_h * w->in_w * C);
    FOR_EACH_WINDOW({
        float share = 1.0f / ((y1 - y0) * (x1 - x0));
        FOR_EACH_ELEMENT({ for (size_t c = 0; c < C; c++) dx[in + c] += share * dy[out + c]; })
    })
}

void t_max_pool(const t_window *w, int32_t samples, const float *x, float *y, int32_t *at) {
    size_t C = w->channels;
    FOR_EACH_WINDOW({
        bool first = true;
        FOR_EACH_ELEMENT({
            for (size_t c = 0; c < C; c++)
                if (first || x[in + c] > y[out + c]) {
                    y[out + c] = x[in + c];
                    at[out + c] = (int32_t)(in + c);
                }
            first = false;
        })
    })
}

void t_max_pool_gradient(const t_window *w, int32_t samples, const float *dy, const int32_t *at, float *dx) {
    size_t C = w->channels;
    memset(dx, 0, sizeof(float) * samples * w->in_h * w->in_w * C);
    size_t count = (size_t)samples * w->out_h * w->out_w * C;
    for (size_t i = 0; i < count; i++) dx[at[i]] += dy[i];
}
