/* embedded.h - machines that are part of the program: recordings of data/machines, by the name before
 * ".machine". */
#pragma once

#include <glib.h>

/* The recording of that name, or NULL; free with g_bytes_unref(). */
GBytes *pl_embedded_machine (const char *name);
