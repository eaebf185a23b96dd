// The trainer's inner loops: float, [n, h, w, c] with channels innermost. None allocates, none starts a thread.
// A caller splits a batch by samples (or rows) and adds what each part returned, always in the same order:
// the sums then don't depend on how many cores there were.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#define T_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define T_CLONES
#endif

/// Inlined, so that each of a caller's clones has its own.
#define INLINE static inline __attribute__((always_inline))

/// Leaves the core to its twin for a moment, in a loop that waits.
static inline void t_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// A window that slides over an image: the geometry of convolutions and pools.
typedef struct {
    int32_t in_h, in_w, channels;
    int32_t out_h, out_w;
    int32_t kernel_h, kernel_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
} t_window;

typedef enum { T_LINEAR, T_RELU, T_RELU6, T_HARD_SWISH, T_GELU, T_SIGMOID, T_TANH, T_SWISH } t_activation;

// im2col.c: `samples` images to rows [samples·out_h·out_w, kernel_h·kernel_w·channels], and back, adding into `image`.
void t_im2col(const t_window *w, int32_t samples, const float *image, float *rows);
void t_col2im(const t_window *w, int32_t samples, const float *rows, float *image);

// depthwise.c: weights [kernel_h, kernel_w, channels], bias [channels] or NULL. Gradients are written, not added.
void t_depthwise(const t_window *w, int32_t samples, const float *x, const float *weights, const float *bias, float *y);
void t_depthwise_input_gradient(const t_window *w, int32_t samples, const float *dy, const float *weights, float *dx);
void t_depthwise_weight_gradient(const t_window *w, int32_t samples, const float *x, const float *dy, float *dw);

// pool.c: padding counts for nothing. `at` keeps which element was the largest.
void t_average_pool(const t_window *w, int32_t samples, const float *x, float *y);
void t_average_pool_gradient(const t_window *w, int32_t samples, const float *dy, float *dx);
void t_max_pool(const t_window *w, int32_t samples, const float *x, float *y, int32_t *at);
void t_max_pool_gradient(const t_window *w, int32_t samples, const float *dy, const int32_t *at, float *dx);

// normalise.c: statistics of [rows, channels]; row r belongs to band (r % width) / (width / bands), and each band
// has statistics of its own: [bands, channels]. One band is batch normalisation, more are sub-spectral.
typedef struct {
    int32_t rows, channels, width, bands;
} t_bands;
/// Σx and Σx² of each band and channel.
void t_band_sums(const t_bands *b, const float *x, double *sum, double *squares);
/// y = act(x·scale + offset).
void t_band_affine(const t_bands *b, const float *x, const float *scale, const float *offset, t_activation act, float *y);
/// Σg and Σg·x̂, where g is of dy what t_band_affine's activation lets through, x̂ = (x − mean)·inverse.
void t_band_gradient_sums(
    const t_bands *b, const float *x, const float *dy, const float *scale, const float *offset, const float *mean,
    const float *inverse, t_activation act, double *sum, double *product);
/// `slope`, dy before, becomes dx = scale·(g − a − (x − mean)·p); a, p: [bands, channels].
void t_band_gradient(
    const t_bands *b, const float *x, const float *scale, const float *offset, const float *mean, t_activation act, const float *a,
    const float *p, float *slope);
/// Each row to mean 0 and variance 1, then ·gamma + beta; keeps mean and 1/σ of each row.
void t_layer_norm(
    int32_t rows, int32_t channels, const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean,
    float *inverse);
/// dx written; dgamma and dbeta written for these rows.
void t_layer_norm_gradient(
    int32_t rows, int32_t channels, const float *x, const float *dy, const float *gamma, const float *mean, const float *inverse,
    float *dx, float *dgamma, float *dbeta);

// activation.c
void t_activate(t_activation act, size_t count, const float *x, float *y);
/// ReLU or ReLU6 in place.
void t_clamp(t_activation act, size_t count, float *x);
/// `slope`, dy before, becomes dx = dy · act′; from x, and y where that is simpler: of clamps y alone.
void t_activation_gradient(t_activation act, size_t count, const float *x, const float *y, float *slope);

// vector.c
void t_add(size_t count, const float *a, const float *b, float *sum);
/// a [groups, times, channels] + b [groups, channels], and the sum over `times`.
void t_add_repeated(size_t groups, size_t times, size_t channels, const float *a, const float *b, float *sum);
void t_sum_repeated(size_t groups, size_t times, size_t channels, const float *x, float *sum);
void t_accumulate(size_t count, const float *x, float *into);
void t_scale(size_t count, float factor, float *x);
double t_squares(size_t count, const float *x);
/// y[r, c] += bias[c]
void t_add_bias(size_t rows, size_t channels, const float *bias, float *y);
/// sum[c] = Σ over rows of x[r, c]
void t_column_sums(size_t rows, size_t channels, const float *x, float *sum);
/// Inverted dropout by a mask of 0 and `keep`⁻¹, drawn from the state (splitmix64), which goes on.
void t_dropout(size_t count, float rate, uint64_t *state, const float *x, float *mask, float *y);
void t_multiply(size_t count, const float *a, const float *b, float *y);

// softmax.c: rows in place, by their maximum.
void t_softmax(size_t rows, size_t classes, float *x);
/// dx = p·(dy − Σ p·dy), a row each.
void t_softmax_gradient(size_t rows, size_t classes, const float *p, const float *dy, float *dx);

// quantise.c: what a number becomes by way of int8 and back. Gradients pass straight through where it did not clip.
/// Symmetric, per row [channels, per_channel], scale = max|w| / 127 (`bits` 8), as Compression's quantiser has it.
void t_fake_quantise_rows(size_t channels, size_t per_channel, int32_t bits, const float *w, float *q);
/// The same for [rows, channels] with a scale per column: depthwise weights.
void t_fake_quantise_columns(size_t rows, size_t channels, int32_t bits, const float *w, float *q, float *scales);
void t_fake_quantise(size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, float *y);
/// `slope` becomes 0 where x is not inside the range.
void t_fake_quantise_gradient(
    size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, float *slope);
/// Sums of dy below and above the range.
void t_fake_quantise_clipped(
    size_t count, float scale, int32_t zero, int32_t low, int32_t high, const float *x, const float *dy, double *below, double *above);
/// Widens `low`...`high` to hold x.
void t_range(size_t count, const float *x, float *low, float *high);

// optimise.c: one step of a parameter, by `factor` · g.
/// Nesterov momentum: v = momentum·v + g + decay·w; w −= rate·(g + decay·w + momentum·v).
void t_sgd(size_t count, float rate, float momentum, float decay, float factor, const float *g, float *v, float *w);
/// AdamW (Loshchilov and Hutter 2019): decay apart from the gradient; corrections 1 − βᵗ given.
void t_adamw(
    size_t count, float rate, float beta1, float beta2, float epsilon, float decay, float correction1, float correction2,
    float factor, const float *g, float *m, float *v, float *w);
/// average += (1 − keep)·(w − average)
void t_average(size_t count, float keep, const float *w, float *average);
