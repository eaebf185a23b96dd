// Every kernel, for dispatch.c. The signature is k_function; the block is that of the operator.
#ifndef CKERNELS_KERNELS_H
#define CKERNELS_KERNELS_H

void s8_convolution_reference(const void *block);
void s8_depthwise_reference(const void *block);
void f32_convolution_reference(const void *block);
void f32_depthwise_reference(const void *block);
void hybrid_convolution_reference(const void *block);

#if defined(__x86_64__)
void s8_gemm_4x8c2_avx2(const void *block);
void s8_gemm_4x16_avx2(const void *block);
void s8_gemm_8x32_avx512vnni(const void *block);
void s8_gemv_16_avx2(const void *block);
void s8_gemv_16_avx512vnni(const void *block);
void s8_depthwise_8_avx2(const void *block);
void s8_depthwise_16_avx2(const void *block);
void s8_depthwise_16_avx512vnni(const void *block);
void f32_gemm_6x16_avx2(const void *block);
void f32_gemm_10x16_avx512(const void *block);
void f32_depthwise_8_avx2(const void *block);
void f32_depthwise_32_avx512(const void *block);
void hybrid_gemm_4x16_avx2(const void *block);
void hybrid_gemm_8x32_avx512vnni(const void *block);
#elif defined(__aarch64__)
void s8_gemm_4x8c2_neon(const void *block);
void s8_gemm_4x16_neon(const void *block);
void s8_gemm_4x16_neondot(const void *block);
void s8_gemm_4x16_neoni8mm(const void *block);
void s8_gemv_16_neon(const void *block);
void s8_gemv_16_neondot(const void *block);
void s8_depthwise_8_neon(const void *block);
void s8_depthwise_16_neon(const void *block);
void s8_depthwise_16_neondot(const void *block);
void s8_depthwise_line_neon(const void *block);
void f32_gemm_4x16_neon(const void *block);
void f32_depthwise_8_neon(const void *block);
void hybrid_gemm_4x16_neon(const void *block);
void hybrid_gemm_4x16_neondot(const void *block);
void hybrid_gemm_4x16_neoni8mm(const void *block);
#endif

#endif
