/* entry_options.c - see entry_options.h. */
#include "boot/entry_options.h"

#include "base/error.h"
#include "base/loader_entry.h"
#include "boot/option_line.h"

#include <string.h>

/* A zero ends the text for the loader: what stands behind it is not ours to guess. */
static const char *
why_not_understood (const char *text, gsize size, guint n_options)
{
  return n_options == 0                      ? "it has no options"
         : n_options > 1                     ? "it has more than one options line"
         : memchr (text, '\0', size) != NULL ? "it has a byte that is zero"
                                             : NULL;
}

/* From 1. */
static guint
line_number (const char *text, const char *at)
{
  guint line = 1;
  for (; text < at; text++)
    line += text[0] == '\n' || (text[0] == '\r' && text[1] != '\n');
  return line;
}

GBytes *
pl_loader_entry_set (GBytes *old, const char *const *parameters, GError **error)
{
  gsize size, start, length;
  const char *text = g_bytes_get_data (old, &size);
  guint n_options = pl_loader_entry_options (text, size, &start, &length);
  const char *why = why_not_understood (text, size, n_options);
  if (why != NULL) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "%s", why);
    return NULL;
  }
  g_autofree char *set = pl_option_line_set (text + start, length, parameters, error);
  if (set == NULL) {
    g_prefix_error (error, "line %u: ", line_number (text, text + start));
    return NULL;
  }
  if (strlen (set) == length && memcmp (set, text + start, length) == 0)
    return g_bytes_ref (old);
  GString *out = g_string_new_len (text, (gssize) start);
  g_string_append (out, set);
  g_string_append_len (out, text + start + length, (gssize) (size - start - length));
  return g_string_free_to_bytes (out);
}
