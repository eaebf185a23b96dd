// The walk of a NEON micro-kernel over panels and taps. Included by each, after it has defined
//   TARGET, STEP  the attribute that lets a function use its instructions; the step of its packing
//   panel_4x16    all tiles of four pixels by 16 filters
// and for fewer pixels or filters
//   start         sets the accumulators from the biases, or from Σw times a fold for each row
//   multiply      adds so many groups of eight taps, x[rows] by the weights of n filters, and moves
//                 the pointers behind them
//   FOUR_ONLY     if it never meets a layer of fewer than four pixels
//   finish        leaves lanes / 4 accumulators a row, four filters each
// all inlined with constant rows (1, 4) and lanes (8, 16), so that accumulators stay in registers.

TARGET K_INLINE void panel(const k_s8_panels *p, const uint8_t *packed, const uint8_t *chain, const uint8_t *behind,
                           int32_t c, int32_t n, int32_t rows, int32_t lanes) {
    const int32_t *bias = (const int32_t *)packed;
    const float *scale = (const float *)(bias + lanes);
    const int8_t *w = (const int8_t *)(scale + lanes), *x[K_TILE_PIXELS];
    int32x4_t acc[K_TILE_PIXELS * K_PANEL / 4];
    const k_hybrid_rows *const hybrid = p->hybrid;
    if (hybrid)
        start(acc, rows, lanes, bias, hybrid->folds);
    else
        start(acc, rows, lanes, bias, NULL);
    for (int32_t r = 0; r < rows; r++) x[r] = p->rows[r];
    for (int32_t segment = p->segments, g = p->groups;;) {
        multiply(acc, rows, lanes, x, &w, n, &chain, g);
        if (--segment == 0) break;
        for (int32_t r = 0; r < rows; r++) x[r] += p->skips[r];
        g = p->later_groups;
    }
    finish(acc, rows, lanes, bias);
    if (hybrid) {
        // A copy, or the accumulators would have to be in memory all the time.
        int32x4_t copy[K_TILE_PIXELS * K_PANEL / 4];
        for (int32_t i = 0; i < rows * lanes / 4; i++) copy[i] = acc[i];
        k_hybrid_store_neon(p, copy, rows, lanes, scale, (const float *)behind, c, n);
        return;
    }
    const int16x8_t zero = vld1q_s16(p->zeros);
    const int8x16_t low = vld1q_s8(p->lows), high = vld1q_s8(p->highs);
    int8_t *output = (int8_t *)p->output + c;
    for (int32_t r = 0; r < rows; r++, output += p->output_stride)
        if (lanes == K_PANEL)
            k_store_panel_neon(acc + 4 * r, scale, zero, low, high, output);
        else
            k_store_half_panel_neon(acc + 2 * r, scale, zero, low, high, output, n);
}

/// The tiles of a run, one panel after the other.
TARGET K_INLINE void panels(k_s8_panels *p, int32_t rows) {
    const uint8_t *packed = p->panels;
    const size_t groups = k_panels_groups(p), element = p->hybrid ? sizeof(float) : sizeof(int8_t);
    const size_t each = sizeof(int32_t) + sizeof(float) + groups * K_GROUP, biases = p->hybrid ? sizeof(float) : 0;
    const ptrdiff_t read = (ptrdiff_t)groups * K_GROUP - (STEP == 2 ? p->spare : 0);
    const ptrdiff_t back = p->tile_step - read - (p->segments - 1) * p->skips[0];
    int32_t c = 0;
    for (; (c = k_panel_first(p->filters, c)) + K_PANEL <= p->filters; c += K_PANEL) {
        uint8_t *output = p->output + (size_t)c * element;
        const uint8_t *chains = packed + K_PANEL * each, *behind = chains + k_panel_chains(groups, K_PANEL, STEP);
        if (rows == K_TILE_PIXELS)
            panel_4x16(p, packed, chains + k_round_up(groups, 4), behind, back, output);
        else
            panel(p, packed, chains, behind, c, K_PANEL, rows, K_PANEL);
        packed = behind + K_PANEL * biases;
    }
    for (int32_t n; c < p->filters; c += n) {
        n = k_min(p->filters - c, K_HALF_PANEL);
        const uint8_t *chains = packed + K_HALF_PANEL * (sizeof(int32_t) + sizeof(float)) + groups * K_GROUP * (size_t)n;
        const uint8_t *behind = chains + k_panel_chains(groups, n, STEP);
        int32_t tiles = p->tiles;
        do panel(p, packed, chains, behind, c, n, rows, K_HALF_PANEL);
        while (rows == K_TILE_PIXELS && k_panels_next(p, rows, &tiles));
        // Back to the first tile, for the next panel.
        for (int32_t r = 0; r < rows; r++) p->rows[r] -= (p->tiles - 1) * p->tile_step;
        p->output -= (size_t)(p->tiles - 1) * (size_t)rows * p->output_stride;
        packed = behind + K_HALF_PANEL * biases;
    }
}

TARGET static void four(k_s8_panels *p) { panels(p, 4); }
#ifdef FOUR_ONLY
static const k_s8_panels_function one = NULL;
#else
TARGET static void one(k_s8_panels *p) { panels(p, 1); }
#endif

static void run(const k_s8_convolution *b) {
    if (k_s8_proved(b->weights)) {
        k_s8_panels_run(b, k_s8_panels_walk, STEP, four, one);
        return;
    }
    k_s8_convolution unproved = *b;
    unproved.weights = (const uint8_t *)b->weights + K_PANEL_HEADER;
    s8_gemm_4x8c2_neon(&unproved);
}

static void run_hybrid(const k_hybrid_convolution *b) {
    static const k_hybrid_kernel kernel = {k_s8_panels_walk, k_hybrid_quantise_neon, four, one, STEP, K_TILE_PIXELS, 0};
    const uint64_t mode = k_quiet_nans_begin();
    k_hybrid_panels_run(b, &kernel);
    k_quiet_nans_end(mode);
}
