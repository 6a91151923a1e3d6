/* undo.c - takes a change back; see change.h. */
#include "base/error.h"
#include "change/put_back.h"

static void
set_nothing (GError **error)
{
  pl_error_set (error, PL_ERROR_USAGE, NULL, NULL,
                "there is nothing to take back: pcilend changed nothing here");
}

/* The journal @id, or the newest that is not taken back. */
static struct pl_journal *
find_journal (struct pl_writer *writer, const char *id, GError **error)
{
  g_autoptr (GPtrArray) ids = pl_journal_list (writer, error);
  for (guint i = ids != NULL ? ids->len : 0; i-- > 0;) {
    const char *found = g_ptr_array_index (ids, i);
    if (id != NULL && !g_str_equal (id, found))
      continue;
    g_autoptr (pl_journal) journal = pl_journal_open (writer, found, error);
    if (journal == NULL || id != NULL || !journal->is_reverted)
      return g_steal_pointer (&journal);
  }
  if (ids != NULL && id != NULL)
    pl_error_set (error, PL_ERROR_USAGE, NULL, "see which there are: pcilend undo --list",
                  "there is no change %s", id);
  else if (ids != NULL)
    set_nothing (error);
  return NULL;
}

/* Everything is looked at before anything is touched. */
static bool
check_untouched (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                 GError **error)
{
  g_autoptr (GString) others = g_string_new (NULL);
  for (guint i = 0; i < journal->steps->len; i++) {
    const struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    bool counts = step->progress == PL_STEP_BEGUN || step->progress == PL_STEP_DONE;
    for (guint j = 0; counts && step->undo_argv == NULL && j < step->kept->len; j++) {
      const struct pl_kept *kept = g_ptr_array_index (step->kept, j);
      enum pl_held held;
      if (!pl_look_held (writer, actions, journal, step, kept, &held, error))
        return false;
      if (held == PL_HOLDS_OTHER)
        g_string_append_printf (others, "%s/%s", others->len > 0 ? ", " : "", kept->path);
    }
  }
  if (others->len == 0)
    return true;
  g_autofree char *remedy
      = g_strdup_printf ("compare each with %s/new and %s/old, undo your change to it, then try "
                         "again",
                         journal->folder, journal->folder);
  pl_error_set (error, PL_ERROR_FAILED, NULL, remedy,
                "changed by somebody else since, so nothing was taken back: %s", others->str);
  return false;
}

bool
pl_change_undo (struct pl_writer *writer, const struct pl_actions *actions, const char *id, GError **error)
{
  enum pl_entry entry;
  if (!pl_writer_look (writer, PL_JOURNAL_FOLDER, &entry, NULL, error))
    return false;
  if (entry == PL_ENTRY_NONE) {
    set_nothing (error);
    return false;
  }
  if (!pl_writer_lock (writer, PL_JOURNAL_FOLDER "/lock", error))
    return false;
  g_autoptr (pl_journal) journal = find_journal (writer, id, error);
  if (journal == NULL)
    return false;
  if (journal->is_reverted)
    return true;
  if (!check_untouched (writer, actions, journal, error)
      || (!journal->is_undoing && !pl_journal_note (writer, journal, error, "undo")))
    return false;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;
  if (pl_put_back (writer, actions, journal, left, &failure))
    return true;
  pl_set_left_changed (error, journal, left, failure->message);
  return false;
}
