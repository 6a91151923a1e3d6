/* recorder.h - writing a recording: what the door was asked, and what it answered.
 *
 * Calling sequence: pl_recorder_new(), pl_root_set_recorder(), let all readers run, pl_recorder_add_name()
 * for the names of the ids that occur, pl_recorder_write(), pl_recorder_free(). The form: recording.h.
 *
 * Secrets are replaced while writing: UUIDs and MAC addresses wherever they stand in a content, a link or a
 * name, and the host name, user names and serial numbers that were handed in. The same value always gets the
 * same stand-in; a stand-in is its own stand-in (redact.h), so that a recording of a recording has the same
 * bytes.
 */
#pragma once

#include "base/root.h"

struct pl_recorder;

/* @keep_secrets: write everything as it is (record --private). */
struct pl_recorder *pl_recorder_new (bool keep_secrets);
void pl_recorder_free (struct pl_recorder *recorder);

/* Called by the door. Paths have no leading slash; a later answer about the same path replaces the earlier
 * one. */
void pl_recorder_add_host (struct pl_recorder *recorder, const struct pl_host *host);
void pl_recorder_add_secret (struct pl_recorder *recorder, enum pl_secret kind, const char *value);
void pl_recorder_add_content (struct pl_recorder *recorder, const char *path, const char *bytes, gsize size);
void pl_recorder_add_link (struct pl_recorder *recorder, const char *path, const char *target);
void pl_recorder_add_names (struct pl_recorder *recorder, const char *path, const GPtrArray *names);
void pl_recorder_add_error (struct pl_recorder *recorder, const char *path, bool is_directory, int number);
void pl_recorder_add_log (struct pl_recorder *recorder, const char *text, gsize size);
void pl_recorder_add_log_error (struct pl_recorder *recorder, int number);
void pl_recorder_add_run (struct pl_recorder *recorder, const char *command, int number, const char *output,
                          gsize size);

/* A name from pci.ids: @key is "1002", "1002:731f", "1002:731f:1043:04e8" or "class 0300". */
void pl_recorder_add_name (struct pl_recorder *recorder, const char *key, const char *name);

/* The finished text. Free with g_string_free(). */
GString *pl_recorder_write (struct pl_recorder *recorder);

/* After pl_recorder_write(): how many values of that kind were replaced. */
guint pl_recorder_n_replaced (const struct pl_recorder *recorder, enum pl_secret kind);

/* "host", "user", "uuid", "mac", "serial". */
const char *pl_secret_name (enum pl_secret kind);
