/* entry_line.c - see entry_line.h. */
#include "boot/entry_line.h"

#include "base/error.h"
#include "boot/option_line.h"
#include "boot/running.h"

#include <string.h>

static void
free_entry (void *data)
{
  struct pl_entry_line *entry = data;
  g_free (entry->title);
  g_free (entry->kernel);
  g_free (entry->options);
  g_free (entry);
}

GPtrArray *
pl_entry_lines_new (void)
{
  return g_ptr_array_new_with_free_func (free_entry);
}

const struct pl_entry_line *
pl_entry_lines_find (const GPtrArray *entries, const GPtrArray *running, const char *kernel, guint *n_found,
                     guint *n_opaque)
{
  const struct pl_entry_line *last = NULL, *usual = NULL;
  *n_found = *n_opaque = 0;
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_entry_line *entry = g_ptr_array_index (entries, i);
    if (kernel != NULL && entry->kernel != NULL && strcmp (kernel, entry->kernel) != 0)
      continue;
    *n_opaque += entry->is_opaque;
    if (entry->is_opaque || !pl_running_has (running, entry->options))
      continue;
    last = entry;
    usual = entry->is_usual ? entry : usual;
    ++*n_found;
  }
  return usual != NULL ? usual : *n_found == 1 ? last : NULL;
}

static GBytes *
fail (GError **error, guint line, const char *phrase)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", line, phrase);
  return NULL;
}

GBytes *
pl_entry_line_set (GBytes *old, const struct pl_entry_line *entry, const char *const *parameters,
                   GError **error)
{
  gsize size;
  const char *text = g_bytes_get_data (old, &size);
  g_autoptr (GError) failure = NULL;
  if (entry->line == 0) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "the entry \"%s\" has no options of its own",
                  entry->title);
    return NULL;
  }
  if (entry->is_opaque)
    return fail (error, entry->line, "the options are only known when the system is started");
  g_autofree char *new
      = pl_option_line_set (text + entry->start, entry->end - entry->start, parameters, &failure);
  if (new == NULL)
    return fail (error, entry->line, failure->message);
  if (strlen (new) == entry->end - entry->start && memcmp (new, text + entry->start, strlen (new)) == 0)
    return g_bytes_ref (old);
  GString *out = g_string_new_len (text, (gssize) entry->start);
  g_string_append (out, new);
  g_string_append_len (out, text + entry->end, (gssize) (size - entry->end));
  return g_string_free_to_bytes (out);
}
