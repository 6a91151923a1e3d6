/* entry_line.h - the boot entries of a text in which each entry has the options of its kernel on one line:
 * limine.conf, extlinux.conf. For boot/ alone.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_entry_line {
  char *title;
  char *kernel;      /* as it stands there; NULL: the loader does not tell the kernel of it */
  char *options;     /* all that the kernel is given */
  gsize start, end;  /* what of the options stands on the entry's own line, in the text */
  guint line;        /* of that line, from 1; 0: it has none of its own */
  bool is_usual;     /* the loader starts it where nobody chooses another one */
  bool is_opaque;    /* the options are only known when it is started */
  bool is_generated; /* the text says that a program makes it */
};

/* An empty list of them: struct pl_entry_line *. Free with g_ptr_array_unref(). */
GPtrArray *pl_entry_lines_new (void);

/**
 * pl_entry_lines_find - the entry that started the system
 * @running: as given by pl_running_words()
 * @kernel: BOOT_IMAGE= of the running kernel; an entry with another kernel is none; NULL: not looked at
 * @n_found: set to how many entries have the options of the running kernel
 * @n_opaque: set to how many may have
 *
 * Of several it is the usual one, if it is among them. Returns: it, belonging to @entries; NULL where it is
 * not known.
 */
const struct pl_entry_line *pl_entry_lines_find (const GPtrArray *entries, const GPtrArray *running,
                                                 const char *kernel, guint *n_found, guint *n_opaque);

/**
 * pl_entry_line_set - the text with kernel parameters in the options of one entry
 * @old: the text that the entry was read of
 *
 * All other bytes stay. Returns: the new text, @old itself (with a reference more) where nothing is to
 * change; NULL with PL_ERROR_FAILED and "line 2: ..." where the options cannot be edited. Free with
 * g_bytes_unref().
 */
GBytes *pl_entry_line_set (GBytes *old, const struct pl_entry_line *entry, const char *const *parameters,
                           GError **error);
