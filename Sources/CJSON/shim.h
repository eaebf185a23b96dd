// glibc comes from CLinux: a second module with pollfd and EAGAIN of its own would be taken for another's.
#include "../CLinux/include/CLinux.h"
#include <cjson/cJSON.h>
