#define POOL_NAME(x) x
#include "pool.h"
