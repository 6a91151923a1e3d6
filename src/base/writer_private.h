/* writer_private.h - what the parts of the writing door share. */
#pragma once

#include "base/writer.h"

struct pl_writer {
  int root; /* O_PATH */
  int lock; /* -1: none */
};

/* The directory that a path lies in, opened, and its last name. */
struct pl_place {
  const char *path;
  int directory; /* readable, so that it can be synced; -1 where it cannot be opened */
  const char *name;
};

bool pl_place_open (struct pl_place *place, struct pl_writer *writer, const char *path, GError **error);
void pl_place_close (struct pl_place *place);

/* PL_ERROR_FAILED for errno at @path; gives false, and leaves errno as it is. */
bool pl_writer_fail (GError **error, const char *path, const char *what);

/* ".NAME.pcilend", where a file is written before it is renamed. Free with g_free(). */
char *pl_place_beside (const struct pl_place *place);

/**
 * pl_copy_metadata - mode, owner and extended attributes of one open file to another
 * @with_times: also when it was read and changed last
 */
bool pl_copy_metadata (int from, int to, bool with_times, const char *path, GError **error);
