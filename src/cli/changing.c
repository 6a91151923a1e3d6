/* changing.c - see changing.h. */
#include "cli/changing.h"

#include "base/error.h"
#include "base/quote.h"
#include "cli/privilege.h"
#include "cli/stop.h"
#include "report/printable.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
tell (void *data, const char *text)
{
  const struct pl_changing *changing = data;
  g_autoptr (GString) line = g_string_new ("pcilend: ");
  bool is_progress = !g_str_has_prefix (text, "note: ");
  if (changing->is_quiet || (is_progress && !isatty (STDERR_FILENO)))
    return;
  pl_printable_append (line, text, -1, true);
  g_string_append_c (line, '\n');
  fputs (line->str, stderr);
}

/* What a program says, line by line, behind a mark: live, and on a terminal only. */
static void
said (void *data, const char *bytes, gsize size)
{
  struct pl_changing *changing = data;
  g_autoptr (GString) text = g_string_new (NULL);
  if (changing->is_quiet || !isatty (STDERR_FILENO))
    return;
  for (const char *end = bytes + size, *next; bytes < end; bytes = next) {
    const char *newline = memchr (bytes, '\n', (gsize) (end - bytes));
    next = newline != NULL ? newline + 1 : end;
    if (!changing->is_line_open)
      g_string_append (text, "  | ");
    pl_printable_append (text, bytes, (gssize) ((newline != NULL ? newline : end) - bytes), true);
    if (newline != NULL)
      g_string_append_c (text, '\n');
    changing->is_line_open = newline == NULL;
  }
  fwrite (text->str, 1, text->len, stderr);
}

bool
pl_changing_open (struct pl_changing *changing, const struct pl_call *call, const char *command,
                  GError **error)
{
  const char *tree = call->options->root;
  *changing = (struct pl_changing){ .is_quiet = call->options->json };
  if (call->options->machine != NULL) {
    pl_error_set (error, PL_ERROR_USAGE, NULL,
                  "without --machine it is this machine; with --root DIR a mounted one",
                  "%s changes a system, and %s is a description of one", command, call->options->machine);
    return false;
  }
  if (tree == NULL && !pl_privilege_check (call, command, error))
    return false;
  changing->live
      = (struct pl_live){ .data = changing, .tell = tell, .said = said, .is_stopped = pl_stop_is_wanted };
  changing->actions = tree != NULL ? pl_tree_actions (&changing->live) : pl_live_actions (&changing->live);
  g_autofree char *folder = tree != NULL ? pl_quote_word (tree) : NULL;
  changing->command = folder != NULL ? g_strconcat ("pcilend --root ", folder, NULL) : g_strdup ("pcilend");
  changing->actions.command = changing->command;
  changing->writer = pl_writer_open (tree != NULL ? tree : "/", error);
  return changing->writer != NULL;
}

void
pl_changing_close (struct pl_changing *changing)
{
  pl_writer_close (changing->writer);
  g_free (changing->command);
}
