// Variants of eight lanes: AVX2 on x86-64, two vectors of NEON on AArch64. Between K_WIDE_BEGIN and K_WIDE_END
// stands what is compiled for them; the names end in _wide.
#ifndef CKERNELS_WIDE_H
#define CKERNELS_WIDE_H

#include "k_cpu.h"

#define LANES 8
#define NAME(x) x##_wide

#if defined(__x86_64__)
enum { K_WIDE = K_CPU_AVX2 };
#define K_WIDE_BEGIN _Pragma("clang attribute push(__attribute__((target(\"avx2\"))), apply_to = function)")
#define K_WIDE_END _Pragma("clang attribute pop")
#else
enum { K_WIDE = 0 };
#define K_WIDE_BEGIN
#define K_WIDE_END
#endif

#endif
