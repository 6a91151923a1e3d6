/* kernel_cmdline.c - see kernel_cmdline.h. */
#include "boot/kernel_cmdline.h"

#include "base/error.h"
#include "boot/option_line.h"

#include <string.h>

/* The number of the first line that begins with "#", or that does so inside of quotes; 0: none does. */
static guint
find_comment (const char *text, gsize length, bool in_quotes)
{
  guint line = 1;
  bool is_in = false, is_comment = false;
  for (gsize i = 0; i < length; i++) {
    bool begins = text[i] == '#' && (i == 0 || text[i - 1] == '\n');
    if (begins && (is_in || !in_quotes))
      return line;
    is_comment = text[i] != '\n' && (is_comment || begins);
    is_in = is_in != (text[i] == '"' && !is_comment);
    line += text[i] == '\n';
  }
  return 0;
}

/* Each byte of a comment is a blank, so that all others keep their places. */
static void
blank_comments (char *text, gsize length)
{
  bool is_in = false;
  for (gsize i = 0; i < length; i++) {
    is_in = text[i] != '\n' && (is_in || (text[i] == '#' && (i == 0 || text[i - 1] == '\n')));
    if (is_in)
      text[i] = ' ';
  }
}

char *
pl_kernel_cmdline_options (GBytes *text, bool has_comments)
{
  gsize length;
  const char *bytes = g_bytes_get_data (text, &length);
  if (length > 0 && memchr (bytes, '\0', length) != NULL)
    return NULL;
  char *options = g_strndup (length > 0 ? bytes : "", length);
  if (has_comments)
    blank_comments (options, length);
  return options;
}

/* There is no word to stand behind: a line of its own. */
static GBytes *
add_line (GBytes *old, const char *const *parameters)
{
  gsize length;
  const char *text = g_bytes_get_data (old, &length);
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  GString *new = g_string_new_len (length > 0 ? text : "", (gssize) length);
  if (length > 0 && text[length - 1] != '\n')
    g_string_append_c (new, '\n');
  g_string_append (new, words);
  g_string_append_c (new, '\n');
  return g_string_free_to_bytes (new);
}

/* Brings into @text, which has its comments, what has become of @seen, where they are blanks. A comment
 * begins behind a line end and a word ends before one, so what differs never touches a comment. */
static void
carry_over (GString *text, const char *seen, const char *changed)
{
  gsize old_size = strlen (seen), new_size = strlen (changed), first = 0, last = 0;
  gsize both = MIN (old_size, new_size);
  while (first < both && seen[first] == changed[first])
    first++;
  while (last < both - first && seen[old_size - 1 - last] == changed[new_size - 1 - last])
    last++;
  g_string_erase (text, (gssize) first, (gssize) (old_size - first - last));
  g_string_insert_len (text, (gssize) first, changed + first, (gssize) (new_size - first - last));
}

/* One after the other: what differs is one place then. NULL with the error. */
static GBytes *
set_each (GBytes *old, const char *options, const char *const *parameters, GError **error)
{
  g_autofree char *seen = g_strdup (options);
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (old, NULL), (gssize) g_bytes_get_size (old));
  for (guint i = 0; parameters[i] != NULL; i++) {
    const char *one[] = { parameters[i], NULL };
    g_autofree char *changed = pl_option_line_set (seen, strlen (seen), one, error);
    if (changed == NULL)
      return NULL;
    carry_over (text, seen, changed);
    g_free (seen);
    seen = g_steal_pointer (&changed);
  }
  g_autoptr (GBytes) new = g_bytes_new (text->str, text->len);
  return g_bytes_ref (g_bytes_equal (old, new) ? old : new);
}

GBytes *
pl_kernel_cmdline_text_set (GBytes *old, const char *const *parameters, bool has_comments, GError **error)
{
  gsize length;
  const char *bytes = g_bytes_get_data (old, &length);
  g_autofree char *options = pl_kernel_cmdline_options (old, has_comments);
  guint line = options == NULL ? 0 : find_comment (bytes, length, has_comments);
  if (options == NULL || line > 0) {
    if (options == NULL)
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "it has a character that is zero");
    else
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", line,
                    has_comments ? "a comment stands inside of quotes"
                                 : "it begins with \"#\", and what reads this file knows no comments");
    return NULL;
  }
  /* All at once: whether they can be written, and whether the text is understood. */
  g_autofree char *all = pl_option_line_set (options, strlen (options), parameters, error);
  if (all == NULL)
    return NULL;
  g_autoptr (GPtrArray) words = pl_option_line_words (options);
  if (words->len == 0)
    return parameters[0] != NULL ? add_line (old, parameters) : g_bytes_ref (old);
  return set_each (old, options, parameters, error);
}

bool
pl_kernel_cmdline_set (const struct pl_texts *texts, const char *path, const char *const *parameters,
                       bool has_comments, struct pl_edits *edits, char **why, GError **error)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  enum pl_state state = pl_texts_get (texts, path, &old);
  if (state == PL_ABSENT) {
    *why = g_strdup_printf ("/%s is not there", path);
    return false;
  }
  if (state != PL_KNOWN)
    return pl_texts_fail (path, state, error);
  g_autoptr (GBytes) new = pl_kernel_cmdline_text_set (old, parameters, has_comments, &failure);
  if (new == NULL) {
    *why = g_strdup_printf ("/%s is left as it is (%s)", path, failure->message);
    return false;
  }
  pl_edits_add (edits, path, old, new);
  return true;
}
