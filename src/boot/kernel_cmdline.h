/* kernel_cmdline.h - the editor of /etc/kernel/cmdline and its kin: files that hold nothing but a kernel
 * command line, of which a boot entry or a unified kernel image is made. For boot/ alone.
 *
 * Lines and blanks part words. Who reads the file says whether it knows comments: for mkinitcpio a line that
 * begins with "#" is one; kernel-install and ukify know none and give every word to the kernel.
 *
 * Source: mkinitcpio v41, mkinitcpio, build_uki(); systemd 257, 90-loaderentry.install, ukify.py.
 */
#pragma once

#include "base/edits.h"

/**
 * pl_kernel_cmdline_set - the file with kernel parameters in it
 * @path: without the leading slash
 * @parameters: words like "intel_iommu=on", ended by NULL
 * @has_comments: whether its reader takes a line that begins with "#" for a comment
 * @edits: gets the file, where it changes
 * @why: set where false is returned without an error: why the file is left as it is, with its path in front.
 * Free with g_free()
 *
 * Words are found and changed as pl_option_line_set() does; all other bytes stay. A file without any word
 * gets a line of its own at its end.
 *
 * Returns: false where the file is not there, or not understood. Errors: PL_ERROR_UNDECIDED where it could
 * not be read.
 */
bool pl_kernel_cmdline_set (const struct pl_texts *texts, const char *path, const char *const *parameters,
                            bool has_comments, struct pl_edits *edits, char **why, GError **error);

/* The text alone: @old itself, with a reference more, where nothing is to change; NULL with PL_ERROR_FAILED.
 * Free with g_bytes_unref(). */
GBytes *pl_kernel_cmdline_text_set (GBytes *old, const char *const *parameters, bool has_comments,
                                    GError **error);

/* What its reader makes of the text: comments are blanks. NULL where it has a zero byte. Free with g_free().
 */
char *pl_kernel_cmdline_options (GBytes *text, bool has_comments);
