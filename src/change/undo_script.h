/* undo_script.h - data/undo.sh, compiled in: a copy of it goes into every journal. */
#pragma once

#include <glib.h>

/* Free with g_bytes_unref(). */
GBytes *pl_undo_script (void);
