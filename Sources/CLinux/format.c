#include "CLinux.h"

int linux_format_fixed(char *buffer, size_t capacity, double value, int decimals) {
    int n = snprintf(buffer, capacity, "%.*f", decimals, value);
    return n < 0 ? 0 : (size_t)n < capacity ? n : (int)capacity - 1;
}
