/* printable.h - texts of a machine made safe for a terminal. Every string that is not ours passes through
 * here. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_printable_append - @text with everything that could move a cursor or deceive a reader as \xNN
 * @length: -1: up to the NUL
 * @is_utf8: whether the reader's locale has UTF-8; else every byte above 0x7f is written as \xNN, too
 *
 * Replaced, byte by byte: control characters (also of the C1 set), DEL, what is not valid UTF-8, and the
 * characters that reorder or hide text. Source: Unicode Standard Annex #9, section 2 (bidi controls);
 * U+200B-200F, U+2028-2029, U+FEFF.
 */
void pl_printable_append (GString *out, const char *text, gssize length, bool is_utf8);

/**
 * pl_printable_append_json - serialized JSON in which such characters are written as \uNNNN: the strings stay
 * what they are
 * @json: valid UTF-8; control characters are escaped already
 *
 * JSON lets DEL and all above it stand as they are (RFC 8259, section 7); a terminal may obey them.
 */
void pl_printable_append_json (GString *out, const char *json);
