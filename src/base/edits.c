/* edits.c - see edits.h. */
#include "base/edits.h"

static void
free_edit (void *data)
{
  struct pl_edit *edit = data;
  g_free (edit->path);
  g_clear_pointer (&edit->old_content, g_bytes_unref);
  g_bytes_unref (edit->new_content);
  g_free (edit);
}

void
pl_edits_init (struct pl_edits *edits)
{
  *edits = (struct pl_edits){ .files = g_ptr_array_new_with_free_func (free_edit),
                              .writes = g_ptr_array_new_with_free_func (g_free) };
}

void
pl_edits_clear (struct pl_edits *edits)
{
  g_clear_pointer (&edits->files, g_ptr_array_unref);
  g_clear_pointer (&edits->writes, g_ptr_array_unref);
  g_clear_pointer (&edits->argv, g_strfreev);
  g_clear_pointer (&edits->by_hand, g_free);
}

void
pl_edits_add (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content)
{
  if (old_content != NULL && g_bytes_equal (old_content, new_content))
    return;
  struct pl_edit *edit = g_new0 (struct pl_edit, 1);
  edit->path = g_strdup (path);
  edit->old_content = old_content != NULL ? g_bytes_ref (old_content) : NULL;
  edit->new_content = g_bytes_ref (new_content);
  g_ptr_array_add (edits->files, edit);
}
