#include "c_training.h"
#include <math.h>

T_CLONES void t_softmax(size_t rows, size_t classes, float *x) {
    for (size_t r = 0; r < rows; r++, x += classes) {
        float top = x[0], sum = 0;
        for (size_t c = 1; c < classes; c++) top = x[c] > top ? x[c] : top;
        for (size_t c = 0; c < classes; c++) {
            x[c] = expf(x[c] - top);
            sum += x[c];
        }
        for (size_t c = 0; c < classes; c++) x[c] /= sum;
    }
}

T_CLONES void t_softmax_gradient(size_t rows, size_t classes, const float *p, const float *dy, float *dx) {
    for (size_t r = 0; r < rows; r++, p += classes, dy += classes, dx += classes) {
        float sum = 0;
        for (size_t c = 0; c < classes; c++) sum += p[c] * dy[c];
        for (size_t c = 0; c < classes; c++) dx[c] = p[c] * (dy[c] - sum);
    }
}
