/* wrap.c - see wrap.h. */
#include "report/wrap.h"

#include "report/printable.h"

#include <string.h>

static void
append_blanks (GString *out, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_c (out, ' ');
}

/* Columns that the word takes: two for a wide character, none for a combining one. */
static guint
columns_of (const char *word, gsize length)
{
  guint columns = 0;
  for (const char *at = word; at < word + length; at = g_utf8_next_char (at)) {
    gunichar character = g_utf8_get_char (at);
    columns += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
  }
  return columns;
}

void
pl_wrap_append (GString *out, const char *text, guint indent, guint hang, const struct pl_style *style)
{
  guint width = CLAMP (style->width, 40, 100);
  bool is_first = true;
  for (const char *line = text; line != NULL;) {
    const char *newline = strchr (line, '\n');
    g_autoptr (GString) safe = g_string_new (NULL);
    pl_printable_append (safe, line, newline != NULL ? newline - line : -1, style->is_utf8);
    guint used = indent + (is_first ? 0 : hang);
    append_blanks (out, used);
    bool begins = true;
    for (const char *word = safe->str; *word != '\0';) {
      gsize blanks = strspn (word, " ");
      gsize length = strcspn (word + blanks, " ");
      guint columns = columns_of (word + blanks, length);
      if (!begins && used + blanks + columns > width) {
        g_string_append_c (out, '\n');
        append_blanks (out, indent + hang);
        used = indent + hang;
      } else if (!begins) {
        append_blanks (out, (guint) blanks);
        used += (guint) blanks;
      }
      g_string_append_len (out, word + blanks, (gssize) length);
      used += columns;
      begins = false;
      word += blanks + length;
    }
    g_string_append_c (out, '\n');
    is_first = false;
    line = newline != NULL ? newline + 1 : NULL;
  }
}

void
pl_color_begin (GString *out, const char *color, const struct pl_style *style)
{
  if (style->has_color)
    g_string_append_printf (out, "\033[%sm", color);
}

void
pl_color_end (GString *out, const struct pl_style *style)
{
  if (style->has_color)
    g_string_append (out, "\033[0m");
}
