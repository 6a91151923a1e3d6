/* journal.c - see journal.h. */
#include "change/journal.h"

#include "base/error.h"
#include "change/undo_script.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE "pcilend journal 1"

char *
pl_journal_path (const struct pl_journal *journal, const char *below, const char *name)
{
  return g_strconcat (journal->folder, "/", below, "/", name, NULL);
}

char *
pl_journal_sum (struct pl_writer *writer, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  enum pl_entry entry;
  if (!pl_writer_look (writer, path, &entry, &bytes, error))
    return NULL;
  return bytes != NULL ? g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes) : g_strdup ("none");
}

bool
pl_journal_note (struct pl_writer *writer, struct pl_journal *journal, GError **error, const char *format,
                 ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_string_append_printf (journal->log, "%s\n", text);
  g_autofree char *path = g_strconcat (journal->folder, "/log", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (journal->log->str, journal->log->len);
  return pl_writer_put (writer, path, bytes, NULL, error);
}

/* Writing */

static bool
add_line (GString *out, GError **error, const char *key, const char *name, const char *value)
{
  if (strpbrk (value, "\n\r") != NULL) {
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "a path or word of a step has a line break in it");
    return false;
  }
  g_string_append_printf (out, "%s %s %s\n", key, name, value);
  return true;
}

static bool
add_words (GString *out, GError **error, const char *key, const char *name, char **words)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (!add_line (out, error, key, name, words[i]))
      return false;
  return true;
}

/* The directories above a file that are not there. @made: those that an earlier step makes. */
static bool
add_directories (GString *out, struct pl_writer *writer, const char *name, const char *path, GHashTable *made,
                 GError **error)
{
  for (const char *slash = strchr (path, '/'); slash != NULL; slash = strchr (slash + 1, '/')) {
    g_autofree char *above = g_strndup (path, (gsize) (slash - path));
    enum pl_entry entry;
    if (!pl_writer_look (writer, above, &entry, NULL, error)) {
      /* A link to a directory, as /lib is one: followed inside the root. */
      g_autoptr (GPtrArray) names = pl_writer_list (writer, above, NULL);
      if (names == NULL)
        return false;
      g_clear_error (error);
      continue;
    }
    if (entry == PL_ENTRY_NONE && !g_hash_table_contains (made, above)) {
      if (!add_line (out, error, "make", name, above))
        return false;
      g_hash_table_add (made, g_steal_pointer (&above));
    }
  }
  return true;
}

static bool
add_write (GString *out, struct pl_writer *writer, const char *name, const char *path, GError **error)
{
  enum pl_entry entry;
  if (!pl_writer_look (writer, path, &entry, NULL, error) || !add_line (out, error, "write", name, path))
    return false;
  return add_line (out, error, "old", name, entry == PL_ENTRY_FILE ? "file" : "none");
}

static bool
add_step (GString *out, struct pl_writer *writer, guint number, const struct pl_step *step, GHashTable *made,
          GError **error)
{
  g_autofree char *name = g_strdup_printf ("%u", number);
  if (!add_line (out, error, "step", name, pl_step_kind_name (step->kind)))
    return false;
  if (step->kind == PL_STEP_PROGRAM) {
    if (!add_words (out, error, "argv", name, step->argv)
        || !add_words (out, error, "undo", name, step->undo_argv)
        || (step->leave != PL_LEAVE_NOTHING
            && !add_line (out, error, "leave", name, pl_leave_name (step->leave))))
      return false;
    for (guint i = 0; step->writes != NULL && step->writes[i] != NULL; i++) {
      g_autofree char *inner = g_strdup_printf ("%u.%u", number, i + 1);
      if (!add_write (out, writer, inner, step->writes[i], error))
        return false;
    }
  } else if (!add_line (out, error, "path", name, step->path)
             || !add_line (out, error, "old", name, step->old_content != NULL ? "file" : "none")
             || !add_line (out, error, "new", name, step->new_content != NULL ? "file" : "none")
             || (step->kind == PL_STEP_FILE && step->new_content != NULL
                 && !add_directories (out, writer, name, step->path, made, error))) {
    return false;
  }
  g_autofree char *why = g_strdelimit (g_strdup (step->why != NULL ? step->why : ""), "\n\r", ' ');
  return add_line (out, error, "why", name, why);
}

