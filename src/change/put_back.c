/* put_back.c - see put_back.h. */
#include "change/put_back.h"

#include "base/error.h"

#include <stdarg.h>
#include <string.h>

void
pl_tell (const struct pl_actions *actions, const char *format, ...)
{
  if (actions->tell == NULL)
    return;
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  actions->tell (actions->data, text);
}

bool
pl_run_program (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                const struct pl_journal_step *step, GError **error)
{
  g_autoptr (GBytes) output = NULL;
  g_autofree char *path = g_strdup_printf ("%s/output-%u", journal->folder, step->number);
  bool done = actions->run (actions->data, step->argv, &output, error);
  return output == NULL ? done : pl_writer_put (writer, path, output, NULL, done ? error : NULL) && done;
}

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

bool
pl_is_removed (struct pl_writer *writer, const struct pl_kept *kept)
{
  g_autofree char *folder = g_path_get_dirname (kept->path);
  enum pl_entry entry, folder_entry;
  return pl_writer_look (writer, kept->path, &entry, NULL, NULL) && entry == PL_ENTRY_NONE
         && pl_writer_look (writer, folder, &folder_entry, NULL, NULL) && folder_entry == PL_ENTRY_DIRECTORY;
}

/* One thing: put back where it holds ours, left alone where it is old already. */
static bool
put_thing_back (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
                const struct pl_journal_step *step, const struct pl_kept *kept, bool may_rebuild,
                GError **error)
{
  enum pl_held held;
  if (is_of_files (step->kind) && !pl_writer_tidy (writer, kept->path, error))
    return false;
  if (!pl_look_held (writer, actions, journal, step, kept, &held, error))
    return false;
  if (held == PL_HOLDS_OTHER && may_rebuild && step->kind == PL_STEP_FILE && pl_is_removed (writer, kept)) {
    pl_tell (actions, "removed by somebody else since, so there is nothing to put back: /%s", kept->path);
    return true;
  }
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
is_left (const struct pl_journal_step *step, const struct pl_undo_wishes *wishes)
{
  return step->leave == PL_LEAVE_PACKAGES && !wishes->with_packages;
}

/* Whether it is known to have changed nothing: each file that would show it is what it was. */
static bool
did_nothing (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
             const struct pl_journal_step *step)
{
  for (guint i = 0; i < step->kept->len; i++) {
    enum pl_held held;
    if (!pl_look_held (writer, actions, journal, step, g_ptr_array_index (step->kept, i), &held, NULL)
        || held != PL_HOLDS_OLD)
      return false;
  }
  return step->kept->len > 0;
}

/* What it did stays, and how it is taken back is told. */
static bool
leave_step (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
            struct pl_journal_step *step, const char *why, GError **error)
{
  g_autofree char *words = g_strjoinv (" ", step->undo_argv);
  pl_tell (actions, "note: %s; by hand: %s", why, words);
  step->progress = PL_STEP_KEPT;
  return pl_journal_note (writer, journal, error, "kept %u", step->number);
}

/* A step of the host, not of the boot: packages, a service, a group. */
static bool
take_back_of_host (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
                   struct pl_journal_step *step, const struct pl_undo_wishes *wishes, GPtrArray *left,
                   GError **error)
{
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GError) failure = NULL;
  bool is_half = step->progress == PL_STEP_BEGUN;
  if (is_half && did_nothing (writer, actions, journal, step))
    return pl_journal_note (writer, journal, error, "undone %u", step->number);
  if (is_left (step, wishes))
    return leave_step (writer, actions, journal, step, "the packages stay installed", error);
  step->progress = PL_STEP_DONE;
  if (actions->run (actions->data, step->undo_argv, &output, &failure))
    return pl_journal_note (writer, journal, error, "undone %u", step->number);
  /* What failed half way, and has nothing that can be taken back: virsh on a network that is not there. */
  if (is_half && step->leave == PL_LEAVE_ON_FAILURE)
    return pl_journal_note (writer, journal, error, "undone %u", step->number);
  g_autofree char *why = g_strdup_printf ("what %s did stays (%s)", step->argv[0], failure->message);
  if (!leave_step (writer, actions, journal, step, why, error))
    return false;
  if (step->leave == PL_LEAVE_ON_FAILURE)
    return true;
  g_ptr_array_add (left, g_steal_pointer (&why));
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

static bool
put_step_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
               struct pl_journal_step *step, bool may_rebuild, GPtrArray *left, GError **error)
{
  bool done = true;
  if (step->undo_argv != NULL) {
    g_autoptr (GError) failure = NULL;
    g_autoptr (GBytes) output = NULL;
    if (!actions->run (actions->data, step->undo_argv, &output, &failure)) {
      g_ptr_array_add (left, g_strdup_printf ("what %s did (%s)", step->argv[0], failure->message));
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  }
  for (guint i = step->kept->len; i-- > 0;) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    g_autoptr (GError) failure = NULL;
    /* A program that undoes may have written the files again: then they are its own business. */
    if (step->undo_argv == NULL
        && !put_thing_back (writer, actions, journal, step, kept, may_rebuild, &failure)) {
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

/* Whether somebody made anew what the step's program wrote: a kernel update, most often. Old bytes are not
 * put back then: an old image does not fit a new kernel. */
static bool
is_made_anew (struct pl_writer *writer, const struct pl_actions *actions, const struct pl_journal *journal,
              const struct pl_journal_step *step)
{
  for (guint i = 0; step->kind == PL_STEP_PROGRAM && step->undo_argv == NULL && i < step->kept->len; i++) {
    enum pl_held held;
    if (pl_look_held (writer, actions, journal, step, g_ptr_array_index (step->kept, i), &held, NULL)
        && held == PL_HOLDS_OTHER)
      return true;
  }
  return false;
}

/* What stands there is nobody's but perhaps a person's: it is kept. */
static bool
keep_found (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_journal_step *step,
            GError **error)
{
  g_autofree char *folder = g_strconcat (journal->folder, "/found", NULL);
  bool done = pl_writer_make_directory (writer, folder, 0700, error);
  for (guint i = 0; done && i < step->kept->len; i++) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    g_autofree char *path = pl_journal_path (journal, "found", kept->name);
    enum pl_entry entry, kept_entry;
    /* Begun a second time, after a kill, what stands there is the program's own. */
    done = pl_writer_look (writer, kept->path, &entry, NULL, error)
           && pl_writer_look (writer, path, &kept_entry, NULL, error)
           && (entry != PL_ENTRY_FILE || kept_entry == PL_ENTRY_FILE
               || pl_writer_copy (writer, kept->path, path, error));
  }
  return done;
}

/* Whether nothing was left of what the step's program wrote: the kernel of an image was removed, say. What
 * was found when the program ran again before, and was killed, was there. */
static bool
is_gone (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_journal_step *step)
{
  for (guint i = 0; i < step->kept->len; i++) {
    const struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    g_autofree char *found = pl_journal_path (journal, "found", kept->name);
    enum pl_entry entry, found_entry;
    if (!pl_writer_look (writer, kept->path, &entry, NULL, NULL)
        || !pl_writer_look (writer, found, &found_entry, NULL, NULL) || entry != PL_ENTRY_NONE
        || found_entry != PL_ENTRY_NONE)
      return false;
  }
  return true;
}

/* Whether anything is there of what the programs made. Where nothing is, the file system that they made it on
 * may not be mounted. */
static bool
has_made (struct pl_writer *writer, const struct pl_journal *journal)
{
  for (guint i = 0; i < journal->steps->len; i++) {
    const struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    for (guint k = 0; step->kind == PL_STEP_PROGRAM && step->undo_argv == NULL && k < step->kept->len; k++) {
      const struct pl_kept *kept = g_ptr_array_index (step->kept, k);
      enum pl_entry entry;
      if (pl_writer_look (writer, kept->path, &entry, NULL, NULL) && entry == PL_ENTRY_FILE)
        return true;
    }
  }
  return false;
}

/* The program again, over the files of before. */
static bool
run_again (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
           struct pl_journal_step *step, GPtrArray *left, GError **error)
{
  g_autofree char *words = g_strjoinv (" ", step->argv);
  g_autoptr (GError) failure = NULL;
  if (is_gone (writer, journal, step) && !has_made (writer, journal)) {
    g_ptr_array_add (left, g_strdup_printf ("what %s made", words));
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL,
                  "nothing is there of what %s made: mount what it lies on (/boot, most often)", words);
    return false;
  }
  if (is_gone (writer, journal, step)) {
    pl_tell (actions, "removed by somebody else since, so there is nothing to put back: what %s made", words);
    return pl_journal_note (writer, journal, error, "undone %u", step->number);
  }
  pl_tell (actions, "made anew by somebody else since, so it is made again from the old files: %s", words);
  if (keep_found (writer, journal, step, &failure)
      && pl_run_program (writer, actions, journal, step, &failure))
    return pl_journal_note (writer, journal, error, "undone %u", step->number);
  g_ptr_array_add (left, g_strdup_printf ("what %s made (%s)", words, failure->message));
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

/* Of several failures the first is told. */
static void
note_end (struct pl_journal_step *step, bool done, GError *failure, bool *all_done, GError **error)
{
  if (done && step->progress != PL_STEP_KEPT)
    step->progress = PL_STEP_UNDONE;
  if (done)
    return;
  if (*all_done)
    g_propagate_error (error, failure);
  else
    g_error_free (failure);
  *all_done = *all_done && done;
}

bool
pl_put_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
             const struct pl_undo_wishes *wishes, GPtrArray *left, GError **error)
{
  g_autoptr (GPtrArray) again = g_ptr_array_new ();
  bool all_done = true, is_settled = true;
  for (guint i = journal->steps->len; i-- > 0;) {
    struct pl_journal_step *step = g_ptr_array_index (journal->steps, i);
    GError *failure = NULL;
    bool was_kept = step->progress == PL_STEP_KEPT && wishes->with_packages;
    if (step->progress != PL_STEP_BEGUN && step->progress != PL_STEP_DONE && !was_kept)
      continue;
    /* Decided once: what the program makes of the old files may look like what it left before. */
    bool done = true;
    if (!step->is_again && wishes->may_rebuild && is_made_anew (writer, actions, journal, step)) {
      done = pl_journal_note (writer, journal, &failure, "again %u", step->number);
      step->is_again = done;
    }
    if (done && step->is_again) {
      g_ptr_array_insert (again, 0, step);
      continue;
    }
    if (done && step->leave != PL_LEAVE_NOTHING)
      done = take_back_of_host (writer, actions, journal, step, wishes, left, &failure);
    else
      done = done && put_step_back (writer, actions, journal, step, wishes->may_rebuild, left, &failure);
    is_settled = is_settled && (done || step->progress == PL_STEP_KEPT);
    note_end (step, done, failure, &all_done, error);
  }
  /* Behind all files, in the order in which the programs ran. */
  for (guint i = 0; i < again->len; i++) {
    struct pl_journal_step *step = g_ptr_array_index (again, i);
    GError *failure = NULL;
    bool done = run_again (writer, actions, journal, step, left, &failure);
    is_settled = is_settled && done;
    note_end (step, done, failure, &all_done, error);
  }
  return (!is_settled || pl_journal_note (writer, journal, all_done ? error : NULL, "reverted")) && all_done;
}

void
pl_set_left_changed (GError **error, const struct pl_actions *actions, const struct pl_journal *journal,
                     GPtrArray *left, const char *why)
{
  g_autoptr (GString) list = g_string_new (NULL);
  for (guint i = 0; i < left->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", (const char *) g_ptr_array_index (left, i));
  g_autofree char *remedy
      = g_strdup_printf ("mend what stands in the way, then: %s undo %s%s; in a rescue shell: sh "
                         "%s/undo.sh. Left changed: %s",
                         pl_command_of (actions), pl_journal_has_kept (journal) ? "--packages " : "",
                         journal->id, journal->folder, list->len > 0 ? list->str : "see the journal");
  pl_error_set (error, PL_ERROR_LEFT_CHANGED, journal->folder, remedy, "%s; not all could be put back", why);
}
