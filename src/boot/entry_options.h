/* entry_options.h - the editor of boot entries by the Boot Loader Specification (base/loader_entry.h). For
 * boot/ alone.
 */
#pragma once

#include <glib.h>

/**
 * pl_loader_entry_set - the entry's text with kernel parameters in its options
 *
 * All other bytes stay. Returns: the new text, @old itself (with a reference more) where nothing is to
 * change; NULL with PL_ERROR_FAILED, "line 3: ...", where the text is not understood. Free with
 * g_bytes_unref().
 */
GBytes *pl_loader_entry_set (GBytes *old, const char *const *parameters, GError **error);