char *
pl_journal_describe (struct pl_writer *writer, GPtrArray *steps, GError **error)
{
  GString *out = g_string_new (FIRST_LINE "\n");
  g_autoptr (GHashTable) made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  bool done = true;
  for (guint i = 0; done && i < steps->len; i++)
    done = add_step (out, writer, i + 1, g_ptr_array_index (steps, i), made, error);
  g_string_append (out, "end\n");
  return g_string_free (out, !done);
}

/* The old files with all that they have, and the new bytes. */
static bool
keep_step (struct pl_writer *writer, const struct pl_journal *journal, const struct pl_journal_step *kept,
           const struct pl_step *step, GError **error)
{
  for (guint i = 0; i < kept->kept->len; i++) {
    const struct pl_kept *file = g_ptr_array_index (kept->kept, i);
    g_autofree char *old = pl_journal_path (journal, "old", file->name);
    g_autofree char *new = pl_journal_path (journal, "new", file->name);
    bool is_of_system = step->kind == PL_STEP_FILE || step->kind == PL_STEP_PROGRAM;
    if (file->is_old_there && is_of_system && !pl_writer_copy (writer, file->path, old, error))
      return false;
    if (file->is_old_there && !is_of_system && !pl_writer_put (writer, old, step->old_content, NULL, error))
      return false;
    if (file->is_new_there && !pl_writer_put (writer, new, step->new_content, NULL, error))
      return false;
  }
  return true;
}

static bool
fill (struct pl_writer *writer, const struct pl_journal *journal, GPtrArray *steps, GError **error)
{
  g_autofree char *old = g_strconcat (journal->folder, "/old", NULL);
  g_autofree char *new = g_strconcat (journal->folder, "/new", NULL);
  if (!pl_writer_make_directory (writer, journal->folder, 0700, error)
      || !pl_writer_make_directory (writer, old, 0700, error)
      || !pl_writer_make_directory (writer, new, 0700, error))
    return false;
  for (guint i = 0; i < steps->len; i++)
    if (!keep_step (writer, journal, g_ptr_array_index (journal->steps, i), g_ptr_array_index (steps, i),
                    error))
      return false;
  g_autofree char *script = g_strconcat (journal->folder, "/undo.sh", NULL);
  g_autofree char *text = g_strconcat (journal->folder, "/steps", NULL);
  g_autoptr (GBytes) script_bytes = pl_undo_script ();
  g_autoptr (GBytes) text_bytes = g_bytes_new (journal->text, strlen (journal->text));
  return pl_writer_put (writer, script, script_bytes, NULL, error)
         && pl_writer_put (writer, text, text_bytes, NULL, error);
}

/* Reading */

static void
free_kept (void *data)
{
  struct pl_kept *kept = data;
  g_free (kept->path);
  g_free (kept->name);
  g_free (kept->left);
  g_free (kept);
}

static void
free_step (void *data)
{
  struct pl_journal_step *step = data;
  g_ptr_array_unref (step->kept);
  g_ptr_array_unref (step->directories);
  g_strfreev (step->argv);
  g_strfreev (step->undo_argv);
  g_free (step);
}

bool
pl_journal_has_kept (const struct pl_journal *journal)
{
  for (guint i = 0; i < journal->steps->len; i++)
    if (((const struct pl_journal_step *) g_ptr_array_index (journal->steps, i))->progress == PL_STEP_KEPT)
      return true;
  return false;
}

void
pl_journal_free (struct pl_journal *journal)
{
  if (journal == NULL)
    return;
  g_free (journal->id);
  g_free (journal->folder);
  g_free (journal->text);
  g_string_free (journal->log, TRUE);
  g_ptr_array_unref (journal->steps);
  g_free (journal);
}

static struct pl_journal_step *
add_empty_step (struct pl_journal *journal, enum pl_step_kind kind)
{
  struct pl_journal_step *step = g_new0 (struct pl_journal_step, 1);
  step->kind = kind;
  step->kept = g_ptr_array_new_with_free_func (free_kept);
  step->directories = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (journal->steps, step);
  step->number = journal->steps->len;
  return step;
}

static void
add_kept (struct pl_journal_step *step, const char *name, const char *path)
{
  struct pl_kept *kept = g_new0 (struct pl_kept, 1);
  kept->name = g_strdup (name);
  kept->path = g_strdup (path);
  g_ptr_array_add (step->kept, kept);
}

static void
add_word (char ***words, const char *word)
{
  guint n = *words != NULL ? g_strv_length (*words) : 0;
  *words = g_renew (char *, *words, n + 2);
  (*words)[n] = g_strdup (word);
  (*words)[n + 1] = NULL;
}

