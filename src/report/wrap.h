/* wrap.h - text in lines of a given width. */
#pragma once

#include "report/report.h"

/**
 * pl_wrap_append - @text as lines of at most style->width columns, each behind @indent blanks, each with a
 * newline
 * @text: made printable on the way; its own newlines begin a new line
 * @hang: further blanks before every line but the first
 *
 * Breaks at blanks only: a command that is longer than a line stays whole, so that it can be copied.
 */
void pl_wrap_append (GString *out, const char *text, guint indent, guint hang, const struct pl_style *style);

/* Begins and ends a colour where the style has any: "1;31" is a bold red. */
void pl_color_begin (GString *out, const char *color, const struct pl_style *style);
void pl_color_end (GString *out, const struct pl_style *style);
