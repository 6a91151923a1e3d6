/* ask.c - see ask.h. */
#include "cli/ask.h"

#include "base/error.h"

#include <stdio.h>
#include <unistd.h>

bool
pl_ask_is_possible (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

bool
pl_ask_yes (const char *question, bool *yes, GError **error)
{
  char answer[64];
  if (!pl_ask_is_possible ()) {
    pl_error_set (error, PL_ERROR_USAGE, NULL, "say -y to answer yes to every question",
                  "there is no terminal to ask on: %s", question);
    return false;
  }
  fprintf (stderr, "%s [y/N] ", question);
  fflush (stderr);
  *yes = fgets (answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
  return true;
}
