/* option_line.c - see option_line.h. */
#include "boot/option_line.h"

#include "base/error.h"
#include "boot/parameter.h"

#include <string.h>

struct word {
  gsize start, end;
};

/* The next word from @at; false: there is none. @is_open: set where a quote in it is not closed. Source:
 * lib/cmdline.c of Linux, next_arg(); lib/ctype.c: what is a blank. */
static bool
next_word (const char *text, gsize length, gsize at, struct word *word, bool *is_open)
{
  bool is_in = false;
  while (at < length && g_ascii_isspace (text[at]))
    at++;
  word->start = at;
  for (; at < length && (is_in || !g_ascii_isspace (text[at])); at++)
    is_in = is_in != (text[at] == '"');
  word->end = at;
  *is_open = is_in;
  return word->end > word->start;
}

GPtrArray *
pl_option_line_words (const char *options)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  struct word word = { 0 };
  bool is_open;
  while (next_word (options, strlen (options), word.end, &word, &is_open))
    g_ptr_array_add (words, g_strndup (options + word.start, word.end - word.start));
  return words;
}

static void
splice (GString *text, gsize start, gsize end, const char *put)
{
  g_string_erase (text, (gssize) start, (gssize) (end - start));
  g_string_insert (text, (gssize) start, put);
}

static bool
set_one (GString *text, const char *parameter, GError **error)
{
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (parameter);
  struct word word = { 0 }, same = { 0 };
  gsize behind = 0;
  bool has = false, is_open;
  while (next_word (text->str, text->len, word.end, &word, &is_open)) {
    g_autofree char *own_text = g_strndup (text->str + word.start, word.end - word.start);
    struct pl_boot_parameter own = pl_boot_parameter_parse (own_text);
    if (is_open) {
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "the options have a quote that is not closed");
      return false;
    }
    /* Behind it the kernel's own parameters end. Source: kernel/params.c, parse_args(). */
    if (strcmp (own_text, "--") == 0)
      break;
    behind = word.end;
    if (!pl_boot_parameter_is_same_name (&own, &wanted))
      continue;
    same = word;
    has = pl_boot_parameter_is_same_value (&own, &wanted);
  }
  bool is_before = word.end > word.start && behind < word.end;
  g_autofree char *put
      = g_strconcat (is_before || behind == 0 ? "" : " ", parameter, is_before ? " " : "", NULL);
  if (same.end > 0 && !has)
    splice (text, same.start, same.end, parameter);
  else if (same.end == 0)
    splice (text, is_before ? word.start : behind, is_before ? word.start : behind, put);
  return true;
}

char *
pl_option_line_set (const char *options, gsize length, const char *const *parameters, GError **error)
{
  if (!pl_boot_parameters_check (parameters, "_-.,:=/+@", error))
    return NULL;
  GString *text = g_string_new_len (options, (gssize) length);
  for (guint i = 0; parameters[i] != NULL; i++) {
    if (set_one (text, parameters[i], error))
      continue;
    g_string_free (text, TRUE);
    return NULL;
  }
  return g_string_free (text, FALSE);
}
