/* undo.c - takes a change back; see change.h. */
#include "base/error.h"
#include "change/put_back.h"

static void
set_nothing (GError **error)
{
  pl_error_set (error, PL_ERROR_USAGE, NULL, NULL, "there is nothing to take back");
}

static bool
is_to_be_undone (const struct pl_journal *journal, const struct pl_undo_wishes *wishes)
{
  return !journal->is_reverted || (wishes->with_packages && pl_journal_has_kept (journal));
}

/* The journal @id, or the newest that there is something to take back of. */
static struct pl_journal *
find_journal (struct pl_writer *writer, const struct pl_actions *actions, const char *id,
              const struct pl_undo_wishes *wishes, GError **error)
{
  g_autoptr (GPtrArray) ids = pl_journal_list (writer, error);
  for (guint i = ids != NULL ? ids->len : 0; i-- > 0;) {
    const char *found = g_ptr_array_index (ids, i);
    if (id != NULL && !g_str_equal (id, found))
      continue;
    g_autoptr (pl_journal) journal = pl_journal_open (writer, found, error);
    if (journal == NULL || id != NULL || is_to_be_undone (journal, wishes))
      return g_steal_pointer (&journal);
  }
  g_autofree char *remedy = g_strdup_printf ("see which there are: %s undo --list", pl_command_of (actions));
  if (ids != NULL && id != NULL)
    pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "there is no change %s", id);
  else if (ids != NULL)
    set_nothing (error);
  return NULL;
}

/* Everything is looked at before anything is touched. */
static bool
check_untouched (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                 bool may_rebuild, GError **error)
{
  bool is_only_made = true;
  g_autoptr (GString) others = g_string_new (NULL);
  for (guint i = 0; i < journal->steps->len; i++) {
    const struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    bool counts = step->progress == PL_STEP_BEGUN || step->progress == PL_STEP_DONE;
    for (guint j = 0; counts && step->undo_argv == NULL && j < step->kept->len; j++) {
      const struct pl_kept *kept = g_ptr_array_index (step->kept, j);
      enum pl_held held;
      if (!pl_look_held (writer, actions, journal, step, kept, &held, error))
        return false;
      bool is_usual
          = step->kind == PL_STEP_PROGRAM || (step->kind == PL_STEP_FILE && pl_is_removed (writer, kept));
      if (held != PL_HOLDS_OTHER || step->is_again || (may_rebuild && is_usual))
        continue;
      g_string_append_printf (others, "%s/%s", others->len > 0 ? ", " : "", kept->path);
      is_only_made = is_only_made && is_usual;
    }
  }
  if (others->len == 0)
    return true;
  g_autofree char *remedy
      = is_only_made ? g_strdup_printf ("where an update made them anew, or removed them with a kernel, "
                                        "which is the usual reason: %s undo "
                                        "--rebuild %s makes them again from the old files",
                                        pl_command_of (actions), journal->id)
                     : g_strdup_printf (
                         "compare each with /%s/new and /%s/old, undo your change to it, then try again",
                         journal->folder, journal->folder);
  pl_error_set (error, PL_ERROR_FAILED, NULL, remedy,
                "changed by somebody else since, so nothing was taken back: %s", others->str);
  return false;
}

bool
pl_change_undo (struct pl_writer *writer, const struct pl_actions *actions, const char *id,
                const struct pl_undo_wishes *wishes, GError **error)
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
  g_autoptr (pl_journal) journal = find_journal (writer, actions, id, wishes, error);
  if (journal == NULL)
    return false;
  if (!is_to_be_undone (journal, wishes))
    return true;
  if (!check_untouched (writer, actions, journal, wishes->may_rebuild, error)
      || (!journal->is_undoing && !pl_journal_note (writer, journal, error, "undo")))
    return false;
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;
  if (pl_put_back (writer, actions, journal, wishes, left, &failure))
    return true;
  pl_set_left_changed (error, actions, journal, left, failure->message);
  return false;
}

static void
free_row (void *data)
{
  struct pl_change_row *row = data;
  g_free (row->id);
  g_ptr_array_unref (row->paths);
  g_ptr_array_unref (row->kept);
  g_free (row);
}

static const char *
state_of (const struct pl_journal *journal)
{
  return journal->is_reverted  ? "taken back"
         : journal->is_undoing ? "being taken back"
         : journal->is_applied ? "applied"
                               : "unfinished";
}

GPtrArray *
pl_change_list (struct pl_writer *writer, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  g_autoptr (GPtrArray) ids = pl_journal_list (writer, error);
  for (guint i = 0; ids != NULL && i < ids->len; i++) {
    g_autoptr (pl_journal) journal = pl_journal_open (writer, g_ptr_array_index (ids, i), error);
    if (journal == NULL)
      return NULL;
    struct pl_change_row *row = g_new0 (struct pl_change_row, 1);
    row->id = g_strdup (journal->id);
    row->n_steps = journal->steps->len;
    row->state = state_of (journal);
    row->paths = g_ptr_array_new_with_free_func (g_free);
    row->kept = g_ptr_array_new_with_free_func (g_free);
    for (guint j = 0; j < journal->steps->len; j++) {
      const struct pl_journal_step *step = g_ptr_array_index (journal->steps, j);
      if (step->kind != PL_STEP_PROGRAM && step->kept->len > 0)
        g_ptr_array_add (row->paths, g_strdup (((struct pl_kept *) g_ptr_array_index (step->kept, 0))->path));
      if (step->progress == PL_STEP_KEPT)
        g_ptr_array_add (row->kept, g_strjoinv (" ", step->undo_argv));
    }
    g_ptr_array_add (rows, row);
  }
  return ids != NULL ? g_steal_pointer (&rows) : NULL;
}
