/* change.h - carries steps out, with a journal, and takes them back. The only caller of the writing door.
 *
 *     g_autofree char *id = NULL;
 *     if (!pl_change_apply (writer, &actions, steps, &id, &error)) ...
 *     if (!pl_change_undo (writer, &actions, id, false, &error)) ...
 *
 * Before anything is changed, the journal (journal.h) holds all old and new bytes and how to put them back,
 * also for a shell without pcilend (undo.sh). A process that is killed at any moment leaves each file old or
 * new, and a journal from which pl_change_apply() with the same steps goes on and pl_change_undo() goes back.
 *
 * Errors: PL_ERROR_FAILED: nothing is changed (any more). PL_ERROR_LEFT_CHANGED: something is, and
 * pl_error_remedy() lists it: also packages that were installed before another step failed.
 */
#pragma once

#include "base/writer.h"
#include "plan/step.h"

/* What is done besides files: a live system does it, a test keeps tables. Each gives false and sets its
 * error. */
struct pl_actions {
  void *data;
  const char *command; /* what remedies name: "pcilend --root DIR", quoted for a shell; NULL: "pcilend" */
  /* @output: set to what it said, also where it failed; the journal keeps it. NULL: nothing. Free with
   * g_bytes_unref() */
  bool (*run) (void *data, char **argv, GBytes **output, GError **error);
  /* @bytes: set to the value, or to NULL where there is none; free with g_bytes_unref() */
  bool (*get) (void *data, enum pl_step_kind kind, const char *path, GBytes **bytes, GError **error);
  /* @bytes: NULL removes it */
  bool (*set) (void *data, enum pl_step_kind kind, const char *path, GBytes *bytes, GError **error);
  /* What begins now, and what a person should know of it: a line without its end. NULL: nobody listens */
  void (*tell) (void *data, const char *text);
  /* Whether a person wants it stopped: asked between steps of apply. NULL: never */
  bool (*is_stopped) (void *data);
};

/**
 * pl_change_apply - carry the steps out, in their order
 * @steps: struct pl_step *; no two for the same path
 * @id: set to the journal's name; free with g_free()
 *
 * Every precondition first: each thing still holds what the plan saw. A step that fails takes those before it
 * back. Steps that a journal has already, and that hold, change nothing. Where the same steps were begun and
 * not finished, the rest of them is done; where others were, that is an error that names them.
 */
bool pl_change_apply (struct pl_writer *writer, const struct pl_actions *actions, GPtrArray *steps, char **id,
                      GError **error);

/* One journal, for `undo --list`. */
struct pl_change_row {
  char *id;
  guint n_steps;
  const char *state; /* "applied", "unfinished", "taken back", "being taken back": half way; static */
  GPtrArray *paths;  /* char *: the files that steps change, without those that programs write */
  GPtrArray *kept;   /* char *: of what undo left, how it is taken back: "/usr/bin/dpkg --remove ovmf" */
};

/* All journals, oldest first: struct pl_change_row *. Free with g_ptr_array_unref(). */
GPtrArray *pl_change_list (struct pl_writer *writer, GError **error);

/* What undo may and shall do beyond putting bytes back. */
struct pl_undo_wishes {
  bool may_rebuild;
  bool with_packages; /* also what steps installed: PL_LEAVE_PACKAGES */
};

/**
 * pl_change_undo - put the old bytes back, with mode, owner, times and extended attributes
 * @id: the journal's name, or NULL: the newest that is not taken back; with packages: or that left some
 *
 * Looks at everything first: where something holds neither what the steps left nor what was there before,
 * somebody else changed it, and nothing is touched. Taken back twice is taken back once.
 *
 * What a step may leave (step.h) is left and told; with packages it is taken back, also behind an undo that
 * left it. Where removing them fails, that is an error, and all else is taken back.
 *
 * may_rebuild: where that is so of what a program wrote (an image that a kernel update made anew), the
 * program runs again at the end, over the old files; what stood there is kept in the journal as found/NAME
 */
bool pl_change_undo (struct pl_writer *writer, const struct pl_actions *actions, const char *id,
                     const struct pl_undo_wishes *wishes, GError **error);
