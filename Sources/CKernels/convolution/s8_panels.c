#include "s8_panels.h"

#define K_RUN k_s8_panels_run
#define K_LINKAGE
#define K_DRIVER
#include "s8_panels_run.h"
