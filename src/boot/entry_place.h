/* entry_place.h - the entry that started the system, looked for in all files where a loader may have it. For
 * boot/ alone.
 */
#pragma once

#include "boot/entry_line.h"
#include "boot/loader.h"

/* A file that a loader reads, where it is there, and what reads its text. */
struct pl_entry_place {
  const char *path;
  GPtrArray *(*read) (GBytes *text, GError **error);
};

/* Whether an entry of these files has the options of the running kernel, which has a known command line;
 * unknown where a file is not known or not understood, or an entry is only known when it is started.
 * @kernel: as in pl_entry_lines_find(). */
enum pl_claim pl_entry_places_claim (const struct pl_entry_place *places, guint n,
                                     const struct pl_boot_evidence *evidence, const char *kernel);

/* Clear with pl_entry_found_clear(). */
struct pl_entry_found {
  const char *path; /* NULL: none of the files is there */
  GBytes *text;     /* belongs to the evidence */
  const struct pl_entry_line *entry;
  char *why; /* why there is no entry, as a phrase */
  GPtrArray *entries;
};

void pl_entry_found_clear (struct pl_entry_found *found);

/**
 * pl_entry_places_find - the one entry that has the options of the running kernel
 * @kernel: as in pl_entry_lines_find()
 *
 * Returns: whether all files are known that are there. Errors: PL_ERROR_UNDECIDED.
 */
bool pl_entry_places_find (const struct pl_entry_place *places, guint n,
                           const struct pl_boot_evidence *evidence, const char *kernel,
                           struct pl_entry_found *found, GError **error);
