// Compute kernels. One portable reference per kernel *is* the definition of its arithmetic; every
// per-ISA variant gives the same bits. Nothing here allocates, does I/O or keeps state.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "k_convolution.h"
#include "k_cpu.h"
#include "k_dct.h"
#include "k_elementary.h"
#include "k_elementwise.h"
#include "k_fft.h"
#include "k_hybrid.h"
#include "k_layout.h"
#include "k_log_mel.h"
#include "k_matrix.h"
#include "k_micro_frontend.h"
#include "k_reduction.h"
#include "k_resample.h"
#include "k_step.h"
#include "k_variants.h"

#endif
