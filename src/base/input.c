/* input.c - see input.h. */
#include "base/input.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static GBytes *
read_all (const char *name, int descriptor, gsize limit_bytes, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize room = 65536;
  g_autofree guint8 *block = g_malloc (room);
  for (;;) {
    ssize_t got = read (descriptor, block, room);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      pl_error_set (error, PL_ERROR_FAILED, name,
                    errno == EISDIR ? "a mounted system is read with --root DIR" : NULL, "%s: %s", name,
                    g_strerror (errno));
      return NULL;
    }
    if (got == 0)
      return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
    if (bytes->len + (gsize) got > limit_bytes) {
      pl_error_set (error, PL_ERROR_FAILED, name, "give the listing alone, without what stands around it",
                    "%s: more than %" G_GSIZE_FORMAT " MiB", name, limit_bytes / (1024 * 1024));
      return NULL;
    }
    g_byte_array_append (bytes, block, (guint) got);
  }
}

GBytes *
pl_input_read (const char *name, gsize limit_bytes, GError **error)
{
  if (strcmp (name, "-") == 0)
    return read_all ("standard input", STDIN_FILENO, limit_bytes, error);

  int descriptor = open (name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    pl_error_set (error, PL_ERROR_FAILED, name,
                  errno == ENOENT
                      ? "give the name of a recording or of a text with a listing, or - for standard input"
                      : NULL,
                  "%s: %s", name, g_strerror (errno));
    return NULL;
  }
  struct stat status;
  GBytes *bytes = NULL;
  if (fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode) && (guint64) status.st_size > limit_bytes)
    pl_error_set (error, PL_ERROR_FAILED, name, "give the listing alone, without what stands around it",
                  "%s: more than %" G_GSIZE_FORMAT " MiB", name, limit_bytes / (1024 * 1024));
  else
    bytes = read_all (name, descriptor, limit_bytes, error);
  close (descriptor);
  return bytes;
}

GBytes *
pl_input_map (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

bool
pl_input_exists (const char *name)
{
  return access (name, F_OK) == 0;
}

bool
pl_input_is_directory (const char *name)
{
  struct stat status;
  return stat (name, &status) == 0 && S_ISDIR (status.st_mode);
}
