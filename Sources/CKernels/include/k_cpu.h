// What this CPU can do, asked once.
#ifndef K_CPU_H
#define K_CPU_H

#include <stdint.h>

enum {
    K_CPU_AVX2 = 1 << 0, // with FMA3 and F16C
    K_CPU_AVX512VNNI = 1 << 1,
    K_CPU_NEON = 1 << 8,
    K_CPU_NEON_DOT = 1 << 9,
    K_CPU_NEON_I8MM = 1 << 10,
};

/// The features of the CPU that we run on: cpuid on x86-64, AT_HWCAP on AArch64.
uint32_t k_cpu_features(void);

#endif
