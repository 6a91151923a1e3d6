/* apply.c - carries steps out; see change.h. */
#include "base/error.h"
#include "change/put_back.h"

#include <string.h>

static const char *const folders[] = { "var", "var/lib", PL_JOURNAL_FOLDER };

static bool
make_folders (struct pl_writer *writer, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    if (!pl_writer_make_directory (writer, folders[i], i + 1 < G_N_ELEMENTS (folders) ? 0755 : 0700, error))
      return false;
  return true;
}

/* The newest journal; *journal stays NULL where there is none. */
static bool
find_newest (struct pl_writer *writer, struct pl_journal **journal, GError **error)
{
  g_autoptr (GPtrArray) ids = pl_journal_list (writer, error);
  if (ids == NULL || ids->len == 0)
    return ids != NULL;
  *journal = pl_journal_open (writer, g_ptr_array_index (ids, ids->len - 1), error);
  return *journal != NULL;
}

/* Of a plan and a journal only what was meant is compared: what was there before is the journal's. */
static bool
is_same_change (struct pl_writer *writer, const struct pl_journal *journal, GPtrArray *steps, bool *same,
                GError **error)
{
  *same = journal->steps->len == steps->len;
  for (guint i = 0; *same && i < steps->len; i++) {
    const struct pl_step *step = g_ptr_array_index (steps, i);
    const struct pl_journal_step *kept = g_ptr_array_index (journal->steps, i);
    *same = step->kind == kept->kind;
    if (*same && step->kind == PL_STEP_PROGRAM) {
      *same = g_strv_equal ((const char *const *) step->argv, (const char *const *) kept->argv);
      continue;
    }
    const struct pl_kept *thing = kept->kept->len == 1 ? g_ptr_array_index (kept->kept, 0) : NULL;
    *same = *same && thing != NULL && strcmp (thing->path, step->path) == 0
            && thing->is_new_there == (step->new_content != NULL);
    if (!*same || step->new_content == NULL)
      continue;
    g_autoptr (GBytes) bytes = NULL;
    g_autofree char *path = pl_journal_path (journal, "new", thing->name);
    enum pl_entry entry;
    if (!pl_writer_look (writer, path, &entry, &bytes, error))
      return false;
    *same = bytes != NULL && g_bytes_equal (bytes, step->new_content);
  }
  return true;
}

/* Whether all of an applied journal still holds. */
static bool
still_holds (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
             bool *holds, GError **error)
{
  *holds = journal->is_applied;
  for (guint i = 0; i < journal->steps->len; i++) {
    const struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    for (guint j = 0; j < step->kept->len; j++) {
      const struct pl_kept *kept = g_ptr_array_index (step->kept, j);
      enum pl_held held;
      if (!pl_look_held (writer, actions, journal, step, kept, &held, error))
        return false;
      /* What was old already and stays so is as it shall be, where both are the same. */
      *holds = *holds && (held == PL_HOLDS_NEW || step->kind == PL_STEP_PROGRAM);
    }
  }
  return true;
}

/* Each thing holds what the plan saw. */
static bool
check_step (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_step *step,
            GError **error)
{
  g_autoptr (GBytes) now = NULL;
  enum pl_entry entry;
  if (step->kind == PL_STEP_PROGRAM)
    return true;
  bool done = step->kind == PL_STEP_FILE ? pl_writer_look (writer, step->path, &entry, &now, error)
                                         : actions->get (actions->data, step->kind, step->path, &now, error);
  if (!done)
    return false;
  bool is_same = now == NULL || step->old_content == NULL ? now == step->old_content
                                                          : g_bytes_equal (now, step->old_content);
  if (!is_same || (step->kind == PL_STEP_FILE && entry == PL_ENTRY_DIRECTORY))
    pl_error_set (error, PL_ERROR_FAILED, step->path, "plan again; nothing was changed",
                  "/%s: it is not what it was when the plan was made", step->path);
  return is_same && (step->kind != PL_STEP_FILE || entry != PL_ENTRY_DIRECTORY);
}

