#include <stdlib.h>

#include "s8_gemv.h"
#include "hybrid.h"
#include "../small.h"

K_SMALL_BEGIN

/// Taps of a row of a filter and of all of them, with zeros behind each row where the kernel wants them.
typedef struct {
    size_t row, depth;
} taps;

static taps packed_taps(const k_convolution_shape *s, size_t step, int hybrid) {
#if defined(__x86_64__)
    const k_convolution_shape walked = hybrid ? k_hybrid_walked(s) : *s;
    const size_t row = step == 4 ? k_s8_band_row(&walked) : 0;
    if (row) return (taps){row, row * (size_t)s->kernel_height};
#endif
    (void)step, (void)hybrid;
    return (taps){k_filter_size(s), k_filter_size(s)};
}

static size_t panel_bytes(size_t depth, int32_t n, size_t step, int hybrid) {
    size_t groups = k_panel_groups(depth);
    return (size_t)k_panel_lanes(n) * (hybrid ? 3 : 2) * sizeof(float) + groups * K_GROUP * (size_t)n +
           k_panel_chains(groups, n, step);
}

size_t k_s8_panels_group_bytes(const k_convolution_shape *s, size_t step, int hybrid) {
    size_t bytes = 0;
    int32_t filters = s->output_channels / s->groups;
    for (int32_t c = 0, n; c < filters; c += n) {
        c = k_panel_first(filters, c);
        n = k_panel_filters(filters - c);
        bytes += panel_bytes(packed_taps(s, step, hybrid).depth, n, step, hybrid);
    }
    return bytes;
}

size_t k_s8_panels_packed_bytes(const k_convolution_shape *s, size_t step) {
    size_t bytes = k_s8_panels_group_bytes(s, step, 0) * (size_t)s->groups + K_PANEL_SLACK;
    size_t unproved = k_s8_gemm_c2_packed_bytes(s);
    return K_PANEL_HEADER + (bytes > unproved ? bytes : unproved);
}

/// From tap k on, how many have Σ|w| ≤ 255 of the even ones, and of the odd ones: then Σ x·w of each fits
/// int16, since |x| ≤ 128 and no sum reaches 128 · 256.
static size_t chain(const int8_t *filter, size_t tap, size_t depth, size_t k) {
    int32_t sums[2] = {0, 0};
    const size_t first = k, longest = UINT8_MAX * K_GROUP;
    for (; k < depth && k - first < longest; k++)
        if ((sums[k % 2] += abs(filter[k * tap])) > 255) return k - first;
    return longest;
}

#if defined(__aarch64__)
/// Cuts a panel's pairs of taps into units of the fewest instructions, from the last to the first. A unit ends where a run
/// of taps may: behind each row of them, and before the last group if that is not full (detach_tails).
static void plan_units(const k_convolution_shape *s, const int8_t *weights, int hybrid, uint8_t *units) {
    // How long the chains of the first and of the last eight filters are, and instructions.
    static const struct {
        uint8_t kind, pairs, low, high, cost;
    } kinds[] = {{K_CHAIN_OF_4, 4, 4, 4, 89}, {K_CHAIN_OF_3, 3, 3, 3, 73}, {K_CHAINS_OF_2, 4, 2, 2, 105},
                 {K_CHAIN_OF_2, 2, 2, 2, 56}, {K_LOW_CHAIN, 4, 4, 2, 97},  {K_HIGH_CHAIN, 4, 2, 4, 97}};
    const size_t depth = k_filter_size(s), whole = k_panel_groups(depth) * K_GROUP / 2, pairs = whole - (size_t)k_panel_spare(depth) / 2;
    const size_t row = k_filter_size(s) / (size_t)s->kernel_height;
    const size_t run = row % K_GROUP == 0 ? row / 2 : pairs, tail = depth % K_GROUP ? whole - K_GROUP / 2 : 0;
    uint32_t costs[8] = {0}; // from pair i on, at i % 8
    for (size_t i = pairs; i-- > 0;) {
        size_t end = i < tail ? tail : pairs, chains[2] = {0};
        if ((i / run + 1) * run < end) end = (i / run + 1) * run;
        for (size_t half = 0; half < 2; half++) {
            const int8_t *w = weights + (i * 2 + half) * K_PANEL;
            int32_t sums[K_PANEL] = {0}, most = 0;
            for (; chains[half] < 4 && i + chains[half] < end; chains[half]++, w += 2 * K_PANEL) {
                for (size_t lane = 0; lane < K_PANEL; lane++) most = k_max(most, sums[lane] += abs(w[lane]));
                if (most > 255) break;
            }
        }
        uint32_t least = UINT32_MAX / 2;
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            if (i + kinds[k].pairs > end || chains[0] < kinds[k].low || chains[1] < kinds[k].high) continue;
            const uint32_t cost = costs[(i + kinds[k].pairs) % 8] + kinds[k].cost;
            if (cost >= least) continue;
            least = cost;
            units[i] = kinds[k].kind;
        }
        costs[i % 8] = least;
    }
    size_t n = 0;
    for (size_t i = 0; i < pairs;) {
        const uint8_t kind = units[i];
        if (i == 0 && hybrid) units[n++] = K_FOLDS;
        if (i > 0 && (i % run == 0 || i == tail)) units[n++] = K_ROW_END;
        // Two of a kind are taken as one.
        if (n > 0 && units[n - 1] == kind && (kind == K_CHAIN_OF_4 || kind == K_CHAIN_OF_3))
            units[n - 1] = kind == K_CHAIN_OF_4 ? K_CHAINS_OF_4 : K_CHAINS_OF_3;
        else
            units[n++] = kind;
        i += kind == K_CHAIN_OF_3 ? 3 : kind == K_CHAIN_OF_2 ? 2 : 4;
    }
    units[n] = hybrid ? K_FLOATS_END : K_END;
}
#endif

