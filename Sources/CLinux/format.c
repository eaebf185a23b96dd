#include "CLinux.h"

int linux_format_fixed(char *buffer, size_t capacity, double value, int decimals) {
    int n = snprintf(buffer, capacity, "%.*f", decimals, value);
    return n < 0 ? 0 : (size_t)n < capacity ? n : (int)capacity - 1;
}

int linux_parse_real(const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    return *text != 0 && *end == 0;
}
