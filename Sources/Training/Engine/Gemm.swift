import COpenBLAS

/// C[m, n] = beta·C + A·B, row-major; A is [m, k] or its transpose [k, m], B [k, n] or its transpose [n, k].
func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, transposeA: Bool = false, strideA: Int? = nil,
    _ b: UnsafePointer<Float>, transposeB: Bool = false, strideB: Int? = nil, alpha: Float = 1, beta: Float = 0,
    _ c: UnsafeMutablePointer<Float>, strideC: Int? = nil
) {
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n),
        blasint(k), alpha, a, blasint(strideA ?? (transposeA ? m : k)), b, blasint(strideB ?? (transposeB ? k : n)), beta, c,
        blasint(strideC ?? n))
}

/// Tapes split work among cores themselves, by samples; BLAS threads beneath these would only fight for the same cores.
enum BLAS {
    static let isSingleThreaded: Void = openblas_set_num_threads(1)
}
