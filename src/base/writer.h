/* writer.h - the writing door: the only way to change files of a system. Only change/ uses it.
 *
 * A writer stands on a root directory: "/", or a mounted system. Paths are given without the leading slash,
 * and no link on the way leads out of the root. What it leaves is whole at every moment: a file is written
 * beside its place, synced, renamed over it, and its directory is synced; a killed process leaves the old
 * file or the new one, and perhaps the one beside it (".NAME.pcilend"), which the next attempt replaces and
 * pl_writer_tidy() removes.
 *
 * Errors are PL_ERROR_FAILED with the path; nothing is changed then but where the call says so.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_writer;

/* @directory: "/" or where the system is mounted. Free with pl_writer_close(). */
struct pl_writer *pl_writer_open (const char *directory, GError **error);

/* Takes NULL. */
void pl_writer_close (struct pl_writer *writer);

/* What stands at a path. */
enum pl_entry { PL_ENTRY_NONE, PL_ENTRY_FILE, PL_ENTRY_DIRECTORY };

/**
 * pl_writer_look - what stands at @path
 * @bytes: set to a file's content, else to NULL; free with g_bytes_unref(). NULL: not wanted
 *
 * Errors: a link, a device, or whatever else is not to be replaced; a file that cannot be read.
 */
bool pl_writer_look (struct pl_writer *writer, const char *path, enum pl_entry *entry, GBytes **bytes,
                     GError **error);

/**
 * pl_writer_put - the file @path with these bytes
 * @like: a file whose mode, owner and extended attributes it gets; NULL: mode 0644, owned by the caller
 */
bool pl_writer_put (struct pl_writer *writer, const char *path, GBytes *bytes, const char *like,
                    GError **error);

/* The same, with this mode in any case; 0: as above. */
bool pl_writer_put_mode (struct pl_writer *writer, const char *path, GBytes *bytes, const char *like,
                         unsigned mode, GError **error);

/* The file @to with the bytes, mode, owner, times and extended attributes of @from. */
bool pl_writer_copy (struct pl_writer *writer, const char *from, const char *to, GError **error);

/* One that is not there is fine. */
bool pl_writer_remove (struct pl_writer *writer, const char *path, GError **error);

/**
 * pl_writer_measure - how large the file @path is (0: not there), and how much room its file system has for a
 * user who is not root
 */
bool pl_writer_measure (struct pl_writer *writer, const char *path, guint64 *size_bytes, guint64 *free_bytes,
                        GError **error);

/* Removes what a killed attempt to put @path may have left beside it. */
bool pl_writer_tidy (struct pl_writer *writer, const char *path, GError **error);

/* One that is there is fine. The directory above must be there. */
bool pl_writer_make_directory (struct pl_writer *writer, const char *path, unsigned mode, GError **error);

/* One that is not there, or not empty, is fine. */
bool pl_writer_remove_directory (struct pl_writer *writer, const char *path, GError **error);

/* Removes a directory with all that is in it. */
bool pl_writer_remove_all (struct pl_writer *writer, const char *path, GError **error);

/* Renames @path to @name in the same directory; that nothing stands there is the caller's care. */
bool pl_writer_rename (struct pl_writer *writer, const char *path, const char *name, GError **error);

/* The names in a directory, sorted by byte; empty where it is not there. Free with g_ptr_array_unref(). */
GPtrArray *pl_writer_list (struct pl_writer *writer, const char *path, GError **error);

/**
 * pl_writer_lock - one at a time: holds the lock file @path until the writer is closed
 *
 * The kernel drops the lock of a process that was killed. Errors: another process holds it; the phrase names
 * its number.
 */
bool pl_writer_lock (struct pl_writer *writer, const char *path, GError **error);
