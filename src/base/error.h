/* error.h - one kind of error for the whole program: a code, a phrase, a remedy, and what was left changed.
 *
 * The library never prints and never exits: it fills a GError and returns. The phrase begins with the path
 * (and line) that it is about; the remedy is a sentence of its own, printed on its own line by cli/.
 */
#pragma once

#include <glib.h>

/* What an error means for the caller; cli/ turns it into the exit status (DESIGN.md, section 4). */
enum pl_error_code {
  PL_ERROR_FAILED,       /* nothing was changed: exit 1 */
  PL_ERROR_USAGE,        /* wrong usage, unknown or ambiguous device: exit 2 */
  PL_ERROR_FORBIDDEN,    /* a finding forbids it: exit 3 */
  PL_ERROR_LEFT_CHANGED, /* failed and something is left changed: exit 4 */
  PL_ERROR_UNDECIDED     /* something needed could not be read: exit 5 */
};

#define PL_ERROR (pl_error_quark ())
GQuark pl_error_quark (void);

/**
 * pl_error_set - fill @error; does nothing where @error is NULL
 * @path: the file the error is about, or NULL; copied
 * @remedy: one sentence that says what to do, or NULL; copied
 * @format: the phrase; it names the path itself where that helps a reader
 */
void pl_error_set (GError **error, enum pl_error_code code, const char *path, const char *remedy,
                   const char *format, ...) G_GNUC_PRINTF (5, 6);

/* The parts of an error made by pl_error_set(); NULL for other errors. They live as long as the error. */
const char *pl_error_path (const GError *error);
const char *pl_error_remedy (const GError *error);

/* An errno as a sysfs reader would say it ("EACCES"), for messages and recordings. Never NULL. */
const char *pl_errno_name (int number);

/* The errno of that name, or 0. */
int pl_errno_number (const char *name);
