#if defined(__x86_64__)
#include "s16x8_avx2.h"

#include "micro_frontend.h"
#include "micro_spectrum.h"

/// [40] sums of k_micro_filter, before their roots.
LANES void filter(const k_micro_frontend *f, uint64_t *sums) {
    const uint32_t(*weights)[2] = f->lanes.weights[0];
    const __m256i first = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), second = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    __m128i below = _mm_setzero_si128();
    ROLLED for (int32_t c = 0; c <= K_MICRO_CHANNELS; c++) {
        const uint32_t *energy = f->energy + f->edges[c];
        __m256i pairs = _mm256_setzero_si256(); // falling and rising, of even and of odd bins
        int32_t groups = f->lanes.groups[c];
        ROLLED do {
            const __m256i e = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)energy));
            const __m256i w0 = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)weights[0]));
            const __m256i w2 = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)weights[2]));
            pairs = _mm256_add_epi64(pairs, _mm256_mul_epu32(w0, _mm256_permutevar8x32_epi32(e, first)));
            pairs = _mm256_add_epi64(pairs, _mm256_mul_epu32(w2, _mm256_permutevar8x32_epi32(e, second)));
            energy += 4;
            weights += 4;
        } while (--groups > 0);
        const __m128i both = _mm_add_epi64(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        // Channel 0 begins with the second round: its sum overwrites what the first leaves here.
        *sums = (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(both, _mm_srli_si128(below, 8)));
        sums += c > 0;
        below = both;
    }
}

/// As k_micro_filter rounds. Sums lie below 2⁵², roots and remainders fit into 32 bits.
LANES __m128i rounded_roots(const uint64_t *sums) {
    // n as the low bits of 2⁵² + n.
    const __m256i n = _mm256_loadu_si256((const __m256i *)sums);
    const __m256d magic = _mm256_set1_pd(0x1p52);
    const __m256d real = _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(n, _mm256_castpd_si256(magic))), magic);
    __m128i root = _mm256_cvttpd_epi32(_mm256_sqrt_pd(real));
    const __m256i apart = _mm256_permutevar8x32_epi32(n, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    const __m128i low = _mm256_castsi256_si128(apart), high = _mm256_extracti128_si256(apart, 1);
    // Both below 2³¹: signed comparison will do.
    root = _mm_sub_epi32(root, _mm_cmpgt_epi32(_mm_sub_epi32(low, _mm_mullo_epi32(root, root)), root));
    const __m128i is_short = _mm_cmpeq_epi32(high, _mm_setzero_si128());
    return _mm_min_epi32(root, _mm_blendv_epi8(_mm_set1_epi32(INT32_MAX), _mm_set1_epi32(0xFFFF), is_short));
}

__attribute__((target("avx2,fma"))) void micro_frontend_8_avx2(k_micro_frontend *f, const int16_t *samples) {
    static const uint32_t smoothing[2] = {K_MICRO_SMOOTHING_EVEN, K_MICRO_SMOOTHING_ODD};
    micro_planes a, b;
    uint64_t sums[K_MICRO_CHANNELS];
    const int32_t shift = window_samples(samples, f->window, f->samples);
    transform(f->samples, shift, &f->lanes, &a, &b);
    energies(&a, &f->lanes, f->energy);
    filter(f, sums);
    ROLLED for (int32_t c = 0; c < K_MICRO_CHANNELS; c += 4)
        _mm_storeu_si128((__m128i *)(f->signal + c), _mm_srl_epi32(rounded_roots(sums + c), _mm_cvtsi32_si128(shift)));
    k_micro_reduce_noise(f->signal, f->estimate, K_MICRO_CHANNELS, smoothing, K_MICRO_REMAINING);
    k_micro_normalise(f->signal, f->estimate, K_MICRO_CHANNELS, f->gain);
    k_micro_log(f->signal, K_MICRO_CHANNELS, f->segments, f->features);
}
#endif
