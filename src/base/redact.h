/* redact.h - stable stand-ins for secrets in a text. Used by the recorder.
 *
 * Calling sequence: pl_redactor_add() for what is known to be secret, pl_redactor_collect() for every text
 * there is, pl_redactor_number(), then pl_redactor_append() for every text. The stand-ins of a kind are
 * numbered in the order of the values, so that stand-ins are their own stand-ins.
 */
#pragma once

#include "base/root.h"

struct pl_redactor;

struct pl_redactor *pl_redactor_new (void);
void pl_redactor_free (struct pl_redactor *redactor);

/* A value that is to be replaced wherever it stands as a whole word. UUIDs and MACs need not be handed in. */
void pl_redactor_add (struct pl_redactor *redactor, enum pl_secret kind, const char *value);

/* Finds the secrets in @text; the values that were handed in only @with_words. */
void pl_redactor_collect (struct pl_redactor *redactor, const char *text, gsize size, bool with_words);

/* Gives each secret that was found its stand-in. */
void pl_redactor_number (struct pl_redactor *redactor);

/* Appends @text to @out with every secret replaced; before pl_redactor_number() it is pl_redactor_collect()
 * and appends the text as it is. */
void pl_redactor_append (struct pl_redactor *redactor, GString *out, const char *text, gsize size,
                         bool with_words);

/* How many different values are replaced. */
guint pl_redactor_n_replaced (const struct pl_redactor *redactor, enum pl_secret kind);

/**
 * pl_redact_command_line - appends a kernel command line without what is nobody's business
 *
 * People give passwords, names and network addresses to the kernel and to what runs before the root is there.
 * The values of parameters that this program or a reader of a recording has a use for stay, of all others
 * only the name and its "=". Of root= and resume= a label goes, too. What it appends it would append again.
 */
void pl_redact_command_line (GString *out, const char *text, gsize size);

/**
 * pl_redact_boot_file - the same for a file that holds kernel command lines
 * @only: only lines with this text in them are looked at; NULL: all
 *
 * A password of the loader's own goes, too. Quotes, comments and all else stay, so that the file is what it
 * was for an editor. For /etc/default/grub (@only "CMDLINE"), refind_linux.conf and their kin.
 */
void pl_redact_boot_file (GString *out, const char *text, gsize size, const char *only);

/* The length of the UUID, or the short number that is called one (UUID=12AB-34CD), that begins at @text; 0:
 * none does. @begin and @end bound what may be looked at. */
gsize pl_redact_match_uuid (const char *text, const char *begin, const char *end);
