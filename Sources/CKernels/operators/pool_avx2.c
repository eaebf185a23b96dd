#if defined(__x86_64__)
#include "k_reduction.h"
#include "wide.h"

K_WIDE_BEGIN
#define POOL_NAME(x) x##_avx2
#include "pool.h"
K_WIDE_END
#endif
