/* paste.h - a machine from what a person would post in a forum.
 *
 * Takes any mixture of group listings, lspci in its forms, kernel log, with prose around. It fills the same
 * struct through the same setters as a root does; evidence is the line of the text. What the text does not
 * say stays unread.
 */
#pragma once

#include "machine/machine.h"

/* The most that a text may hold. */
#define PL_PASTE_LIMIT_BYTES (64u * 1024 * 1024)

/**
 * pl_paste_read - everything of use in @text
 * @machine: new, of PL_SOURCE_TEXT
 * @name: the file's name, for evidence and errors
 *
 * Later statements win; where they differ from earlier ones of the same kind, the machine gets a note. Time
 * is linear in @size, memory bounded by what is found. Errors: nothing of use was found; more than
 * PL_PASTE_LIMIT_BYTES.
 */
bool pl_paste_read (struct pl_machine *machine, const char *name, const char *text, gsize size,
                    GError **error);
