/* edits.h - what a boot loader or an initramfs generator would have changed: files first, then the program
 * that reads them. Data, as made by boot/ and initramfs/; plan/ makes steps of it.
 */
#pragma once

#include "base/texts.h"

struct pl_edit {
  char *path;          /* without the leading slash */
  GBytes *old_content; /* NULL: not there */
  GBytes *new_content;
};

struct pl_edits {
  GPtrArray *files;  /* struct pl_edit * */
  char **argv;       /* the program; NULL: none is needed */
  GPtrArray *writes; /* char *: what it writes, without the leading slash */
  char *by_hand; /* where no edit is safe: what a person must write or type, one or more whole lines; NULL:
                    nothing */
};

void pl_edits_init (struct pl_edits *edits);
void pl_edits_clear (struct pl_edits *edits);

/* Adds the file's change; none where both are the same bytes. Takes references. */
void pl_edits_add (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content);
