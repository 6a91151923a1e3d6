/* mkinitcpio_text.h - the editor of the files that mkinitcpio sources: /etc/mkinitcpio.conf and
 * /etc/mkinitcpio.conf.d/NAME.conf.
 *
 * mkinitcpio writes them one behind the other into one file and lets bash source that. So do these functions
 * with an array of texts; the last assignment counts, wherever it stands.
 *
 * What makes a list uncertain is an error, "line 7: ...": a condition or an expansion in one of its
 * assignments, a command that may set it, another place that names it.
 *
 * Source: mkinitcpio(8), mkinitcpio.conf(5); mkinitcpio v41, mkinitcpio ("Source additional configuration
 * files"), functions, arrayize_config() and add_module().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_mkinitcpio_text_add - the text with these modules in MODULES
 * @old: the whole file
 * @modules: names, ended by NULL, in the order in which they shall be loaded
 *
 * Those that stand there already ('-' and '_' are the same; "vfio?" is vfio, if there is one) are left where
 * they are; the others come in front of all. Nothing else of the file is touched. Without a MODULES a line is
 * added at the end.
 *
 * Returns: the new text, @old itself (with a reference more) where nothing is to change; NULL with
 * PL_ERROR_FAILED. Free with g_bytes_unref().
 */
GBytes *pl_mkinitcpio_text_add (GBytes *old, const char *const *modules, GError **error);

/* The same for files that are read one behind the other: GBytes *, at least one. @at: set to the one whose
 * new text is returned, or that the error is about; one that has no MODULES gets them only where none has. */
GBytes *pl_mkinitcpio_texts_add (const GPtrArray *texts, const char *const *modules, guint *at,
                                 GError **error);

/* Likewise a hook in front of all others in HOOKS; one that stands there already stays where it is. That
 * there is no HOOKS is an error. */
GBytes *pl_mkinitcpio_texts_add_hook (const GPtrArray *texts, const char *hook, guint *at, GError **error);

/* Whether the hook stands in HOOKS. Errors as above. */
bool pl_mkinitcpio_text_has_hook (GBytes *text, const char *hook, bool *has, GError **error);
bool pl_mkinitcpio_texts_have_hook (const GPtrArray *texts, const char *hook, bool *has, guint *at,
                                    GError **error);
