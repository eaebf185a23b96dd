// As CLinux.h has it: two modules that see different glibc types do not mix.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <cjson/cJSON.h>
