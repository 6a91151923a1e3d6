/* modprobe_text.h - the editor of files in /etc/modprobe.d. */
#pragma once

#include <glib.h>

/* What modprobe shall know. */
struct pl_modprobe_wishes {
  /* Of "options vfio-pci ids=": "1002:731f", "1002:731f:1043:04e8"; NULL or empty: none. */
  const char *const *vfio_ids;
  const char *const *softdeps; /* modules that shall have "softdep NAME pre: vfio-pci"; NULL or empty: none */
};

/**
 * pl_modprobe_text_add - the text of one file with what is wished in it
 * @old: the whole file; NULL: there is none, a new one is made
 * @others: the texts of the other files of the folder, GBytes *: what one of them says already is not said
 * again; NULL: none
 *
 * Where the file has an "options vfio-pci" (or vfio_pci) line with "ids=", the ids that it lacks are added to
 * that word; where it has such a line without "ids=", the word is added to it; else a line "options vfio-pci
 * ids=..." is added. Ids are the same where the numbers are that the kernel would read. A softdep that the
 * file has with other modules gets vfio-pci into its "pre:" part, in front; else a line is added.
 * Continuation lines (a backslash at the end), comments, blanks and order stay as they are: every byte of
 * @old is in the new text.
 *
 * Of several "ids=" the kernel takes the last, of several softdeps of a module modprobe the first, over all
 * files in the order of their names. That order is not known here, so it is an error where another file has
 * one that lacks what is wished. The softdep that a module brings along is one more such file, named
 * "modules.softdep", in /lib/modules: for a module that has one the caller gives its lines among @others, or
 * chooses a name for the file that sorts before it.
 *
 * Also an error, with "line 3: ..." of the file or of another: an install or blacklist line of vfio-pci; a
 * module with an install command, which a new softdep would switch off; two "ids=" in the file that are not
 * complete; a softdep with a pattern that lacks vfio-pci; a list longer than the kernel's 1023 characters; an
 * open quote, a word in the options that is no parameter, an id that the kernel would not take, a word of the
 * softdep in front of its parts, a byte 0, a backslash at the end of the file.
 *
 * Returns: the new text, @old itself (with a reference more) where nothing is to change (the empty text where
 * there is none); NULL with PL_ERROR_FAILED where it is an error. Free with g_bytes_unref().
 *
 * Source: man 5 modprobe.d; kmod 30 and 34, libkmod-config.c and libkmod-module.c.
 */
GBytes *pl_modprobe_text_add (GBytes *old, const struct pl_modprobe_wishes *wishes, GPtrArray *others,
                              GError **error);
