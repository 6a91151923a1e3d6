/* texts.c - see texts.h. */
#include "base/texts.h"

#include "base/error.h"

#include <string.h>

struct answer {
  enum pl_state state;
  GBytes *bytes;
  GPtrArray *names;
};

struct pl_texts {
  GHashTable *files, *directories; /* char * -> struct answer * */
  GPtrArray *none;
};

static void
free_answer (void *data)
{
  struct answer *answer = data;
  g_clear_pointer (&answer->bytes, g_bytes_unref);
  g_clear_pointer (&answer->names, g_ptr_array_unref);
  g_free (answer);
}

struct pl_texts *
pl_texts_new (void)
{
  struct pl_texts *texts = g_new0 (struct pl_texts, 1);
  texts->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_answer);
  texts->directories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_answer);
  texts->none = g_ptr_array_new ();
  return texts;
}

void
pl_texts_free (struct pl_texts *texts)
{
  if (texts == NULL)
    return;
  g_hash_table_unref (texts->files);
  g_hash_table_unref (texts->directories);
  g_ptr_array_unref (texts->none);
  g_free (texts);
}

void
pl_texts_set (struct pl_texts *texts, const char *path, enum pl_state state, GBytes *bytes)
{
  struct answer *answer = g_new0 (struct answer, 1);
  answer->state = state;
  answer->bytes = state == PL_KNOWN ? g_bytes_ref (bytes) : NULL;
  g_hash_table_replace (texts->files, g_strdup (path), answer);
}

void
pl_texts_set_names (struct pl_texts *texts, const char *directory, enum pl_state state, GPtrArray *names)
{
  struct answer *answer = g_new0 (struct answer, 1);
  answer->state = state;
  answer->names = names;
  g_hash_table_replace (texts->directories, g_strdup (directory), answer);
}

static gboolean
is_answered (gpointer path, gpointer answer, gpointer data)
{
  (void) path, (void) data;
  return ((const struct answer *) answer)->state != PL_UNREAD;
}

bool
pl_texts_is_unread (const struct pl_texts *texts)
{
  return g_hash_table_find (texts->files, is_answered, NULL) == NULL
         && g_hash_table_find (texts->directories, is_answered, NULL) == NULL;
}

enum pl_state
pl_texts_get (const struct pl_texts *texts, const char *path, GBytes **bytes)
{
  const struct answer *answer = g_hash_table_lookup (texts->files, path);
  *bytes = answer != NULL ? answer->bytes : NULL;
  return answer != NULL ? answer->state : PL_UNREAD;
}

enum pl_state
pl_texts_names (const struct pl_texts *texts, const char *directory, const GPtrArray **names)
{
  const struct answer *answer = g_hash_table_lookup (texts->directories, directory);
  *names = answer != NULL && answer->names != NULL ? answer->names : texts->none;
  return answer != NULL ? answer->state : PL_UNREAD;
}

bool
pl_texts_has_name (const struct pl_texts *texts, const char *directory, const char *name)
{
  const GPtrArray *names;
  pl_texts_names (texts, directory, &names);
  for (guint i = 0; i < names->len; i++)
    if (strcmp (g_ptr_array_index (names, i), name) == 0)
      return true;
  return false;
}

char *
pl_texts_program (const struct pl_texts *texts, const char *name)
{
  static const char *const places[] = { "usr/sbin", "usr/bin" };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (pl_texts_has_name (texts, places[i], name))
      return g_strdup_printf ("/%s/%s", places[i], name);
  return NULL;
}

bool
pl_texts_fail (const char *path, enum pl_state state, GError **error)
{
  pl_error_set (error, PL_ERROR_UNDECIDED, path,
                state == PL_DENIED ? "run it again as root" : "see that it can be read",
                "/%s: it could not be read (%s)", path, pl_state_name (state));
  return false;
}

bool
pl_texts_check (const char *path, enum pl_state state, GError **error)
{
  return state == PL_KNOWN || state == PL_ABSENT || pl_texts_fail (path, state, error);
}
