/* module_alias.h - which modules say that they drive a PCI function: modules.alias as an index by ids.
 *
 * Add every function of the machine, then give the lines of the file, then look up:
 *
 *     struct pl_aliases *aliases = pl_aliases_new ();
 *     pl_aliases_add_function (aliases, &modalias);
 *     if (pl_aliases_is_wanted (line, length, aliases)) pl_aliases_add_line (aliases, line, length);
 *     names = pl_aliases_find (aliases, &modalias);
 */
#pragma once

#include "machine/modalias.h"

struct pl_aliases;

struct pl_aliases *pl_aliases_new (void);
void pl_aliases_free (struct pl_aliases *aliases);

/* Of functions with the same ids and class one counts for all. */
void pl_aliases_add_function (struct pl_aliases *aliases, const struct pl_modalias *function);

/* Whether a line of modules.alias fits any function; a pl_line_filter, @data is the struct pl_aliases. */
bool pl_aliases_is_wanted (const char *line, gsize length, void *data);

/* Notes the line's module for each function that it fits. */
void pl_aliases_add_line (struct pl_aliases *aliases, const char *line, gsize length);

/* The modules of a function that was added, in the order of the file, each once: char *, with '_' for '-'.
 * The list belongs to @aliases. */
const GPtrArray *pl_aliases_find (const struct pl_aliases *aliases, const struct pl_modalias *function);

/* Whether so many patterns for whole vendors stood there that looking through them was given up. */
bool pl_aliases_gave_up (const struct pl_aliases *aliases);
