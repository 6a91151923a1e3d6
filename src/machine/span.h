/* span.h - a part of a text that is being parsed: where it begins and how long it is. No NUL stands behind
 * it.
 *
 * A span is a value: functions that take from its begin are given its address and move it forward.
 */
#pragma once

#include "machine/address.h"

#include <glib.h>
#include <stdbool.h>

struct pl_span {
  const char *at;
  gsize size;
};

/* Whether the span begins with, or is, the text; the second two whatever the case of ASCII letters. */
bool pl_span_starts (struct pl_span span, const char *text);
bool pl_span_is (struct pl_span span, const char *text);
bool pl_span_starts_any_case (struct pl_span span, const char *text);

/* Where the text first stands in the span; -1: nowhere. */
gssize pl_span_find (struct pl_span span, const char *text);

/* The span behind its first @count bytes, or before its byte @end. */
struct pl_span pl_span_skip (struct pl_span span, gsize count);
struct pl_span pl_span_head (struct pl_span span, gsize end);

/* Without blanks and tabs at both ends. */
struct pl_span pl_span_trim (struct pl_span span);

/* Takes the text, or any of these characters, from the begin; the first gives whether it stood there. */
bool pl_span_take (struct pl_span *span, const char *text);
void pl_span_take_any (struct pl_span *span, const char *characters);

/* Takes a word: all up to the next blank or tab, and the blanks behind it. */
struct pl_span pl_span_take_word (struct pl_span *span);

/* Takes decimal digits, at most 9; or exactly @digits hexadecimal ones that no further one follows. */
bool pl_span_take_decimal (struct pl_span *span, guint32 *number);
bool pl_span_take_hex (struct pl_span *span, guint digits, guint32 *number);

/* Takes an address. A colon behind it stays: "pci 0000:00:01.0: Adding" holds one. */
bool pl_span_take_address (struct pl_span *span, struct pl_address *address);
