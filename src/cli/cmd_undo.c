/* cmd_undo.c - `undo`: puts the old bytes back. */
#include "base/error.h"
#include "cli/changing.h"
#include "cli/commands.h"
#include "cli/stop.h"
#include "report/change.h"

#include <string.h>

static gboolean wants_list, may_rebuild, with_packages;

static const GOptionEntry entries[]
    = { { "list", 0, 0, G_OPTION_ARG_NONE, &wants_list,
          "the changes that were made, and which are taken back", NULL },
        { "rebuild", 0, 0, G_OPTION_ARG_NONE, &may_rebuild,
          "make again, from the old files, what an update has made anew", NULL },
        { "packages", 0, 0, G_OPTION_ARG_NONE, &with_packages, "remove the packages, too, that it installed",
          NULL },
        { NULL } };

/* What was begun is taken back to its end. */
static bool
never_stop (void *data)
{
  (void) data;
  return false;
}

static const struct pl_change_row *
find_row (const GPtrArray *rows, const char *id)
{
  for (guint i = 0; i < rows->len; i++) {
    const struct pl_change_row *row = g_ptr_array_index (rows, i);
    if (strcmp (row->id, id) == 0)
      return row;
  }
  return NULL;
}

/* The newest that there is something to take back of, as pl_change_undo() finds it. */
static char *
find_newest (struct pl_writer *writer, GError **error)
{
  g_autoptr (GPtrArray) rows = pl_change_list (writer, error);
  for (guint i = rows != NULL ? rows->len : 0; i-- > 0;) {
    const struct pl_change_row *row = g_ptr_array_index (rows, i);
    if (strcmp (row->state, "taken back") != 0 || (with_packages && row->kept->len > 0))
      return g_strdup (row->id);
  }
  return NULL;
}

static bool
list_changes (const struct pl_call *call, struct pl_changing *changing, GError **error)
{
  g_autoptr (GPtrArray) rows = pl_change_list (changing->writer, error);
  if (rows != NULL && call->options->json)
    pl_report_changes_json (stdout, rows);
  else if (rows != NULL)
    pl_report_changes (stdout, rows, &call->style);
  return rows != NULL;
}

static bool
take_back (const struct pl_call *call, struct pl_changing *changing, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *id
      = call->n_arguments > 0 ? g_strdup (call->arguments[0]) : find_newest (changing->writer, &failure);
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  pl_stop_catch ();
  changing->live.is_stopped = never_stop;
  const struct pl_undo_wishes wishes = { .may_rebuild = may_rebuild, .with_packages = with_packages };
  if (!pl_change_undo (changing->writer, &changing->actions, id, &wishes, error))
    return false;
  pl_mark_changed ();
  g_autoptr (GPtrArray) rows = pl_change_list (changing->writer, error);
  const struct pl_change_row *row = rows != NULL ? find_row (rows, id) : NULL;
  if (row != NULL && call->options->json)
    pl_report_undone_json (stdout, row);
  else if (row != NULL)
    pl_report_undone (stdout, row, &call->style);
  return row != NULL;
}

static enum pl_exit
run_undo (const struct pl_call *call, GError **error)
{
  struct pl_changing changing;
  bool done = pl_changing_open (&changing, call, "undo", error)
              && (wants_list ? list_changes (call, &changing, error) : take_back (call, &changing, error));
  pl_changing_close (&changing);
  return done ? PL_EXIT_DONE : PL_EXIT_FAILED;
}

const struct pl_command pl_command_undo = {
  .name = "undo",
  .arguments = "[ID]",
  .most_arguments = 1,
  .summary = "put back what apply changed",
  .help = "Puts back the bytes, mode, owner, times and extended attributes of every file that change ID "
          "replaced (without ID: the newest "
          "that is not taken back), and the images that its programs made. A file that somebody else has "
          "changed since is never "
          "overwritten: then nothing is, and each is named. Images that a kernel update made anew are made "
          "again from the old "
          "files with --rebuild. Packages that it installed stay, and are named, unless --packages is "
          "given.\n\nExit status: 0 taken back; 1 failed, nothing was touched; 2 there is no "
          "such change; 4 not all could be put back, and "
          "what is left is named.",
  .options = entries,
  .run = run_undo,
};
