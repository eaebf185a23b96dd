// glibc comes from CLinux: a second module with FILE of its own would be taken for another's.
#include "../CLinux/include/CLinux.h"
#include <ini.h>
