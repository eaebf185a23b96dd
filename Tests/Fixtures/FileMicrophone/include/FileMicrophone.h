// Nothing to call: libasound finds pcm_filemic.c's plugin by name.
