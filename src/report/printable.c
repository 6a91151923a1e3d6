/* printable.c - see printable.h. */
#include "report/printable.h"

#include <string.h>

static bool
is_deceiving (gunichar character)
{
  return (character >= 0x80 && character < 0xa0) || (character >= 0x200b && character <= 0x200f)
         || (character >= 0x2028 && character <= 0x202e) || (character >= 0x2060 && character <= 0x206f)
         || character == 0x061c || character == 0xfeff || character == 0xad
         || (character >= 0xe0000 && character <= 0xe0fff) || !g_unichar_isdefined (character);
}

static void
append_escaped (GString *out, const char *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (out, "\\x%02x", (guint8) bytes[i]);
}

void
pl_printable_append (GString *out, const char *text, gssize length, bool is_utf8)
{
  const char *end = text + (length >= 0 ? (gsize) length : strlen (text));
  while (text < end) {
    const char *run = text;
    while (run < end && *run >= ' ' && *run < 0x7f)
      run++;
    g_string_append_len (out, text, run - text);
    text = run;
    if (text == end)
      break;
    gunichar character = g_utf8_get_char_validated (text, end - text);
    bool is_character = character != (gunichar) -1 && character != (gunichar) -2 && character >= 0x80;
    gsize size = is_character ? (gsize) g_utf8_skip[(guint8) *text] : 1;
    if (is_character && is_utf8 && !is_deceiving (character))
      g_string_append_len (out, text, (gssize) size);
    else
      append_escaped (out, text, size);
    text += size;
  }
}

void
pl_printable_append_json (GString *out, const char *json)
{
  while (*json != '\0') {
    const char *run = json;
    while ((*run >= ' ' && *run < 0x7f) || *run == '\n')
      run++;
    g_string_append_len (out, json, run - json);
    if (*run == '\0')
      break;
    gunichar character = g_utf8_get_char (run);
    const char *next = g_utf8_next_char (run);
    if (character != 0x7f && !is_deceiving (character))
      g_string_append_len (out, run, next - run);
    else if (character > 0xffff)
      /* A pair of surrogates. Source: RFC 8259, section 7. */
      g_string_append_printf (out, "\\u%04x\\u%04x", 0xd800 + ((character - 0x10000) >> 10),
                              0xdc00 + ((character - 0x10000) & 0x3ff));
    else
      g_string_append_printf (out, "\\u%04x", character);
    json = next;
  }
}
