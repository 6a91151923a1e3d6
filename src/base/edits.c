/* edits.c - see edits.h. */
#include "base/edits.h"

#include <string.h>

static void
free_edit (void *data)
{
  struct pl_edit *edit = data;
  g_free (edit->path);
  g_free (edit->why);
  g_clear_pointer (&edit->old_content, g_bytes_unref);
  g_bytes_unref (edit->new_content);
  g_free (edit);
}

static void
free_program (void *data)
{
  struct pl_program *program = data;
  g_strfreev (program->argv);
  g_ptr_array_unref (program->writes);
  g_free (program);
}

void
pl_edits_init (struct pl_edits *edits)
{
  *edits = (struct pl_edits){ .files = g_ptr_array_new_with_free_func (free_edit),
                              .programs = g_ptr_array_new_with_free_func (free_program) };
}

void
pl_edits_clear (struct pl_edits *edits)
{
  g_clear_pointer (&edits->files, g_ptr_array_unref);
  g_clear_pointer (&edits->programs, g_ptr_array_unref);
  g_clear_pointer (&edits->by_hand, g_free);
}

void
pl_edits_add_own (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content,
                  unsigned mode, const char *why)
{
  if (old_content != NULL && g_bytes_equal (old_content, new_content))
    return;
  struct pl_edit *edit = g_new0 (struct pl_edit, 1);
  edit->path = g_strdup (path);
  edit->old_content = old_content != NULL ? g_bytes_ref (old_content) : NULL;
  edit->new_content = g_bytes_ref (new_content);
  edit->mode = mode;
  edit->why = g_strdup (why);
  g_ptr_array_add (edits->files, edit);
}

void
pl_edits_add (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content)
{
  pl_edits_add_own (edits, path, old_content, new_content, 0, NULL);
}

struct pl_program *
pl_edits_add_program (struct pl_edits *edits, const char *const *argv)
{
  struct pl_program *program = g_new0 (struct pl_program, 1);
  program->argv = g_strdupv ((char **) argv);
  program->writes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (edits->programs, program);
  return program;
}

void
pl_program_add_write (struct pl_program *program, const char *path)
{
  if (!g_ptr_array_find_with_equal_func (program->writes, path, g_str_equal, NULL))
    g_ptr_array_add (program->writes, g_strdup (path));
}

char *
pl_edits_add_fixed (struct pl_edits *edits, const struct pl_texts *texts, const char *path, const char *text,
                    unsigned mode, const char *why)
{
  GBytes *old;
  g_autoptr (GBytes) new = g_bytes_new_static (text, strlen (text));
  enum pl_state state = pl_texts_get (texts, path, &old);
  if (state != PL_KNOWN && state != PL_ABSENT)
    return g_strdup_printf ("/%s could not be read (%s)", path, pl_state_name (state));
  if (old != NULL && !g_bytes_equal (old, new))
    return g_strdup_printf ("/%s is there, and not as pcilend wrote it", path);
  pl_edits_add_own (edits, path, old, new, mode, why);
  return NULL;
}
