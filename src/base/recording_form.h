/* recording_form.h - what the writer and the reader of a recording share. Included by base/ only. */
#pragma once

#include "base/root.h"

#define PL_RECORDING_FIRST_LINE "pcilend recording 1"

/* Appends @name with everything but printable ASCII other than blank and backslash as \xNN. */
void pl_recording_escape (GString *out, const char *name);

/* The name behind such a text, or NULL where an escape is wrong or gives a NUL, or a control character stands
 * bare. What a person writes bare that a recorder would escape is taken. Free with g_free(). */
char *pl_recording_unescape (const char *text, gsize length);

/* One answer of the machine that was recorded. */
enum pl_answer_kind { PL_ANSWER_CONTENT, PL_ANSWER_LINK, PL_ANSWER_NAMES, PL_ANSWER_ERROR };
struct pl_answer {
  enum pl_answer_kind kind;
  char *bytes; /* content; a link's target; names, escaped, each with a newline */
  gsize size;
  int number; /* errno */
};

/* Takes NULL. */
void pl_answer_free (void *answer);

/* @bytes: copied. */
struct pl_answer *pl_answer_new (enum pl_answer_kind kind, const char *bytes, gsize size, int number);

/* Everything that stands in a recording. */
struct pl_recorded {
  struct pl_host host;     /* its texts are owned */
  GHashTable *answers;     /* path -> struct pl_answer; a directory's path has a slash behind it */
  GHashTable *directories; /* set of paths below which a file was answered about: they did open */
  GHashTable *programs;    /* command -> struct pl_answer */
  GPtrArray *names;        /* key, name, key, name */
  struct pl_answer *log;
  guint n_replaced[PL_N_SECRETS];
};

/**
 * pl_recorded_parse - what stands in @text
 * @recorded: set up; clear with pl_recorded_clear() also after a failure
 *
 * Errors: those of pl_root_open_recording().
 */
bool pl_recorded_parse (struct pl_recorded *recorded, const char *name, const char *text, gsize size,
                        GError **error);
void pl_recorded_clear (struct pl_recorded *recorded);
