/* utf16.c - texts that an editor or PowerShell's ">" on Windows has saved as UTF-16. */
#include "machine/paste/paste_private.h"

static guint
get_unit (const guchar *bytes, bool is_big)
{
  return is_big ? (guint) bytes[0] << 8 | bytes[1] : (guint) bytes[1] << 8 | bytes[0];
}

GString *
pl_paste_from_utf16 (const char *text, gsize size)
{
  const guchar *bytes = (const guchar *) text;
  bool is_big = size >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
  if (!is_big && !(size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe))
    return NULL;
  /* At most three bytes for two. */
  GString *out = g_string_sized_new (size / 2 + 1);
  for (gsize at = 2; at + 1 < size; at += 2) {
    guint unit = get_unit (bytes + at, is_big);
    if (unit >= 0xd800 && unit < 0xdc00 && at + 3 < size) {
      guint low = get_unit (bytes + at + 2, is_big);
      if (low >= 0xdc00 && low < 0xe000) {
        g_string_append_unichar (out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        at += 2;
        continue;
      }
    }
    g_string_append_unichar (out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
  }
  return out;
}