static int pack_panels(const k_convolution_shape *s, const int8_t *weights, size_t filter_step, size_t tap_step,
                       const int32_t *bias, const float *scale, int32_t fold, size_t step, int hybrid, void *packed) {
    const taps t = packed_taps(s, step, hybrid);
    const size_t depth = t.depth, groups = k_panel_groups(depth), taps = k_filter_size(s);
    // Behind each row so many zeros.
    const size_t row = depth == taps ? taps : taps / (size_t)s->kernel_height, gap = t.row - row;
    const int32_t filters = s->output_channels / s->groups;
    int proved = 1;
    uint8_t *out = packed;
    for (int32_t c = 0, n; c < s->output_channels; c += n) {
        c += k_panel_first(filters, c % filters) - c % filters;
        n = k_panel_filters(filters - c % filters);
        int32_t lanes = k_panel_lanes(n), *biases = (int32_t *)out;
        float *scales = (float *)(biases + lanes);
        int8_t *w = (int8_t *)(scales + lanes);
        uint8_t *chains = (uint8_t *)w + groups * K_GROUP * (size_t)n;
        memset(out, 0, panel_bytes(depth, n, step, hybrid));
        out += panel_bytes(depth, n, step, hybrid);
        if (step == 2) memset(chains, UINT8_MAX, groups);
        for (int32_t i = 0; i < n; i++) {
            const int8_t *filter = weights + (size_t)(c + i) * filter_step;
            int32_t sum = 0, magnitude = 0;
            for (size_t k = 0; k < taps; k++) {
                const int8_t tap = filter[k * tap_step];
                const size_t at = k + k / row * gap;
                w[(at / step * (size_t)n + (size_t)i) * step + at % step] = tap;
                sum = k_add(sum, tap);
                magnitude = k_add(magnitude, abs(tap));
                if (step == 2 && k % 4 == 0) {
                    const size_t length = chain(filter, tap_step, taps, k);
                    proved = proved && length >= 4;
                    if (k % K_GROUP == 0 && length / K_GROUP < chains[k / K_GROUP])
                        chains[k / K_GROUP] = (uint8_t)(length / K_GROUP);
                }
            }
            int32_t start = bias ? bias[c + i] : 0;
            biases[i] = k_sub(start, k_mul(fold, sum));
            scales[i] = scale[c + i];
            proved = proved && (hybrid || k_s8_fits_int16(start, magnitude, scale[c + i]));
        }
#if defined(__aarch64__)
        if (n == K_PANEL && step == 2) plan_units(s, w, hybrid, chains + k_round_up(groups, 4));
#endif
    }
    memset(out, 0, K_PANEL_SLACK);
    return proved;
}

enum { K_PANEL_DEPTH = 1 << 23 }; // a filter of more taps could not be bounded in int32: nobody has one

int32_t k_s8_panels_pack(const k_convolution_shape *s, const int8_t *weights, size_t filter_step, size_t tap_step,
                         const int32_t *bias, const float *scale, int32_t fold, size_t step, void *packed) {
    memset(packed, 0, k_s8_panels_packed_bytes(s, step));
    const int32_t proved = k_filter_size(s) <= K_PANEL_DEPTH && pack_panels(s, weights, filter_step, tap_step, bias, scale, fold, step, 0,
                                                     (uint8_t *)packed + K_PANEL_HEADER);
    memcpy(packed, &proved, sizeof proved);
    return proved;
}

static void pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                 int32_t input_zero, int32_t fold, size_t step, void *packed) {
    if (k_s8_gemv_pack(s, weights, bias, scale, fold, step, step == 2, packed)) return;
    if (!k_s8_panels_pack(s, weights, k_filter_size(s), 1, bias, scale, fold, step, packed))
        k_s8_gemm_c2_pack(s, weights, bias, scale, input_zero, (uint8_t *)packed + K_PANEL_HEADER);
}