/* The step that "2" or "2.1" names, or NULL. */
static struct pl_journal_step *
find_step (const struct pl_journal *journal, const char *name)
{
  guint64 number = g_ascii_strtoull (name, NULL, 10);
  return number >= 1 && number <= journal->steps->len ? g_ptr_array_index (journal->steps, number - 1) : NULL;
}

static struct pl_kept *
find_kept (const struct pl_journal_step *step, const char *name)
{
  for (guint i = 0; i < step->kept->len; i++) {
    struct pl_kept *kept = g_ptr_array_index (step->kept, i);
    if (strcmp (kept->name, name) == 0)
      return kept;
  }
  return NULL;
}

/* One line of steps; false where it makes no sense. */
static bool
take_step_line (struct pl_journal *journal, const char *key, const char *name, const char *value)
{
  if (strcmp (key, "step") == 0) {
    enum pl_step_kind kind = pl_step_kind_from_name (value);
    bool is_next = g_ascii_strtoull (name, NULL, 10) == journal->steps->len + 1;
    return is_next && kind != PL_N_STEP_KINDS && add_empty_step (journal, kind) != NULL;
  }
  struct pl_journal_step *step = find_step (journal, name);
  if (step == NULL || *value == '\0')
    return step != NULL && strcmp (key, "why") == 0;
  if (strcmp (key, "path") == 0 || strcmp (key, "write") == 0) {
    add_kept (step, name, value);
  } else if (strcmp (key, "make") == 0) {
    g_ptr_array_add (step->directories, g_strdup (value));
  } else if (strcmp (key, "argv") == 0) {
    add_word (&step->argv, value);
  } else if (strcmp (key, "undo") == 0) {
    add_word (&step->undo_argv, value);
  } else if (strcmp (key, "leave") == 0) {
    step->leave
        = strcmp (value, pl_leave_name (PL_LEAVE_PACKAGES)) == 0 ? PL_LEAVE_PACKAGES : PL_LEAVE_ON_FAILURE;
    return step->undo_argv != NULL && strcmp (value, pl_leave_name (step->leave)) == 0;
  } else if (strcmp (key, "old") == 0 || strcmp (key, "new") == 0) {
    struct pl_kept *kept = find_kept (step, name);
    bool is_file = strcmp (value, "file") == 0;
    if (kept == NULL || (!is_file && strcmp (value, "none") != 0))
      return false;
    *(key[0] == 'o' ? &kept->is_old_there : &kept->is_new_there) = is_file;
  } else {
    return strcmp (key, "why") == 0;
  }
  return true;
}

/* One line of log. */
static bool
take_log_line (struct pl_journal *journal, const char *key, const char *name, const char *value)
{
  if (name == NULL) {
    bool *flag = strcmp (key, "applied") == 0    ? &journal->is_applied
                 : strcmp (key, "undo") == 0     ? &journal->is_undoing
                 : strcmp (key, "reverted") == 0 ? &journal->is_reverted
                                                 : NULL;
    if (flag != NULL)
      *flag = true;
    return flag != NULL;
  }
  struct pl_journal_step *step = find_step (journal, name);
  if (step == NULL)
    return false;
  if (strcmp (key, "left") == 0) {
    struct pl_kept *kept = find_kept (step, name);
    if (kept == NULL || value == NULL)
      return false;
    g_free (kept->left);
    kept->left = g_strdup (value);
    return true;
  }
  if (strcmp (key, "again") == 0) {
    step->is_again = true;
    return true;
  }
  static const char *const words[] = { "", "begin", "done", "undone", "kept" };
  for (enum pl_progress progress = PL_STEP_BEGUN; progress <= PL_STEP_KEPT; progress++)
    if (strcmp (key, words[progress]) == 0) {
      step->progress = progress;
      return true;
    }
  return false;
}

static bool
fail_at (GError **error, const char *path, guint line)
{
  pl_error_set (error, PL_ERROR_FAILED, path, "look at it; undo.sh beside it puts back what it names",
                "/%s:%u: this is no journal that this version of pcilend wrote", path, line);
  return false;
}

