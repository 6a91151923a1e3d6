/* grub_text.h - the editor of the files that grub-mkconfig sources: /etc/default/grub and
 * /etc/default/grub.d/NAME.cfg. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_grub_text_has - whether the text assigns the variable anywhere, in whatever form
 *
 * Errors: PL_ERROR_FAILED, "line 14: the quote is not closed", where it is not understood.
 */
bool pl_grub_text_has (GBytes *text, const char *variable, bool *has, GError **error);

/**
 * pl_grub_text_set - the text with kernel parameters in a variable
 * @old: the whole file; may have no assignment of it, then one is added at the end
 * @variable: "GRUB_CMDLINE_LINUX_DEFAULT"
 * @parameters: words like "intel_iommu=on", ended by NULL
 *
 * A parameter that the variable has at the end of the file already is left where it is. One whose key it has
 * with another value is replaced in its place; else it is added as the last word. Nothing else of the file is
 * touched.
 *
 * Returns: the new text, @old itself (with a reference more) where nothing is to change; NULL with
 * PL_ERROR_FAILED and "line 14: ..." where the text is not understood or cannot be edited without loss. Free
 * with g_bytes_unref().
 *
 * Source: info grub, "Simple configuration"; util/grub-mkconfig.in.
 */
GBytes *pl_grub_text_set (GBytes *old, const char *variable, const char *const *parameters, GError **error);
