#include "CLinux.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
void linux_forbid(const void *start, size_t bytes) { __asan_poison_memory_region(start, bytes); }
#else
void linux_forbid(const void *start, size_t bytes) {
    (void)start;
    (void)bytes;
}
#endif
