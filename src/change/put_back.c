/* put_back.c - see put_back.h. */
#include "change/put_back.h"

#include "base/error.h"

#include <string.h>

static bool
is_of_files (enum pl_step_kind kind)
{
  return kind == PL_STEP_FILE || kind == PL_STEP_PROGRAM;
}

static bool
is_same (GBytes *left, GBytes *right)
{
  return left == NULL || right == NULL ? left == right : g_bytes_equal (left, right);
}

/* The bytes that the journal keeps below @below; *bytes is NULL where it keeps that there was nothing. */
static bool
read_kept (struct pl_writer *writer, const struct pl_journal *journal, const char *below,
           const struct pl_kept *kept, bool is_there, GBytes **bytes, GError **error)
{
  *bytes = NULL;
  if (!is_there)
    return true;
  g_autofree char *path = pl_journal_path (journal, below, kept->name);
  enum pl_entry entry;
  if (!pl_writer_look (writer, path, &entry, bytes, error))
    return false;
  if (entry != PL_ENTRY_FILE)
    pl_error_set (error, PL_ERROR_FAILED, path, NULL, "/%s: it is gone, and with it what was to be put back",
                  path);
  return entry == PL_ENTRY_FILE;
}

static bool
look_now (struct pl_writer *writer, const struct pl_actions *actions, enum pl_step_kind kind,
          const char *path, GBytes **bytes, GError **error)
{
  enum pl_entry entry;
  if (!is_of_files (kind))
    return actions->get (actions->data, kind, path, bytes, error);
  if (!pl_writer_look (writer, path, &entry, bytes, error))
    return false;
  if (entry == PL_ENTRY_DIRECTORY)
    pl_error_set (error, PL_ERROR_FAILED, path, NULL, "/%s: it is a directory now", path);
  return entry != PL_ENTRY_DIRECTORY;
}

bool
pl_look_held (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
              const struct pl_journal_step *step, const struct pl_kept *kept, enum pl_held *held,
              GError **error)
{
  g_autoptr (GBytes) now = NULL;
  g_autoptr (GBytes) old = NULL;
  g_autoptr (GBytes) new = NULL;
  if (!look_now (writer, actions, step->kind, kept->path, &now, error)
      || !read_kept (writer, journal, "old", kept, kept->is_old_there, &old, error))
    return false;
  if (is_same (now, old)) {
    *held = PL_HOLDS_OLD;
    return true;
  }
  bool is_new;
  if (step->kind == PL_STEP_PROGRAM) {
    g_autofree char *sum
        = now != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, now) : g_strdup ("none");
    is_new = step->progress == PL_STEP_BEGUN || kept->left == NULL || strcmp (kept->left, sum) == 0;
  } else {
    if (!read_kept (writer, journal, "new", kept, kept->is_new_there, &new, error))
      return false;
    is_new = is_same (now, new);
  }
  *held = is_new ? PL_HOLDS_NEW : PL_HOLDS_OTHER;
  return true;
}

static bool
put_file_back (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_kept *kept,
               GError **error)
{
  g_autofree char *old = pl_journal_path (journal, "old", kept->name);
  return kept->is_old_there ? pl_writer_copy (writer, old, kept->path, error)
                            : pl_writer_remove (writer, kept->path, error);
}

static bool
put_value_back (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                const struct pl_journal_step *step, const struct pl_kept *kept, GError **error)
{
  g_autoptr (GBytes) old = NULL;
  return read_kept (writer, journal, "old", kept, kept->is_old_there, &old, error)
         && actions->set (actions->data, step->kind, kept->path, old, error);
}

/* One thing: put back where it holds ours, left alone where it is old already. */
static bool
put_thing_back (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                const struct pl_journal_step *step, const struct pl_kept *kept, GError **error)
{
  enum pl_held held;
  if (is_of_files (step->kind) && !pl_writer_tidy (writer, kept->path, error))
    return false;
  if (!pl_look_held (writer, actions, journal, step, kept, &held, error))
    return false;
  if (held == PL_HOLDS_OTHER) {
    pl_error_set (error, PL_ERROR_FAILED, kept->path, NULL, "/%s: somebody else changed it since",
                  kept->path);
    return false;
  }
  if (held == PL_HOLDS_OLD)
    return true;
  return is_of_files (step->kind) ? put_file_back (writer, journal, kept, error)
                                  : put_value_back (writer, actions, journal, step, kept, error);
}

static void
note_left (GPtrArray *left, const struct pl_kept *kept, const GError *failure)
{
  g_ptr_array_add (left, g_strdup_printf ("/%s (%s)", kept->path, failure->message));
}

static bool
put_step_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
               struct pl_journal_step *step, GPtrArray *left, GError **error)
{
  bool done = true;
  if (step->undo_argv != NULL) {
    g_autoptr (GError) failure = NULL;
    if (!actions->run (actions->data, step->undo_argv, &failure)) {
      g_ptr_array_add (left, g_strdup_printf ("what %s did (%s)", step->argv[0], failure->message));
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  }
  for (guint i = step->kept->len; i-- > 0;) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    g_autoptr (GError) failure = NULL;
    /* A program that undoes may have written the files again: then they are its own business. */
    if (step->undo_argv == NULL && !put_thing_back (writer, actions, journal, step, kept, &failure)) {
      note_left (left, kept, failure);
      if (done)
        g_propagate_error (error, g_steal_pointer (&failure));
      done = false;
    }
  }
  for (guint i = step->directories->len; done && i-- > 0;)
    done = pl_writer_remove_directory (writer, g_ptr_array_index (step->directories, i), error);
  return done && pl_journal_note (writer, journal, error, "undone %u", step->number);
}

bool
pl_put_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
             GPtrArray *left, GError **error)
{
  bool done = true;
  for (guint i = journal->steps->len; i-- > 0;) {
    struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    if (step->progress != PL_STEP_BEGUN && step->progress != PL_STEP_DONE)
      continue;
    g_autoptr (GError) failure = NULL;
    if (put_step_back (writer, actions, journal, step, left, &failure)) {
      step->progress = PL_STEP_UNDONE;
    } else {
      if (done)
        g_propagate_error (error, g_steal_pointer (&failure));
      done = false;
    }
  }
  return done && pl_journal_note (writer, journal, error, "reverted");
}

void
pl_set_left_changed (GError **error, const struct pl_journal *journal, GPtrArray *left, const char *why)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; i < left->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (left, i));
  g_autofree char *remedy
      = g_strdup_printf ("mend what stands in the way, then: pcilend undo %s; in a rescue shell: sh "
                         "%s/undo.sh. Left changed: %s",
                         journal->id, journal->folder, list->len > 0 ? list->str : "see the journal");
  pl_error_set (error, PL_ERROR_LEFT_CHANGED, journal->folder, remedy, "%s; not all could be put back", why);
}
