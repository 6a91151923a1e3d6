/* changing.h - what `apply` and `undo` have in common: the writer, the actions, and what is said while they
 * go on. */
#pragma once

#include "change/live.h"
#include "cli/command.h"

struct pl_changing {
  struct pl_writer *writer;
  struct pl_live live;
  struct pl_actions actions;
  char *command; /* "pcilend --root DIR" */
  bool is_quiet; /* JSON: nothing but errors is said */
  bool is_line_open;
};

/**
 * pl_changing_open - the system that the call names, ready to be changed
 * @command: "apply"
 *
 * Errors: PL_ERROR_USAGE for a recording; PL_ERROR_FAILED where only root may. Close with pl_changing_close()
 * also after a failure.
 */
bool pl_changing_open (struct pl_changing *changing, const struct pl_call *call, const char *command,
                       GError **error);
void pl_changing_close (struct pl_changing *changing);
