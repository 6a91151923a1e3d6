/* diff.h - two texts as a unified diff. */
#pragma once

#include "report/report.h"

/**
 * pl_diff_append - the unified diff of two texts, three lines of context, coloured where the style is
 * @path: "/etc/default/grub"; the heads are "--- path" and "+++ path", "/dev/null" for a text that is not
 * there
 * @old, @new: NULL: not there
 *
 * Every line is made printable (printable.h), but for its tabs. A last line without its end is followed by
 * "\ No newline at end of file". Content that is no text (a NUL in it), and an empty file that is made or
 * goes, is said in one line below the heads: how many bytes before and after. The same content twice, or
 * none: nothing. Source: POSIX, diff -u.
 */
void pl_diff_append (GString *out, const char *path, GBytes *old, GBytes *new, const struct pl_style *style);
