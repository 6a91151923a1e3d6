/* module_list.c - see module_list.h. */
#include "initramfs/module_list.h"

#include "base/error.h"

#include <stdbool.h>
#include <string.h>

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

static bool
is_same_module (const char *a, gsize length, const char *b)
{
  for (gsize i = 0; i < length; i++)
    if (b[i] == '\0' || (a[i] != b[i] && !(strchr ("-_", a[i]) != NULL && strchr ("-_", b[i]) != NULL)))
      return false;
  return b[length] == '\0';
}

static void
mark_present (const char *name, gsize length, const char *const *modules, bool *present)
{
  for (guint i = 0; modules[i] != NULL; i++)
    present[i] = present[i] || is_same_module (name, length, modules[i]);
}

/* One line, without its newline. A '#' in front makes a comment; behind blanks, too: the line goes into the
 * image and is skipped when it is read there. There is neither a continuation nor a comment behind a module:
 * "read -r". Source: initramfs-tools 0.142, hook-functions, add_modules_from_file(); scripts/functions,
 * load_modules(). */
static bool
read_line (const char *line, gsize length, guint number, const char *const *modules, bool *present,
           GError **error)
{
  const char *end = line + length;
  while (line < end && (*line == ' ' || *line == '\t'))
    line++;
  if (line == end || *line == '#')
    return true;
  const char *behind = line;
  while (behind < end && *behind != ' ' && *behind != '\t')
    behind++;
  for (const char *c = line; c < behind; c++) {
    if (g_ascii_isgraph (*c))
      continue;
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL,
                  *c == '\r' ? "line %u: it ends with a carriage return"
                             : "line %u: this is no name of a module",
                  number);
    return false;
  }
  mark_present (line, (gsize) (behind - line), modules, present);
  return true;
}

/* What is no text to grep is to it "binary file matches", and no module at all of the file is loaded: a byte
 * 0 in any locale, others in that of update-initramfs' caller, most often UTF-8. Source: info grep,
 * "--binary-files". */
static bool
is_text (const char *line, gsize length)
{
  return g_utf8_validate_len (line, length, NULL);
}

GBytes *
pl_module_list_add (GBytes *old, const char *const *modules, GError **error)
{
  gsize size = 0;
  const char *text = old != NULL ? g_bytes_get_data (old, &size) : NULL;
  guint n = g_strv_length ((char **) modules), number = 1;
  g_autofree bool *present = g_new0 (bool, n + 1);
  for (gsize at = 0; at < size; number++) {
    const char *newline = memchr (text + at, '\n', size - at);
    gsize length = newline != NULL ? (gsize) (newline - text) - at : size - at;
    if (!is_text (text + at, length)) {
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: this is no text in UTF-8", number);
      return NULL;
    }
    if (!read_line (text + at, length, number, modules, present, error))
      return NULL;
    at += length + 1;
  }
  g_autoptr (GString) new = g_string_sized_new (size + 64);
  if (size > 0)
    g_string_append_len (new, text, (gssize) size);
  for (guint i = 0; i < n; i++) {
    if (modules[i][0] == '\0' || modules[i][strspn (modules[i], name_characters)] != '\0') {
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "'%s' is no name of a module", modules[i]);
      return NULL;
    }
    if (present[i])
      continue;
    if (new->len > 0 && new->str[new->len - 1] != '\n')
      g_string_append_c (new, '\n');
    g_string_append_printf (new, "%s\n", modules[i]);
    mark_present (modules[i], strlen (modules[i]), modules, present);
  }
  return old != NULL && new->len == size ? g_bytes_ref (old)
                                         : g_string_free_to_bytes (g_steal_pointer (&new));
}
