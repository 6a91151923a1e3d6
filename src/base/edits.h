/* edits.h - what a boot loader or an initramfs generator would have changed: files first, then the programs
 * that read them. Data, as made by boot/ and initramfs/; plan/ makes steps of it.
 */
#pragma once

#include "base/texts.h"

struct pl_edit {
  char *path;          /* without the leading slash */
  GBytes *old_content; /* NULL: not there */
  GBytes *new_content;
  unsigned mode; /* the mode that it gets; 0: a new one 0644, an old one keeps its own */
  char *why;     /* the reason, where it is another than that of the other files; NULL: that of all */
};

struct pl_program {
  char **argv;       /* argv[0] an absolute path */
  GPtrArray *writes; /* char *: what it writes, without the leading slash */
};

struct pl_edits {
  GPtrArray *files;    /* struct pl_edit * */
  GPtrArray *programs; /* struct pl_program *: to be run in this order */
  char *by_hand;    /* where no edit is safe: what a person must write or type, one or more whole lines; NULL:
                       nothing */
  bool is_in_image; /* the images of the kernels hold what is in the files: they are to be made anew */
};

void pl_edits_init (struct pl_edits *edits);
void pl_edits_clear (struct pl_edits *edits);

/* Adds a program, which writes nothing yet; belongs to @edits. @argv: ended by NULL; copied. */
struct pl_program *pl_edits_add_program (struct pl_edits *edits, const char *const *argv);

/* Adds a file that it writes, once. */
void pl_program_add_write (struct pl_program *program, const char *path);

/* Adds the file's change; none where both are the same bytes. Takes references. */
void pl_edits_add (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content);

/* The same with a mode and a reason of its own; see struct pl_edit. @why is copied. */
void pl_edits_add_own (struct pl_edits *edits, const char *path, GBytes *old_content, GBytes *new_content,
                       unsigned mode, const char *why);

/**
 * pl_edits_add_fixed - adds a file of pcilend's own that always has the same text
 * @text: not copied
 *
 * Returns: NULL, or why it is not written: somebody else's is there. Free with g_free().
 */
char *pl_edits_add_fixed (struct pl_edits *edits, const struct pl_texts *texts, const char *path,
                          const char *text, unsigned mode, const char *why);
