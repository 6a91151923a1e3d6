/* option_line.h - the editor of kernel parameters that stand in a text as the kernel gets them: the "options"
 * of an entry by the Boot Loader Specification, /etc/kernel/cmdline, and their kin. For boot/ alone.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_option_line_set - the options with kernel parameters in them
 * @options: one line, or several: a line end is a blank; without a zero byte
 * @length: in bytes
 * @parameters: words like "intel_iommu=on", ended by NULL
 *
 * A parameter that is there is left where it is. One whose name is there with another value is replaced in
 * its place, the last one, which the kernel takes; else it is added behind the last word, in front of a "--".
 * All other bytes stay.
 *
 * Returns: the new options; the same text where nothing is to change; NULL with PL_ERROR_FAILED where a quote
 * of the kernel's is not closed, or a parameter cannot be written. Free with g_free().
 */
char *pl_option_line_set (const char *options, gsize length, const char *const *parameters, GError **error);

/* The words as the kernel parts them, quotes and all. Free with g_ptr_array_unref(). Source: lib/cmdline.c,
 * next_arg(). */
GPtrArray *pl_option_line_words (const char *options);
