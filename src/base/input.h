/* input.h - files that the user names, and the few of the own system that are not the machine's: pci.ids. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_input_read - the whole of the file @name; "-" is standard input
 * @limit_bytes: a longer input is an error
 *
 * Takes pipes as well as files. Errors (PL_ERROR_FAILED, with path and remedy): not there, not readable, a
 * directory, a device, too long. Returns: the bytes; free with g_bytes_unref().
 */
GBytes *pl_input_read (const char *name, gsize limit_bytes, GError **error);

/* The file at @path mapped into memory, or NULL where it cannot be; free with g_bytes_unref(). */
GBytes *pl_input_map (const char *path);

/* Whether a file or directory of that name is there, of whatever kind. */
bool pl_input_exists (const char *name);

bool pl_input_is_directory (const char *name);
