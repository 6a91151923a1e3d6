/* recording.h - a machine as one text file, and the way to read it as a root.
 *
 * The form, version 1. Lines that begin with "#" are comments. The first other line is "pcilend recording 1",
 * the last one "@end". "@PATH" begins a directory; below it one entry a line, its name escaped as \xNN where
 * it holds a blank, a backslash or a byte that is not printable ASCII:
 *
 *     name = text        content: the text and a newline
 *     name =~ text       content: the text, no newline behind it
 *     name |             content: the lines below, each with a tab before it
 *     name |~            the same, without the last newline
 *     name x             content in hexadecimal, on the lines below, each with a tab before it
 *     name -> target     a symbolic link
 *     name/ |            a directory's names, on the lines below, each with a tab before it
 *     name -             not there (ENOENT); name/ - a directory that is not there
 *     name ! EACCES      another error; name/ ! EACCES of a directory
 *
 * Four parts are no directories: "@" (what was replaced), "@host" (uid, release, architecture), "@log"
 * (kernel), "@run" (output of programs) and "@names" (of the ids that occur). What is not in the file is
 * unread, never absent.
 */
#pragma once

#include "base/root.h"

/* The most that a recording may hold. */
#define PL_RECORDING_LIMIT_BYTES (256u * 1024 * 1024)

/* Whether the text is a recording at all: its first line that is no comment says so. */
bool pl_recording_is_one (const char *text, gsize size);

/**
 * pl_root_open_recording - the machine in a recording
 * @name: the file's name, for errors; copied
 * @text: a reference is taken
 *
 * Errors (PL_ERROR_FAILED with path, line and remedy): another version, no "@end" (truncated), a line of no
 * known form, two answers about one path.
 */
struct pl_root *pl_root_open_recording (const char *name, GBytes *text, GError **error);

/* Calls @each for every name of "@names". Nothing on a root that is no recording. */
void pl_recording_names (struct pl_root *root, void (*each) (const char *key, const char *name, void *data),
                         void *data);
