/* grub_value.h - what a variable holds at the end of a file that a shell sources, byte by byte, with the
 * place of each.
 *
 * The file is carried out in thought, for this variable alone: assignments that stand in a condition may have
 * been carried out or not; what an expansion gives is not known; and where anything else of the file may have
 * set the variable, nothing is.
 */
#pragma once

#include "base/shell.h"

struct pl_grub_unit {
  char byte;
  bool is_known;
  bool is_maybe; /* it is only there if a condition held */
  enum pl_shell_quote quote;
  gsize start, end;                     /* in the file */
  const struct pl_shell_assignment *in; /* where it stands */
};

struct pl_grub_word {
  guint first, end; /* units */
  bool is_known, is_maybe;
  char *text; /* as the kernel gets it; of a word that is not known it ends where that begins */
};

typedef struct pl_grub_value {
  const char *variable;
  struct pl_shell_file *file;
  GArray *mentions; /* struct pl_shell_mention */
  GArray *units;    /* the value at the end of the file */
  GArray *words;    /* struct pl_grub_word: the value as the kernel splits it */
  bool is_open;     /* a quote of the kernel's is not closed */
  bool is_seen;     /* something in the file may give it a value */
  /* What the value may have, though it is not in @words, and behind which a word is no parameter any more:
   * "--", or a quote; NULL: nothing. */
  const char *trap;
  guint trap_line;
  /* The unconditional assignment after which nothing changes the value; NULL: none. */
  const struct pl_shell_assignment *last;
} pl_grub_value;

/**
 * pl_grub_value_read - carries the file out
 * @value: all zero; clear with pl_grub_value_clear(), after an error, too
 * @variable: lives as long as @value
 *
 * Errors: PL_ERROR_FAILED, "line 14: ...", where the file is not understood, the variable is an array, or a
 * command such as exit may keep the lines behind it from being carried out.
 */
bool pl_grub_value_read (struct pl_grub_value *value, GBytes *bytes, const char *variable, GError **error);
void pl_grub_value_clear (struct pl_grub_value *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (pl_grub_value, pl_grub_value_clear)

/* Whether nothing but the variable itself sees a change of this assignment of it: nothing behind it reads it,
 * and no function. */
bool pl_grub_value_is_private (const struct pl_grub_value *value,
                               const struct pl_shell_assignment *assignment);

/* Adds what a segment of the assignment gives, the variable itself as something not known. */
void pl_grub_value_add_segment (const struct pl_grub_value *value, GArray *units,
                                const struct pl_shell_assignment *one,
                                const struct pl_shell_segment *segment);

/* "line 14: @what@phrase"; always false. */
bool pl_grub_fail (GError **error, guint line, const char *phrase, const char *what);

/* A blank of the kernel's. Source: lib/ctype.c of Linux. */
bool pl_grub_unit_is_blank (const struct pl_grub_unit *unit);
