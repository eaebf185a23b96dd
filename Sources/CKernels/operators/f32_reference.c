// References: one float at a time. They share a TU for its e^x, since a board's program has them all.
#include "../small.h"

#define LANES 1
#define NAME(x) x
K_SMALL_BEGIN
#include "f32_softmax.h"
#include "f32_unary.h"
K_SMALL_END
