// libgpiod v1 and v2 share a name and hardly a function. Here they share one small interface, so that
// Swift sees no difference: a chip, what is known of its lines, and one requested line.

#ifndef KATYDID_GPIOD_H
#define KATYDID_GPIOD_H

// glibc comes from CLinux: a second module with pollfd and EAGAIN of its own would be taken for another's.
#include "../CLinux/include/CLinux.h"
#include <gpiod.h>

// v1 has request flags as macros over this one; v2 has none of it.
#ifdef GPIOD_BIT
#define KATYDID_GPIOD_V1 1
#include "v1.h"
#else
#define KATYDID_GPIOD_V1 0
#include "v2.h"
#endif

static inline int gpio_api_version(void) { return KATYDID_GPIOD_V1 ? 1 : 2; }

#endif
