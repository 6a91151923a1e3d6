/* put_back.h - taking the steps of a journal back: what undo does, and apply when a step failed. For change/
 * alone. */
#pragma once

#include "change/change.h"
#include "change/journal.h"

/* What a thing holds now, beside what the journal knows of it. */
enum pl_held { PL_HOLDS_OLD, PL_HOLDS_NEW, PL_HOLDS_OTHER };

/**
 * pl_look_held - whose bytes stand there: those of before, those that the step left, or somebody else's
 *
 * A step whose program was begun and did not end may have left anything: that counts as new.
 */
bool pl_look_held (struct pl_writer *writer, const struct pl_actions *actions,
                   const struct pl_journal *journal, const struct pl_journal_step *step,
                   const struct pl_kept *kept, enum pl_held *held, GError **error);

/**
 * pl_put_back - takes back, last first, what was begun and not taken back yet
 * @wishes: as of pl_change_undo()
 * @left: gets what could not be put back, for people; owned strings
 *
 * Goes on after a failure, so that as little as possible is left. Errors: of the first failure. What a step
 * may leave is no failure, but packages that were to be removed.
 */
bool pl_put_back (struct pl_writer *writer, const struct pl_actions *actions, struct pl_journal *journal,
                  const struct pl_undo_wishes *wishes, GPtrArray *left, GError **error);

/* PL_ERROR_LEFT_CHANGED from @why and the list of what is left changed. */
void pl_set_left_changed (GError **error, const struct pl_actions *actions, const struct pl_journal *journal,
                          GPtrArray *left, const char *why);

/* Whether the file is not there any more, in a folder that is: its kernel was removed, say. Where the folder
 * is missing, too, a file system may not be mounted. */
bool pl_is_removed (struct pl_writer *writer, const struct pl_kept *kept);

/* What remedies name. */
static inline const char *
pl_command_of (const struct pl_actions *actions)
{
  return actions->command != NULL ? actions->command : "pcilend";
}

/* Says a line to who listens. */
void pl_tell (const struct pl_actions *actions, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Runs the step's program; what it said is kept in the journal as ID/output-N, also where it failed. */
bool pl_run_program (struct pl_writer *writer, const struct pl_actions *actions,
                     const struct pl_journal *journal, const struct pl_journal_step *step, GError **error);
