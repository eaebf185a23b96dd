#include "c_training.h"
