/* source.h - where the machine comes from: this system, --root DIR, a recording, or a pasted text. */
#pragma once

#include "cli/command.h"
#include "judge/goal.h"

/* A machine with what it was read from. */
struct pl_opened {
  struct pl_machine *machine;
  struct pl_root *root; /* NULL for a text: there is nothing more to read */
};
#define PL_OPENED_INIT \
  {                    \
    NULL, NULL         \
  }

/**
 * pl_source_open - the machine that the options name, with the identity of its functions
 *
 * Errors: an input that cannot be read or holds nothing of use (PL_ERROR_FAILED); both --machine and --root
 * (PL_ERROR_USAGE); a system whose PCI functions cannot be listed (PL_ERROR_UNDECIDED).
 * Close with pl_source_close(), also after a failure.
 */
bool pl_source_open (struct pl_opened *opened, const struct pl_options *options, GError **error);
void pl_source_close (struct pl_opened *opened);

/* The root that the options name, without reading anything of it yet; NULL and no error for a pasted text,
 * which is then in @text. */
struct pl_root *pl_source_open_root (const struct pl_options *options, GBytes **text, GError **error);

/* The rest of pl_source_open(): the machine behind @root, which the opened takes over. Close it also after a
 * failure. */
bool pl_source_open_machine (struct pl_opened *opened, struct pl_root *root, const struct pl_options *options,
                             GError **error);

/* Reads what the rules and @wants need: of the machine, and of every function that matters for the goal. */
void pl_source_read_for (struct pl_opened *opened, const struct pl_goal *goal, struct pl_wants wants);

/* One line on standard error where root would have been told more. */
void pl_source_say_privilege (const struct pl_opened *opened);
