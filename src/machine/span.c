/* span.c - see span.h. */
#include "machine/span.h"

#include <string.h>

bool
pl_span_starts (struct pl_span span, const char *text)
{
  gsize length = strlen (text);
  return span.size >= length && memcmp (span.at, text, length) == 0;
}

bool
pl_span_is (struct pl_span span, const char *text)
{
  return span.size == strlen (text) && memcmp (span.at, text, span.size) == 0;
}

bool
pl_span_starts_any_case (struct pl_span span, const char *text)
{
  gsize length = strlen (text);
  return span.size >= length && g_ascii_strncasecmp (span.at, text, length) == 0;
}

gssize
pl_span_find (struct pl_span span, const char *text)
{
  /* Lines are short: memmem() prepares a table for each call, which costs more than the search. */
  gsize length = strlen (text);
  for (gsize at = 0; at + length <= span.size; at++) {
    const char *next = memchr (span.at + at, text[0], span.size - length - at + 1);
    if (next == NULL)
      return -1;
    at = (gsize) (next - span.at);
    if (memcmp (next, text, length) == 0)
      return (gssize) at;
  }
  return -1;
}

struct pl_span
pl_span_skip (struct pl_span span, gsize count)
{
  count = MIN (count, span.size);
  return (struct pl_span){ span.at + count, span.size - count };
}

struct pl_span
pl_span_head (struct pl_span span, gsize end)
{
  return (struct pl_span){ span.at, MIN (end, span.size) };
}

static bool
is_blank (char character)
{
  return character == ' ' || character == '\t';
}

struct pl_span
pl_span_trim (struct pl_span span)
{
  while (span.size > 0 && is_blank (span.at[0]))
    span = pl_span_skip (span, 1);
  while (span.size > 0 && is_blank (span.at[span.size - 1]))
    span.size--;
  return span;
}

bool
pl_span_take (struct pl_span *span, const char *text)
{
  if (!pl_span_starts (*span, text))
    return false;
  *span = pl_span_skip (*span, strlen (text));
  return true;
}

void
pl_span_take_any (struct pl_span *span, const char *characters)
{
  while (span->size > 0 && span->at[0] != '\0' && strchr (characters, span->at[0]) != NULL)
    *span = pl_span_skip (*span, 1);
}

struct pl_span
pl_span_take_word (struct pl_span *span)
{
  gsize length = 0;
  while (length < span->size && !is_blank (span->at[length]))
    length++;
  struct pl_span word = pl_span_head (*span, length);
  *span = pl_span_skip (*span, length);
  pl_span_take_any (span, " \t");
  return word;
}

bool
pl_span_take_decimal (struct pl_span *span, guint32 *number)
{
  gsize digits = 0;
  guint32 sum = 0;
  while (digits < span->size && digits < 10 && g_ascii_isdigit (span->at[digits]))
    sum = sum * 10 + (guint32) g_ascii_digit_value (span->at[digits++]);
  if (digits == 0 || digits == 10)
    return false;
  *span = pl_span_skip (*span, digits);
  *number = sum;
  return true;
}

bool
pl_span_take_hex (struct pl_span *span, guint digits, guint32 *number)
{
  guint32 sum = 0;
  if (span->size < digits || (span->size > digits && g_ascii_isxdigit (span->at[digits])))
    return false;
  for (guint i = 0; i < digits; i++) {
    if (!g_ascii_isxdigit (span->at[i]))
      return false;
    sum = sum << 4 | (guint32) g_ascii_xdigit_value (span->at[i]);
  }
  *span = pl_span_skip (*span, digits);
  *number = sum;
  return true;
}

bool
pl_span_take_address (struct pl_span *span, struct pl_address *address)
{
  /* Up to the digit behind the dot: pl_address_parse() itself takes no colon behind. */
  gsize end = 0;
  while (end < span->size && end < PL_ADDRESS_SIZE && span->at[end] != '.')
    end++;
  end += 2;
  if (end > span->size || (end < span->size && g_ascii_isalnum (span->at[end])))
    return false;
  /* Two functions at once, "09:00.0:1", are none. */
  if (end + 1 < span->size && span->at[end] == ':' && g_ascii_isalnum (span->at[end + 1]))
    return false;
  if (pl_address_parse (span->at, end, address) != end)
    return false;
  *span = pl_span_skip (*span, end);
  return true;
}
