/* output.h - files that the user asks for: `record FILE`, later reports. The only writer outside change/. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_output_write - a new file @name of mode 0600 with these bytes
 * @may_overwrite: replace a file that is there; else that is an error
 *
 * Written beside its place, synced, then renamed: a full disk leaves nothing half. Errors: PL_ERROR_FAILED
 * with remedy.
 */
bool pl_output_write (const char *name, const char *bytes, gsize size, bool may_overwrite, GError **error);
