/* carry_out - carries steps out and takes them back on a tree, with src/change and nothing else of pcilend.
 *
 *     carry_out apply TREE STEPS VALUES
 *     carry_out undo TREE VALUES [ID|rebuild|packages]
 *
 * STEPS is a directory: N.kind (file, program, sysfs, efivar), N.path, N.old and N.new (absent: none), N.why,
 * N.argv, N.undo and N.writes (a word a line), N.leave (packages, on-failure). VALUES is a directory in which
 * sysfs and efivar values are files, named by their paths with "/" as "+": what a kernel would hold survives
 * the end of this program. A program step writes "built by ARGV" into each file that its words behind the
 * first name; the word "fail" makes it fail, "nothing" do nothing and say that all is well, "remove" remove
 * the files behind it.
 *
 * Exit status as pcilend's: 0, 1 nothing is changed, 2 usage, 4 something is left changed.
 */
#include "base/error.h"
#include "change/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tables {
  struct pl_writer *values, *tree;
};

static char *
value_name (const char *path)
{
  return g_strdelimit (g_strdup (path), "/", '+');
}

static bool
run (void *data, char **argv, GBytes **output, GError **error)
{
  *output = NULL;
  struct tables *tables = data;
  for (guint i = 1; argv[i] != NULL; i++) {
    if (strcmp (argv[i], "fail") == 0) {
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "%s: status 1", argv[0]);
      return false;
    }
    if (strcmp (argv[i], "nothing") == 0)
      return true;
    if (strcmp (argv[1], "remove") == 0) {
      if (i > 1 && !pl_writer_remove (tables->tree, argv[i], error))
        return false;
      continue;
    }
    g_autofree char *text = g_strdup_printf ("built by %s\n", argv[0]);
    g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
    if (!pl_writer_put (tables->tree, argv[i], bytes, NULL, error))
      return false;
  }
  return true;
}

static bool
get (void *data, enum pl_step_kind kind, const char *path, GBytes **bytes, GError **error)
{
  struct tables *tables = data;
  enum pl_entry entry;
  g_autofree char *name = value_name (path);
  (void) kind;
  return pl_writer_look (tables->values, name, &entry, bytes, error);
}

static bool
set (void *data, enum pl_step_kind kind, const char *path, GBytes *bytes, GError **error)
{
  struct tables *tables = data;
  g_autofree char *name = value_name (path);
  (void) kind;
  return bytes != NULL ? pl_writer_put (tables->values, name, bytes, NULL, error)
                       : pl_writer_remove (tables->values, name, error);
}

static void
tell (void *data, const char *text)
{
  (void) data;
  if (g_str_has_prefix (text, "note: "))
    printf ("%s\n", text);
}

static char *
read_text (struct pl_writer *steps, guint number, const char *what, GBytes **bytes)
{
  g_autofree char *name = g_strdup_printf ("%u.%s", number, what);
  g_autoptr (GBytes) content = NULL;
  enum pl_entry entry;
  if (!pl_writer_look (steps, name, &entry, &content, NULL))
    exit (1); /* the steps cannot be read: nothing was begun */
  if (content == NULL)
    return NULL;
  if (bytes != NULL)
    *bytes = g_bytes_ref (content);
  return g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
}

static char **
read_words (struct pl_writer *steps, guint number, const char *what)
{
  g_autofree char *text = read_text (steps, number, what, NULL);
  return text != NULL ? g_strsplit (g_strchomp (text), "\n", -1) : NULL;
}

static enum pl_leave
read_leave (struct pl_writer *steps, guint number)
{
  g_autofree char *text = read_text (steps, number, "leave", NULL);
  enum pl_leave leave = PL_LEAVE_NOTHING;
  while (text != NULL && strcmp (g_strchomp (text), pl_leave_name (leave)) != 0)
    leave++;
  return leave;
}

static GPtrArray *
read_steps (struct pl_writer *folder)
{
  GPtrArray *steps = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_step_free);
  char *kind;
  for (guint number = 1; (kind = read_text (folder, number, "kind", NULL)) != NULL; number++) {
    struct pl_step *step = pl_step_new (pl_step_kind_from_name (g_strchomp (kind)));
    g_free (kind);
    step->path = read_text (folder, number, "path", NULL);
    step->why = read_text (folder, number, "why", NULL);
    step->argv = read_words (folder, number, "argv");
    step->undo_argv = read_words (folder, number, "undo");
    step->writes = read_words (folder, number, "writes");
    step->leave = read_leave (folder, number);
    g_free (read_text (folder, number, "old", &step->old_content));
    g_free (read_text (folder, number, "new", &step->new_content));
    g_ptr_array_add (steps, step);
  }
  return steps;
}

static int
report (GError *error)
{
  if (error == NULL)
    return 0;
  printf ("%s\n", error->message);
  if (pl_error_remedy (error) != NULL)
    printf ("-> %s\n", pl_error_remedy (error));
  int status = error->code == PL_ERROR_LEFT_CHANGED ? 4 : error->code == PL_ERROR_USAGE ? 2 : 1;
  g_error_free (error);
  return status;
}

int
main (int argc, char **argv)
{
  bool is_apply = argc == 5 && strcmp (argv[1], "apply") == 0;
  if (!is_apply && (argc < 4 || argc > 5 || strcmp (argv[1], "undo") != 0))
    return 2;
  GError *error = NULL;
  struct tables tables = { .tree = pl_writer_open (argv[2], &error) };
  if (tables.tree == NULL)
    return report (error);
  tables.values = pl_writer_open (argv[is_apply ? 4 : 3], &error);
  const struct pl_actions actions = { .data = &tables, .run = run, .get = get, .set = set, .tell = tell };
  if (tables.values != NULL && is_apply) {
    struct pl_writer *folder = pl_writer_open (argv[3], &error);
    g_autofree char *id = NULL;
    g_autoptr (GPtrArray) steps = folder != NULL ? read_steps (folder) : NULL;
    if (steps != NULL && pl_change_apply (tables.tree, &actions, steps, &id, &error))
      printf ("applied %s\n", id);
    pl_writer_close (folder);
  } else if (tables.values != NULL) {
    const char *word = argc == 5 ? argv[4] : "";
    const struct pl_undo_wishes wishes
        = { .may_rebuild = strcmp (word, "rebuild") == 0, .with_packages = strcmp (word, "packages") == 0 };
    bool is_id = *word != '\0' && !wishes.may_rebuild && !wishes.with_packages;
    pl_change_undo (tables.tree, &actions, is_id ? word : NULL, &wishes, &error);
  }
  pl_writer_close (tables.values);
  pl_writer_close (tables.tree);
  return report (error);
}