static bool
check_steps (struct pl_writer *writer, const struct pl_actions *actions, GPtrArray *steps, GError **error)
{
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < steps->len; i++) {
    const struct pl_step *step = g_ptr_array_index (steps, i);
    if (step->path != NULL && !g_hash_table_add (paths, step->path)) {
      pl_error_set (error, PL_ERROR_FAILED, step->path, NULL, "/%s: two steps change it", step->path);
      return false;
    }
    if (!check_step (writer, actions, step, error))
      return false;
  }
  return true;
}

/* What a program writes it writes beside the old first, and it may become larger: the image gets modules. The
 * journal keeps a copy of the old. */
#define ROOM_FOR_MORE(bytes) ((bytes) + (bytes) / 4)

static bool
check_room (struct pl_writer *writer, GPtrArray *steps, GError **error)
{
  guint64 journal_bytes = 1024 * 1024, free_bytes, size;
  for (guint i = 0; i < steps->len; i++) {
    const struct pl_step *step = g_ptr_array_index (steps, i);
    for (guint j = 0; step->writes != NULL && step->writes[j] != NULL; j++) {
      if (!pl_writer_measure (writer, step->writes[j], &size, &free_bytes, error))
        return false;
      journal_bytes += size;
      if (free_bytes >= ROOM_FOR_MORE (size))
        continue;
      pl_error_set (error, PL_ERROR_FAILED, step->writes[j],
                    "make room there (old kernels?), then try again; nothing was changed",
                    "/%s: its file system has %" G_GUINT64_FORMAT
                    " MiB free, and to make it anew takes %" G_GUINT64_FORMAT " MiB",
                    step->writes[j], free_bytes >> 20, (ROOM_FOR_MORE (size) >> 20) + 1);
      return false;
    }
  }
  if (!pl_writer_measure (writer, PL_JOURNAL_FOLDER "/lock", &size, &free_bytes, error))
    return false;
  if (free_bytes < journal_bytes)
    pl_error_set (error, PL_ERROR_FAILED, PL_JOURNAL_FOLDER,
                  "make room there, then try again; nothing was changed",
                  "/" PL_JOURNAL_FOLDER ": to keep what is replaced takes %" G_GUINT64_FORMAT
                  " MiB, and its file system has %" G_GUINT64_FORMAT " MiB free",
                  (journal_bytes >> 20) + 1, free_bytes >> 20);
  return free_bytes >= journal_bytes;
}

static bool
do_file (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_journal_step *step,
         const struct pl_kept *kept, const struct pl_step *wanted, GError **error)
{
  for (guint i = 0; i < step->directories->len; i++)
    if (!pl_writer_make_directory (writer, g_ptr_array_index (step->directories, i), 0755, error))
      return false;
  g_autofree char *old = kept->is_old_there ? pl_journal_path (journal, "old", kept->name) : NULL;
  return wanted->new_content != NULL
             ? pl_writer_put_mode (writer, kept->path, wanted->new_content, old, wanted->mode, error)
             : pl_writer_remove (writer, kept->path, error);
}

/* The checksum of what the journal keeps as old. */
static char *
old_sum (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_kept *kept,
         GError **error)
{
  g_autofree char *path = pl_journal_path (journal, "old", kept->name);
  return kept->is_old_there ? pl_journal_sum (writer, path, error) : g_strdup ("none");
}

