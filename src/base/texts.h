/* texts.h - configuration files of a system as they were read: by path, each with its state.
 *
 * What boot/ and initramfs/ look at and edit. A path has no leading slash. Nothing here opens a file.
 */
#pragma once

#include "base/root.h"

/* What is to be read. */
enum pl_text_kind {
  PL_TEXT_FILE,   /* the file at @path */
  PL_TEXT_FOLDER, /* every file in the directory @path whose name ends in names[0] and does not begin with a
                     dot */
  PL_TEXT_BELOW,  /* of every directory in @path whose name begins with a digit the file names[0] */
  PL_TEXT_NAMES   /* of the directory @path the names that begin with one of @names, and no content */
};

struct pl_text_want {
  enum pl_text_kind kind;
  const char *path;
  const char *names[8]; /* ended by NULL */
};

struct pl_texts;
struct pl_texts *pl_texts_new (void);
void pl_texts_free (struct pl_texts *texts);

/* Notes the answer to a question. @bytes: NULL unless known; a reference is taken. @names: sorted, taken
 * over; empty unless known. */
void pl_texts_set (struct pl_texts *texts, const char *path, enum pl_state state, GBytes *bytes);
void pl_texts_set_names (struct pl_texts *texts, const char *directory, enum pl_state state,
                         GPtrArray *names);

/* Whether every answer was that nobody knows. */
bool pl_texts_is_unread (const struct pl_texts *texts);

/**
 * pl_texts_get - what a file holds
 * @bytes: set to it where it is known, else to NULL; belongs to @texts
 *
 * Returns: its state; PL_UNREAD where nobody asked.
 */
enum pl_state pl_texts_get (const struct pl_texts *texts, const char *path, GBytes **bytes);

/* The names that are known in a directory, sorted by byte; never NULL in @names; belongs to @texts. */
enum pl_state pl_texts_names (const struct pl_texts *texts, const char *directory, const GPtrArray **names);

/* Whether the name is known to be in the directory. */
bool pl_texts_has_name (const struct pl_texts *texts, const char *directory, const char *name);

/* "/usr/sbin/update-grub": where a program is, of those that were looked for (PL_TEXT_NAMES of usr/sbin and
 * usr/bin); NULL: nowhere known. Free with g_free(). */
char *pl_texts_program (const struct pl_texts *texts, const char *name);

/* PL_ERROR_UNDECIDED: the file or directory could not be read. Always false. */
bool pl_texts_fail (const char *path, enum pl_state state, GError **error);

/* Whether that is known, or known not to be there; else pl_texts_fail(). */
bool pl_texts_check (const char *path, enum pl_state state, GError **error);
