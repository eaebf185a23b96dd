#include "wide.h"

K_WIDE_BEGIN
#include "f32_softmax.h"
#include "f32_unary.h"
K_WIDE_END