static bool
do_program (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
            const struct pl_journal_step *step, GError **error)
{
  guint n_same = 0;
  if (!pl_run_program (writer, actions, journal, step, error))
    return false;
  for (guint i = 0; i < step->kept->len; i++) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    g_autofree char *sum = pl_journal_sum (writer, kept->path, error);
    g_autofree char *old = sum != NULL ? old_sum (writer, journal, kept, error) : NULL;
    if (old == NULL || !pl_journal_note (writer, journal, error, "left %s %s", kept->name, sum))
      return false;
    /* What it writes for a while only, beside what it is to replace, is gone again. */
    bool is_none = strcmp (old, "none") == 0 && strcmp (sum, "none") == 0;
    n_same += strcmp (old, sum) == 0;
    if (strcmp (old, sum) == 0 && !is_none)
      pl_tell (actions, "note: /%s was not made anew", kept->path);
  }
  /* A generator that was switched off, or that sees no kernel, ends with 0 all the same. */
  if (step->kept->len > 0 && n_same == step->kept->len) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, 0);
    pl_error_set (error, PL_ERROR_FAILED, kept->path, "see what it said: the journal keeps it",
                  "%s ended well and wrote nothing: /%s is what it was", step->argv[0], kept->path);
    return false;
  }
  return true;
}

/* A step that was begun and not noted as done may be done all the same. A program is run again then: what it
 * writes it writes whole again. */
static bool
do_step (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
         struct pl_journal_step *step, const struct pl_step *wanted, GError **error)
{
  if (step->progress == PL_STEP_WAITS && !pl_journal_note (writer, journal, error, "begin %u", step->number))
    return false;
  step->progress = PL_STEP_BEGUN;
  bool done;
  if (step->kind == PL_STEP_PROGRAM) {
    done = do_program (writer, actions, journal, step, error);
  } else {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, 0);
    enum pl_held held;
    done = pl_look_held (writer, actions, journal, step, kept, &held, error);
    if (done && held == PL_HOLDS_OTHER) {
      pl_error_set (error, PL_ERROR_FAILED, kept->path, NULL, "/%s: somebody else changed it meanwhile",
                    kept->path);
      done = false;
    } else if (done && step->kind == PL_STEP_FILE) {
      done = pl_writer_tidy (writer, kept->path, error)
             && (held == PL_HOLDS_NEW || do_file (writer, journal, step, kept, wanted, error));
    } else if (done && held == PL_HOLDS_OLD) {
      done = actions->set (actions->data, step->kind, kept->path, wanted->new_content, error);
    }
  }
  if (!done || !pl_journal_note (writer, journal, error, "done %u", step->number))
    return false;
  step->progress = PL_STEP_DONE;
  return true;
}

/* All is put back but what a step may leave: packages that were installed by then, most often. */
static void
set_kept (GError **error, const struct pl_journal *journal, const GError *failure)
{
  g_autoptr (GString) remedy = g_string_new (pl_error_remedy (failure));
  if (remedy->len > 0)
    g_string_append_c (remedy, '\n');
  g_string_append_printf (remedy, "to take it back: pcilend undo --packages %s. Left changed:", journal->id);
  for (guint i = 0; i < journal->steps->len; i++) {
    const struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    if (step->progress != PL_STEP_KEPT)
      continue;
    g_autofree char *words = g_strjoinv (" ", step->argv);
    g_string_append_printf (remedy, " what %s did", words);
  }
  pl_error_set (error, PL_ERROR_LEFT_CHANGED, pl_error_path (failure), remedy->str,
                "%s; all is as it was before, but what was done for the host by then stays",
                failure->message);
}

/* The remedy of a failure; where it was of a step for the host, which may be left out, that is said, too.
 * Free with g_free(). */
static char *
make_remedy (const GError *failure, const struct pl_journal_step *failed)
{
  const char *remedy = pl_error_remedy (failure);
  if (failed == NULL || failed->leave == PL_LEAVE_NOTHING)
    return g_strdup (remedy);
  return g_strconcat (remedy != NULL ? remedy : "", remedy != NULL ? "\n" : "",
                      "mend that and apply again; with --no-packages it is left to you", NULL);
}

