#include "wide.h"

K_WIDE_BEGIN
#include "f32_binary.h"

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a *b)
BINARY(div, a / b)
BINARY(min, a < b ? a : b)
BINARY(max, a > b ? a : b)
BINARY(squared_difference, (a - b) * (a - b))
K_WIDE_END
