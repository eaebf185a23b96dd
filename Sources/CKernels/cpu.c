#include "k_cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>

/// XCR0: which register files the operating system saves.
static uint64_t enabled_state(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

uint32_t k_cpu_features(void) {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    uint32_t avx_with = bit_AVX | bit_FMA | bit_F16C;
    uint64_t state = enabled_state();
    if ((c & avx_with) != avx_with || (state & 0x6) != 0x6) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX2)) return 0;

    uint32_t features = K_CPU_AVX2;
#if defined(K_EMULATED)
    return features | K_CPU_AVX512VNNI; // in plain C: Tests/AVX512
#endif
    uint32_t avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512VL | bit_AVX512DQ;
    if ((b & avx512) == avx512 && (c & bit_AVX512VNNI) && (state & 0xe6) == 0xe6) features |= K_CPU_AVX512VNNI;
    return features;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

// Linux, arch/arm64/include/uapi/asm/hwcap.h; spelt out because old headers lack the second.
#define ASIMDDP (1ul << 20) // of AT_HWCAP
#define I8MM (1ul << 13)    // of AT_HWCAP2

uint32_t k_cpu_features(void) {
    uint32_t features = K_CPU_NEON;
    if (getauxval(AT_HWCAP) & ASIMDDP) features |= K_CPU_NEON_DOT;
    if (getauxval(AT_HWCAP2) & I8MM) features |= K_CPU_NEON_I8MM;
    return features;
}

#elif defined(__aarch64__)
uint32_t k_cpu_features(void) { return K_CPU_NEON; }

#else
uint32_t k_cpu_features(void) { return 0; }
#endif
