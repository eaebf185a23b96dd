#include "k_cpu.h"
uint32_t k_cpu_features(void) { return 0; }
