/* command.h - what a command is: one const object at the end of its cmd_NAME.c, listed in commands.h. */
#pragma once

#include "base/root.h"
#include "machine/machine.h"
#include "report/report.h"

#include <glib.h>

/* Exit status. Source: DESIGN.md, section 4. */
enum pl_exit {
  PL_EXIT_DONE = 0,
  PL_EXIT_FAILED = 1,
  PL_EXIT_USAGE = 2,
  PL_EXIT_FORBIDDEN = 3,
  PL_EXIT_LEFT_CHANGED = 4,
  PL_EXIT_UNDECIDED = 5
};

/* The options that every command takes. */
struct pl_options {
  char *machine; /* --machine FILE, or NULL */
  char *root;    /* --root DIR, or NULL */
  gboolean json;
  gboolean no_color;
  gboolean yes;
};

/* One call of the program. */
struct pl_call {
  const struct pl_options *options;
  struct pl_style style; /* of standard output */
  char **arguments;      /* behind the command's name; NULL-terminated */
  guint n_arguments;
  const char *line; /* all that was typed behind "pcilend", quoted for a shell */
};

struct pl_command {
  const char *name;
  const char *arguments; /* "DEVICE...", for the help; "" for none */
  guint least_arguments, most_arguments;
  const char *summary;         /* one line, without a full stop */
  const char *help;            /* the paragraphs of --help */
  const GOptionEntry *options; /* of its own, ended by an empty one; NULL for none */

  /* Gives the exit status. On PL_EXIT_FAILED, _USAGE and _UNDECIDED for want of an answer it sets @error,
   * which main prints. */
  enum pl_exit (*run) (const struct pl_call *call, GError **error);
};

/* The exit status that an error stands for. */
enum pl_exit pl_exit_for (const GError *error);

/* From now on the system is changed: an answer that cannot be written is no longer "nothing was changed". */
void pl_mark_changed (void);

/* Sends what was printed so far, before something goes to standard error; main says at the end what went
 * wrong. */
void pl_flush_answer (void);
