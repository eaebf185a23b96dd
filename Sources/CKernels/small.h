// Code that runs once, or where speed is not asked for, stands between K_SMALL_BEGIN and K_SMALL_END:
// the board's binary has its limit, and -O3 unrolls whatever it meets.
#ifndef CKERNELS_SMALL_H
#define CKERNELS_SMALL_H

#define K_SMALL_BEGIN _Pragma("clang attribute push(__attribute__((minsize)), apply_to = function)")
#define K_SMALL_END _Pragma("clang attribute pop")

#endif
