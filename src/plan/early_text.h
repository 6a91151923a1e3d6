/* early_text.h - data/early.sh, compiled in: what a script of an image consists of beside its list. */
#pragma once

#include <glib.h>

/* Free with g_bytes_unref(). */
GBytes *pl_early_text (void);