/* Gives each whole line to @take, cut at its first two blanks. */
static bool
read_lines (struct pl_journal *journal, const char *path, char *text, guint n_skipped,
            bool (*take) (struct pl_journal *, const char *, const char *, const char *), GError **error)
{
  guint number = 0;
  for (char *line = text, *end; (end = strchr (line, '\n')) != NULL; line = end + 1) {
    *end = '\0';
    if (++number <= n_skipped || strcmp (line, "end") == 0)
      continue;
    char *name = strchr (line, ' ');
    if (name != NULL)
      *name++ = '\0';
    char *value = name != NULL ? strchr (name, ' ') : NULL;
    if (value != NULL)
      *value++ = '\0';
    if ((take == take_step_line && value == NULL) || !take (journal, line, name, value))
      return fail_at (error, path, number);
  }
  return true;
}

static char *
read_text (struct pl_writer *writer, const char *path, bool may_be_absent, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  enum pl_entry entry;
  if (!pl_writer_look (writer, path, &entry, &bytes, error))
    return NULL;
  if (bytes == NULL && !may_be_absent) {
    fail_at (error, path, 0);
    return NULL;
  }
  return bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : g_strdup ("");
}

static struct pl_journal *
parse (const char *id, const char *text, GError **error)
{
  g_autoptr (pl_journal) journal = g_new0 (struct pl_journal, 1);
  journal->id = g_strdup (id);
  journal->folder = g_strconcat (PL_JOURNAL_FOLDER "/", id, NULL);
  journal->text = g_strdup (text);
  journal->log = g_string_new (NULL);
  journal->steps = g_ptr_array_new_with_free_func (free_step);
  g_autofree char *path = g_strconcat (journal->folder, "/steps", NULL);
  g_autofree char *copy = g_strdup (text);
  if (!g_str_has_prefix (text, FIRST_LINE "\n") || !g_str_has_suffix (text, "\nend\n")) {
    fail_at (error, path, 1);
    return NULL;
  }
  return read_lines (journal, path, copy, 1, take_step_line, error) ? g_steal_pointer (&journal) : NULL;
}

struct pl_journal *
pl_journal_open (struct pl_writer *writer, const char *id, GError **error)
{
  g_autofree char *path = g_strconcat (PL_JOURNAL_FOLDER "/", id, "/steps", NULL);
  g_autofree char *log_path = g_strconcat (PL_JOURNAL_FOLDER "/", id, "/log", NULL);
  g_autofree char *text = read_text (writer, path, false, error);
  g_autoptr (pl_journal) journal = text != NULL ? parse (id, text, error) : NULL;
  g_autofree char *log = journal != NULL ? read_text (writer, log_path, true, error) : NULL;
  if (log == NULL)
    return NULL;
  const char *end = strrchr (log, '\n');
  g_string_append_len (journal->log, log, end != NULL ? end + 1 - log : 0);
  return read_lines (journal, log_path, log, 0, take_log_line, error) ? g_steal_pointer (&journal) : NULL;
}

static int
compare_ids (const void *left, const void *right)
{
  guint64 first = g_ascii_strtoull (*(char *const *) left, NULL, 10);
  guint64 second = g_ascii_strtoull (*(char *const *) right, NULL, 10);
  return first < second ? -1 : first > second;
}

GPtrArray *
pl_journal_list (struct pl_writer *writer, GError **error)
{
  g_autoptr (GPtrArray) names = pl_writer_list (writer, PL_JOURNAL_FOLDER, error);
  if (names == NULL)
    return NULL;
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (name[strspn (name, "0123456789")] == '\0')
      g_ptr_array_add (ids, g_strdup (name));
  }
  g_ptr_array_sort (ids, compare_ids);
  return ids;
}

struct pl_journal *
pl_journal_prepare (struct pl_writer *writer, GPtrArray *steps, const char *text, GError **error)
{
  g_autoptr (GPtrArray) ids = pl_journal_list (writer, error);
  if (ids == NULL)
    return NULL;
  guint64 last = ids->len > 0 ? g_ascii_strtoull (g_ptr_array_index (ids, ids->len - 1), NULL, 10) : 0;
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT, last + 1);
  g_autofree char *unready = g_strconcat (id, ".new", NULL);
  g_autoptr (pl_journal) journal = parse (unready, text, error);
  if (journal == NULL || !pl_writer_remove_all (writer, journal->folder, error)
      || !fill (writer, journal, steps, error))
    return NULL;
  if (!pl_writer_rename (writer, journal->folder, id, error))
    return NULL;
  g_free (journal->id);
  g_free (journal->folder);
  journal->id = g_steal_pointer (&id);
  journal->folder = g_strconcat (PL_JOURNAL_FOLDER "/", journal->id, NULL);
  return g_steal_pointer (&journal);
}
