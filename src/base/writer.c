/* writer.c - see writer.h. */
#include "base/descriptor.h"
#include "base/error.h"
#include "base/root.h"
#include "base/writer_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Images of a distribution that puts every driver and firmware into them have some hundred megabytes. */
#define LIMIT_BYTES (1024u * 1024 * 1024)

bool
pl_writer_fail (GError **error, const char *path, const char *what)
{
  int number = errno;
  const char *remedy = number == ENOSPC || number == EDQUOT  ? "make room on that file system, then try again"
                       : number == EROFS                     ? "mount it for writing: mount -o remount,rw"
                       : number == EACCES || number == EPERM ? "run it as root"
                                                             : NULL;
  pl_error_set (error, PL_ERROR_FAILED, path, remedy, "/%s: %s%s%s", path, what != NULL ? what : "",
                what != NULL ? ": " : "", g_strerror (number));
  errno = number;
  return false;
}

struct pl_writer *
pl_writer_open (const char *directory, GError **error)
{
  int root = open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) {
    pl_error_set (error, PL_ERROR_FAILED, directory, NULL, "%s: %s", directory, g_strerror (errno));
    return NULL;
  }
  struct pl_writer *writer = g_new (struct pl_writer, 1);
  *writer = (struct pl_writer){ .root = root, .lock = -1 };
  return writer;
}

void
pl_writer_close (struct pl_writer *writer)
{
  if (writer == NULL)
    return;
  if (writer->lock >= 0)
    close (writer->lock);
  close (writer->root);
  g_free (writer);
}

bool
pl_place_open (struct pl_place *place, struct pl_writer *writer, const char *path, GError **error)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *above = slash != NULL ? g_strndup (path, (gsize) (slash - path)) : g_strdup (".");
  *place = (struct pl_place){ .path = path, .name = slash != NULL ? slash + 1 : path, .directory = -1 };
  if (path[0] == '/' || place->name[0] == '\0' || strcmp (place->name, ".") == 0
      || strcmp (place->name, "..") == 0) {
    errno = EINVAL;
    return pl_writer_fail (error, path, "no path of a file");
  }
  place->directory = pl_descriptor_open_in_root (writer->root, above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return place->directory >= 0 || pl_writer_fail (error, path, NULL);
}

void
pl_place_close (struct pl_place *place)
{
  if (place->directory >= 0)
    close (place->directory);
  place->directory = -1;
}

char *
pl_place_beside (const struct pl_place *place)
{
  return g_strconcat (".", place->name, ".pcilend", NULL);
}

static bool
read_all (int descriptor, GBytes **bytes, const char *path, GError **error)
{
  g_autoptr (GByteArray) array = g_byte_array_new ();
  guint8 piece[16384];
  ssize_t got;
  while ((got = read (descriptor, piece, sizeof piece)) != 0) {
    if (got < 0 && errno == EINTR)
      continue;
    if (got > 0 && array->len + (gsize) got > LIMIT_BYTES)
      errno = EFBIG;
    if (got < 0 || array->len + (gsize) got > LIMIT_BYTES)
      return pl_writer_fail (error, path, NULL);
    g_byte_array_append (array, piece, (guint) got);
  }
  *bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  return true;
}

/* The file itself, never what a link names; -1 and the error where it is no plain file. O_NONBLOCK: a pipe
 * would wait for its other end. */
static int
open_plain (const struct pl_place *place, GError **error)
{
  struct stat status;
  int descriptor
      = openat (place->directory, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor >= 0 && fstat (descriptor, &status) == 0 && S_ISREG (status.st_mode))
    return descriptor;
  if (descriptor >= 0) {
    close (descriptor);
    errno = EINVAL;
  }
  if (errno == ELOOP || errno == EINVAL)
    pl_error_set (error, PL_ERROR_FAILED, place->path,
                  "have a file in its place, or make the change to what it names by hand",
                  "/%s: this is a link or a device, and only plain files are changed", place->path);
  else
    pl_writer_fail (error, place->path, NULL);
  return -1;
}

/* Opens the place; where its directory is not there that is no error: *is_absent, and nothing to close. */
static bool
open_place_or_none (struct pl_place *place, struct pl_writer *writer, const char *path, bool *is_absent,
                    GError **error)
{
  g_autoptr (GError) failure = NULL;
  bool is_open = pl_place_open (place, writer, path, &failure);
  *is_absent = !is_open && errno == ENOENT;
  if (!is_open && !*is_absent)
    g_propagate_error (error, g_steal_pointer (&failure));
  return is_open || *is_absent;
}

