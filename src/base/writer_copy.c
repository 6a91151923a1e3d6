/* writer_copy.c - what a file has besides its bytes, carried over to another. */
#include "base/writer_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* The names of its extended attributes, each with a NUL; empty where the file system has none. */
static bool
list_attributes (int descriptor, GByteArray *names, const char *path, GError **error)
{
  for (;;) {
    ssize_t size = flistxattr (descriptor, NULL, 0);
    if (size < 0)
      return errno == ENOTSUP || pl_writer_fail (error, path, "its extended attributes");
    g_byte_array_set_size (names, (guint) size);
    ssize_t got = flistxattr (descriptor, (char *) names->data, names->len);
    if (got >= 0) {
      g_byte_array_set_size (names, (guint) got);
      return true;
    }
    if (errno != ERANGE)
      return pl_writer_fail (error, path, "its extended attributes");
  }
}

static bool
read_attribute (int descriptor, const char *name, GByteArray *value, const char *path, GError **error)
{
  for (;;) {
    ssize_t size = fgetxattr (descriptor, name, NULL, 0);
    if (size >= 0)
      g_byte_array_set_size (value, (guint) size);
    ssize_t got = size < 0 ? size : fgetxattr (descriptor, name, value->data, value->len);
    if (got >= 0) {
      g_byte_array_set_size (value, (guint) got);
      return true;
    }
    if (errno != ERANGE)
      return pl_writer_fail (error, path, name);
  }
}

/* Security modules label a new file by themselves, so an attribute that is right already is left alone: to
 * set it may be forbidden. */
static bool
copy_attribute (int from, int to, const char *name, const char *path, GError **error)
{
  g_autoptr (GByteArray) wanted = g_byte_array_new ();
  g_autoptr (GByteArray) has = g_byte_array_new ();
  if (!read_attribute (from, name, wanted, path, error))
    return false;
  if (read_attribute (to, name, has, path, NULL) && has->len == wanted->len
      && (wanted->len == 0 || memcmp (has->data, wanted->data, wanted->len) == 0))
    return true;
  return fsetxattr (to, name, wanted->data, wanted->len, 0) == 0 || pl_writer_fail (error, path, name);
}

bool
pl_copy_metadata (int from, int to, bool with_times, const char *path, GError **error)
{
  struct stat status;
  g_autoptr (GByteArray) names = g_byte_array_new ();
  if (fstat (from, &status) != 0 || fchown (to, status.st_uid, status.st_gid) != 0
      || fchmod (to, status.st_mode & 07777) != 0)
    return pl_writer_fail (error, path, "its mode and owner");
  if (!list_attributes (from, names, path, error))
    return false;
  for (guint at = 0; at < names->len; at += (guint) strlen ((char *) names->data + at) + 1)
    if (!copy_attribute (from, to, (char *) names->data + at, path, error))
      return false;
  const struct timespec times[2] = { status.st_atim, status.st_mtim };
  return !with_times || futimens (to, times) == 0 || pl_writer_fail (error, path, "its times");
}