static size_t packed_bytes(const k_convolution_shape *s, size_t step) {
    const size_t panels = k_s8_panels_packed_bytes(s, step), gemv = k_s8_gemv_packed_bytes(s);
    return gemv > panels ? gemv : panels;
}
size_t k_s8_panels_c2_packed_bytes(const k_convolution_shape *s) { return packed_bytes(s, 2); }
size_t k_s8_panels_c4_packed_bytes(const k_convolution_shape *s) { return packed_bytes(s, 4); }

void k_s8_panels_c2_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed) {
    pack(s, weights, bias, scale, input_zero, input_zero, 2, packed);
}
void k_s8_panels_c4_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed) {
    pack(s, weights, bias, scale, input_zero, input_zero, 4, packed);
}
void k_s8_panels_c8_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias, const float *scale,
                         int32_t input_zero, void *packed) {
    // Matrix products need two pixels; see s8_gemm_4x16_neoni8mm.
    pack(s, weights, bias, scale, input_zero, input_zero, k_pixels(s) < K_TILE_PIXELS ? 4 : 8, packed);
}
#if defined(__x86_64__)
void k_s8_panels_c2_shallow_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                                 const float *scale, int32_t input_zero, void *packed) {
    if (k_s8_gemv_pack(s, weights, bias, scale, input_zero, 4, 1, packed)) return;
    const size_t depth = k_filter_size(s);
    if (depth <= K_AVX2_DEPTH && k_s8_panels_pack(s, weights, depth, 1, bias, scale, input_zero, 2, packed)) return;
    memset(packed, 0, K_PANEL_HEADER);
    k_s8_gemm_c2_pack(s, weights, bias, scale, input_zero, (uint8_t *)packed + K_PANEL_HEADER);
}
void k_s8_panels_c4_unsigned_pack(const k_convolution_shape *s, const int8_t *weights, const int32_t *bias,
                                  const float *scale, int32_t input_zero, void *packed) {
    pack(s, weights, bias, scale, input_zero, input_zero + 128, 4, packed);
}
#endif

static size_t hybrid_packed_bytes(const k_convolution_shape *s, size_t step) {
    return K_PANEL_HEADER + k_s8_panels_group_bytes(s, step, 1) * (size_t)s->groups + K_PANEL_SLACK;
}

static void pack_hybrid(const k_convolution_shape *s, const int8_t *weights, const float *bias, const float *scale,
                        size_t step, void *packed) {
    const size_t depth = packed_taps(s, step, 1).depth;
    const int32_t filters = s->output_channels / s->groups;
    uint8_t *out = (uint8_t *)packed + K_PANEL_HEADER;
#if defined(__x86_64__)
    const size_t deepest = step == 2 ? K_AVX2_DEPTH : K_PANEL_DEPTH;
#else
    const size_t deepest = K_PANEL_DEPTH;
#endif
    memset(packed, 0, hybrid_packed_bytes(s, step));
    // A fold of −1 leaves Σw where an int8 layer has its bias.
    const int32_t proved = depth <= deepest && pack_panels(s, weights, k_filter_size(s), 1, NULL, scale, -1, step, 1, out);
    memcpy(packed, &proved, sizeof proved);
    if (!proved) {
        k_hybrid_plain_pack(s, weights, bias, scale, out);
        return;
    }
    for (int32_t c = 0, n; bias && c < s->output_channels; c += n) {
        c += k_panel_first(filters, c % filters) - c % filters;
        n = k_panel_filters(filters - c % filters);
        out += panel_bytes(depth, n, step, 1);
        memcpy((float *)out - k_panel_lanes(n), bias + c, (size_t)n * sizeof *bias);
    }
}

size_t k_hybrid_panels_c4_packed_bytes(const k_convolution_shape *s) { return hybrid_packed_bytes(s, 4); }
void k_hybrid_panels_c4_pack(const k_convolution_shape *s, const int8_t *weights, const float *bias,
                             const float *scale, void *packed) {
    pack_hybrid(s, weights, bias, scale, 4, packed);
}
size_t k_hybrid_panels_c2_packed_bytes(const k_convolution_shape *s) { return hybrid_packed_bytes(s, 2); }
void k_hybrid_panels_c2_pack(const k_convolution_shape *s, const int8_t *weights, const float *bias,
                             const float *scale, void *packed) {
    pack_hybrid(s, weights, bias, scale, 2, packed);
}
#if defined(__aarch64__)
void k_hybrid_panels_c8_pack(const k_convolution_shape *s, const int8_t *weights, const float *bias,
                             const float *scale, void *packed) {
    pack_hybrid(s, weights, bias, scale, k_hybrid_run_pixels(s) < K_TILE_PIXELS ? 4 : 8, packed);
}
#endif

K_SMALL_END