bool
pl_writer_look (struct pl_writer *writer, const char *path, enum pl_entry *entry, GBytes **bytes,
                GError **error)
{
  struct pl_place place;
  struct stat status;
  *entry = PL_ENTRY_NONE;
  if (bytes != NULL)
    *bytes = NULL;
  bool is_absent;
  if (!open_place_or_none (&place, writer, path, &is_absent, error) || is_absent)
    return is_absent;
  bool done = true;
  if (fstatat (place.directory, place.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    done = errno == ENOENT || pl_writer_fail (error, path, NULL);
  } else if (S_ISDIR (status.st_mode)) {
    *entry = PL_ENTRY_DIRECTORY;
  } else {
    int descriptor = open_plain (&place, error);
    done = descriptor >= 0 && (bytes == NULL || read_all (descriptor, bytes, path, error));
    *entry = PL_ENTRY_FILE;
    if (descriptor >= 0)
      close (descriptor);
  }
  pl_place_close (&place);
  return done;
}

/* Writes beside, with the metadata of @like (-1: mode 0644), with @mode where that is not 0, and renames. */
static bool
replace (const struct pl_place *place, GBytes *bytes, int like, unsigned mode, bool with_times,
         GError **error)
{
  g_autofree char *beside = pl_place_beside (place);
  if (unlinkat (place->directory, beside, 0) != 0 && errno != ENOENT)
    return pl_writer_fail (error, place->path, NULL);
  int descriptor
      = openat (place->directory, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return pl_writer_fail (error, place->path, NULL);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  bool done = pl_descriptor_write_all (descriptor, data, size) || pl_writer_fail (error, place->path, NULL);
  if (done && like >= 0)
    done = pl_copy_metadata (like, descriptor, with_times, place->path, error);
  else
    mode = mode != 0 ? mode : 0644;
  if (done && mode != 0)
    done = fchmod (descriptor, (mode_t) mode) == 0 || pl_writer_fail (error, place->path, NULL);
  if (done)
    done = fsync (descriptor) == 0 || pl_writer_fail (error, place->path, NULL);
  if (close (descriptor) != 0 && done)
    done = pl_writer_fail (error, place->path, NULL);
  if (done)
    done = renameat (place->directory, beside, place->directory, place->name) == 0
           || pl_writer_fail (error, place->path, NULL);
  if (!done)
    unlinkat (place->directory, beside, 0);
  return done && (fsync (place->directory) == 0 || pl_writer_fail (error, place->path, "its directory"));
}

/* Opens @path to read it; -1 and the error. */
static int
open_source (struct pl_writer *writer, const char *path, GError **error)
{
  struct pl_place place;
  if (!pl_place_open (&place, writer, path, error))
    return -1;
  int descriptor = open_plain (&place, error);
  pl_place_close (&place);
  return descriptor;
}

bool
pl_writer_put (struct pl_writer *writer, const char *path, GBytes *bytes, const char *like, GError **error)
{
  return pl_writer_put_mode (writer, path, bytes, like, 0, error);
}

bool
pl_writer_put_mode (struct pl_writer *writer, const char *path, GBytes *bytes, const char *like,
                    unsigned mode, GError **error)
{
  struct pl_place place;
  int source = like != NULL ? open_source (writer, like, error) : -1;
  if (like != NULL && source < 0)
    return false;
  bool done
      = pl_place_open (&place, writer, path, error) && replace (&place, bytes, source, mode, false, error);
  pl_place_close (&place);
  if (source >= 0)
    close (source);
  return done;
}

bool
pl_writer_copy (struct pl_writer *writer, const char *from, const char *to, GError **error)
{
  struct pl_place place;
  g_autoptr (GBytes) bytes = NULL;
  int source = open_source (writer, from, error);
  if (source < 0)
    return false;
  bool done = read_all (source, &bytes, from, error);
  if (done) {
    done = pl_place_open (&place, writer, to, error) && replace (&place, bytes, source, 0, true, error);
    pl_place_close (&place);
  }
  close (source);
  return done;
}

/* Removes one name; what is not there counts as removed, and so, with @may_stay, does a directory in use. */
static bool
take_away (const struct pl_place *place, const char *name, int flags, bool may_stay, GError **error)
{
  if (unlinkat (place->directory, name, flags) != 0) {
    if (errno == ENOENT || (may_stay && (errno == ENOTEMPTY || errno == EEXIST)))
      return true;
    /* A file system that is mounted read-only says so before it looks. */
    struct stat status;
    if (errno == EROFS && fstatat (place->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0
        && errno == ENOENT)
      return true;
    errno = errno == ENOENT ? EROFS : errno;
    return pl_writer_fail (error, place->path, NULL);
  }
  return fsync (place->directory) == 0 || pl_writer_fail (error, place->path, "its directory");
}

static bool
take_path_away (struct pl_writer *writer, const char *path, bool beside, int flags, bool may_stay,
                GError **error)
{
  struct pl_place place;
  bool is_absent;
  if (!open_place_or_none (&place, writer, path, &is_absent, error) || is_absent)
    return is_absent;
  g_autofree char *name = beside ? pl_place_beside (&place) : g_strdup (place.name);
  bool done = take_away (&place, name, flags, may_stay, error);
  pl_place_close (&place);
  return done;
}

bool
pl_writer_remove (struct pl_writer *writer, const char *path, GError **error)
{
  return take_path_away (writer, path, false, 0, false, error);
}

bool
pl_writer_tidy (struct pl_writer *writer, const char *path, GError **error)
{
  return take_path_away (writer, path, true, 0, false, error);
}

bool
pl_writer_remove_directory (struct pl_writer *writer, const char *path, GError **error)
{
  return take_path_away (writer, path, false, AT_REMOVEDIR, true, error);
}

bool
pl_writer_make_directory (struct pl_writer *writer, const char *path, unsigned mode, GError **error)
{
  struct pl_place place;
  if (!pl_place_open (&place, writer, path, error))
    return false;
  bool is_there = mkdirat (place.directory, place.name, (mode_t) mode) != 0;
  bool done = !is_there || errno == EEXIST || pl_writer_fail (error, path, NULL);
  /* The mode is that which was asked for, whatever the mask of who called. */
  if (!is_there)
    done
        = fchmodat (place.directory, place.name, (mode_t) mode, 0) == 0 || pl_writer_fail (error, path, NULL);
  if (!is_there && done)
    done = fsync (place.directory) == 0 || pl_writer_fail (error, path, "its directory");
  pl_place_close (&place);
  return done;
}

bool
pl_writer_remove_all (struct pl_writer *writer, const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = pl_writer_list (writer, path, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    g_autofree char *inside = g_strconcat (path, "/", g_ptr_array_index (names, i), NULL);
    enum pl_entry entry;
    if (!pl_writer_look (writer, inside, &entry, NULL, error))
      return false;
    if (!(entry == PL_ENTRY_DIRECTORY ? pl_writer_remove_all (writer, inside, error)
                                      : pl_writer_remove (writer, inside, error)))
      return false;
  }
  return names != NULL && pl_writer_remove_directory (writer, path, error);
}

bool
pl_writer_rename (struct pl_writer *writer, const char *path, const char *name, GError **error)
{
  struct pl_place place;
  if (!pl_place_open (&place, writer, path, error))
    return false;
  /* Source: man 2 renameat2, RENAME_NOREPLACE. */
  bool done = renameat2 (place.directory, place.name, place.directory, name, RENAME_NOREPLACE) == 0
              && fsync (place.directory) == 0;
  if (!done)
    pl_writer_fail (error, path, NULL);
  pl_place_close (&place);
  return done;
}

static int
compare_names (const void *left, const void *right)
{
  return strcmp (*(char *const *) left, *(char *const *) right);
}

GPtrArray *
pl_writer_list (struct pl_writer *writer, const char *path, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  int descriptor = pl_descriptor_open_in_root (writer->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT)
    return g_steal_pointer (&names);
  DIR *directory = descriptor >= 0 ? fdopendir (descriptor) : NULL;
  if (directory == NULL) {
    pl_writer_fail (error, path, NULL);
    if (descriptor >= 0)
      close (descriptor);
    return NULL;
  }
  struct dirent *entry;
  while (errno = 0, (entry = readdir (directory)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  bool done = errno == 0 || pl_writer_fail (error, path, NULL);
  closedir (directory);
  g_ptr_array_sort (names, compare_names);
  return done ? g_steal_pointer (&names) : NULL;
}

bool
pl_writer_lock (struct pl_writer *writer, const char *path, GError **error)
{
  struct pl_place place;
  if (!pl_place_open (&place, writer, path, error))
    return false;
  writer->lock = openat (place.directory, place.name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  pl_place_close (&place);
  if (writer->lock < 0)
    return pl_writer_fail (error, path, NULL);
  char text[32] = "";
  if (flock (writer->lock, LOCK_EX | LOCK_NB) != 0) {
    bool is_held = errno == EWOULDBLOCK;
    if (is_held && read (writer->lock, text, sizeof text - 1) > 0)
      text[strcspn (text, "\n")] = '\0';
    if (is_held)
      pl_error_set (error, PL_ERROR_FAILED, path, "wait until it is done, then try again",
                    "/%s: another pcilend is changing this system%s%s", path,
                    text[0] != '\0' ? ": process " : "", text);
    else
      pl_writer_fail (error, path, NULL);
    close (writer->lock);
    writer->lock = -1;
    return false;
  }
  g_snprintf (text, sizeof text, "%ld\n", (long) getpid ());
  return (ftruncate (writer->lock, 0) == 0 && pwrite (writer->lock, text, strlen (text), 0) > 0)
         || pl_writer_fail (error, path, NULL);
}

bool
pl_writer_measure (struct pl_writer *writer, const char *path, guint64 *size_bytes, guint64 *free_bytes,
                   GError **error)
{
  struct pl_place place;
  struct statvfs room;
  struct stat status;
  if (!pl_place_open (&place, writer, path, error))
    return false;
  bool is_there = fstatat (place.directory, place.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
  bool done = fstatvfs (place.directory, &room) == 0 || pl_writer_fail (error, path, NULL);
  *size_bytes = is_there && S_ISREG (status.st_mode) ? (guint64) status.st_size : 0;
  *free_bytes = done ? (guint64) room.f_bavail * room.f_frsize : 0;
  pl_place_close (&place);
  return done;
}
