// glibc comes from CLinux: a second module with pollfd and EAGAIN of its own would be taken for another's.
#include "../CLinux/include/CLinux.h"
#include <alsa/asoundlib.h>

static inline void alsa_say_nothing(const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

/// libasound prints its own lines on standard error, several for one cause: ours is enough.
static inline void alsa_silence(void) { snd_lib_error_set_handler(alsa_say_nothing); }