/* A step failed, or the one at which it was stopped did (NULL): those that were begun are taken back. */
static void
take_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
           const struct pl_journal_step *failed, const GError *failure, GError **error)
{
  g_autofree char *remedy = make_remedy (failure, failed);
  g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) second = NULL;
  const struct pl_undo_wishes wishes = { 0 };
  bool done = pl_journal_note (writer, journal, &second, "undo")
              && pl_put_back (writer, actions, journal, &wishes, left, &second);
  if (done && pl_journal_has_kept (journal))
    set_kept (error, journal, failure);
  else if (done)
    pl_error_set (error, PL_ERROR_FAILED, pl_error_path (failure), remedy, "%s; all is as it was before",
                  failure->message);
  else
    pl_set_left_changed (error, actions, journal, left, failure->message);
}

static void
tell_step (const struct pl_actions *actions, const struct pl_journal *journal,
           const struct pl_journal_step *step)
{
  const struct pl_kept *kept = step->kept->len > 0 ? g_ptr_array_index (step->kept, 0) : NULL;
  g_autofree char *words = step->argv != NULL ? g_strjoinv (" ", step->argv) : NULL;
  pl_tell (actions, "step %u of %u: %s%s", step->number, journal->steps->len, words != NULL ? "" : "/",
           words != NULL  ? words
           : kept != NULL ? kept->path
                          : "");
}

static bool
carry_out (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
           GPtrArray *steps, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const struct pl_journal_step *failed = NULL;
  bool done = true;
  for (guint i = 0; done && i < steps->len; i++) {
    struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    if (step->progress == PL_STEP_DONE)
      continue;
    if (actions->is_stopped != NULL && actions->is_stopped (actions->data)) {
      pl_error_set (&failure, PL_ERROR_FAILED, NULL, NULL, "stopped before step %u", step->number);
      done = false;
      break;
    }
    tell_step (actions, journal, step);
    done = do_step (writer, actions, journal, step, g_ptr_array_index (steps, i), &failure);
    failed = done ? NULL : step;
  }
  if (done && pl_journal_note (writer, journal, &failure, "applied"))
    return true;
  take_back (writer, actions, journal, failed, failure, error);
  return false;
}

static void
set_unfinished (GError **error, const struct pl_actions *actions, const struct pl_journal *journal)
{
  g_autofree char *remedy
      = g_strdup_printf ("take it back first: %s undo %s", pl_command_of (actions), journal->id);
  pl_error_set (error, PL_ERROR_FAILED, journal->folder, remedy,
                journal->is_undoing ? "change %s was being taken back and that did not end"
                                    : "change %s was begun with other steps and did not end",
                journal->id);
}

bool
pl_change_apply (struct pl_writer *writer, const struct pl_actions *actions, GPtrArray *steps, char **id,
                 GError **error)
{
  *id = NULL;
  if (!make_folders (writer, error) || !pl_writer_lock (writer, PL_JOURNAL_FOLDER "/lock", error))
    return false;
  g_autoptr (pl_journal) newest = NULL;
  bool is_same = false, holds = false;
  if (!find_newest (writer, &newest, error)
      || (newest != NULL && !newest->is_reverted && !is_same_change (writer, newest, steps, &is_same, error)))
    return false;
  bool is_unfinished = newest != NULL && !newest->is_reverted && (!newest->is_applied || newest->is_undoing);
  if (is_unfinished && (newest->is_undoing || !is_same)) {
    set_unfinished (error, actions, newest);
    return false;
  }
  if (is_same && newest->is_applied && !still_holds (writer, actions, newest, &holds, error))
    return false;
  g_autoptr (pl_journal) journal = is_unfinished || holds ? g_steal_pointer (&newest) : NULL;
  if (journal == NULL) {
    g_autofree char *text = check_steps (writer, actions, steps, error) && check_room (writer, steps, error)
                                ? pl_journal_describe (writer, steps, error)
                                : NULL;
    journal = text != NULL ? pl_journal_prepare (writer, steps, text, error) : NULL;
  }
  if (journal == NULL)
    return false;
  *id = g_strdup (journal->id);
  return holds || carry_out (writer, actions, journal, steps, error);
}
