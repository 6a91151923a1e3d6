/* posix.c - the live system and a mounted one behind the door. */
#include "base/descriptor.h"
#include "base/error.h"
#include "base/process.h"
#include "base/recorder.h"
#include "base/root_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

struct posix_root {
  struct pl_root base;
  int descriptor;
};

/* Opens a path from the top; on the live root a plain openat() does the same and is cheaper. */
static int
open_from_top (const struct posix_root *root, const char *path, int flags)
{
  return root->base.kind == PL_ROOT_LIVE ? openat (root->descriptor, path, flags)
                                         : pl_descriptor_open_in_root (root->descriptor, path, flags);
}

static int
posix_open (struct pl_root *base, const struct pl_directory *parent, const char *path, int *descriptor)
{
  struct posix_root *root = (struct posix_root *) base;
  const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  if (parent == NULL) {
    *descriptor = open_from_top (root, path, flags);
  } else if (parent->state != PL_KNOWN) {
    return parent->last_errno;
  } else if (base->kind == PL_ROOT_LIVE) {
    *descriptor = openat (parent->descriptor, path, flags);
  } else {
    g_autofree char *whole = pl_directory_path (parent);
    g_autofree char *inside = g_strconcat (whole, "/", path, NULL);
    *descriptor = pl_descriptor_open_in_root (root->descriptor, inside, flags);
  }
  return *descriptor >= 0 ? 0 : errno;
}

/* Reads to the end. A short answer ends the file where @is_sysfs: an attribute is one record of at most a
 * page, given whole to a buffer of a page. Source: fs/sysfs/file.c, sysfs_kf_seq_show(); fs/seq_file.c,
 * seq_read_iter(). */
static int
read_to_end (int descriptor, struct pl_buffer *buffer, bool is_sysfs)
{
  gsize size = 0;
  for (;;) {
    if (buffer->capacity < size + 4097) {
      buffer->capacity = MAX (2 * buffer->capacity, 8192);
      buffer->bytes = g_realloc (buffer->bytes, buffer->capacity);
    }
    gsize room = buffer->capacity - size - 1;
    ssize_t got = read (descriptor, buffer->bytes + size, room);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return errno;
    size += (gsize) got;
    if (size > PL_FILE_LIMIT_BYTES)
      return EFBIG;
    if (got == 0 || (is_sysfs && (gsize) got < room))
      break;
  }
  buffer->bytes[size] = '\0';
  buffer->size = size;
  return 0;
}

static bool
is_below_sys (const struct pl_directory *directory)
{
  while (directory->path == NULL)
    directory = directory->parent;
  return strncmp (directory->path, "sys/", 4) == 0;
}

static int
posix_read (struct pl_root *base, struct pl_directory *directory, const char *name, struct pl_buffer *buffer)
{
  struct posix_root *root = (struct posix_root *) base;
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  int descriptor = openat (directory->descriptor, name, flags | O_NOFOLLOW);
  if (descriptor < 0 && errno == ELOOP) {
    g_autofree char *parent = pl_directory_path (directory);
    g_autofree char *whole = g_strconcat (parent, "/", name, NULL);
    descriptor = open_from_top (root, whole, flags);
  }
  if (descriptor < 0)
    return errno;

  /* A tree is anybody's: a FIFO or a device there must not be read. On the live root only root could put one.
   */
  struct stat status;
  int result = 0;
  if (base->kind == PL_ROOT_TREE && fstat (descriptor, &status) != 0)
    result = errno;
  else if (base->kind == PL_ROOT_TREE && !S_ISREG (status.st_mode))
    result = S_ISDIR (status.st_mode) ? EISDIR : EINVAL;
  else
    result = read_to_end (descriptor, buffer, is_below_sys (directory));
  close (descriptor);
  return result;
}

static int
posix_list (struct pl_root *base, struct pl_directory *directory, GPtrArray *names)
{
  (void) base;
  int descriptor = openat (directory->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return errno;
  DIR *stream = fdopendir (descriptor);
  if (stream == NULL) {
    int result = errno;
    close (descriptor);
    return result;
  }
  int result = 0;
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir (stream);
    if (entry == NULL) {
      result = errno;
      break;
    }
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      g_ptr_array_add (names, g_strdup (entry->d_name));
  }
  closedir (stream);
  return result;
}

static int
posix_link (struct pl_root *base, struct pl_directory *directory, const char *name, char *target, gsize size)
{
  (void) base;
  ssize_t length = readlinkat (directory->descriptor, name, target, size - 1);
  if (length < 0) {
    target[0] = '\0';
    return errno;
  }
  target[length] = '\0';
  return 0;
}

/* Appends one record of /dev/kmsg, "prio,seq,microseconds,flags;text\n KEY=value\n", as dmesg prints it. */
static void
append_record (GString *log, char *record)
{
  unsigned long long microseconds = 0;
  char *text = strchr (record, ';');
  if (text == NULL || sscanf (record, "%*[^,],%*[^,],%llu", &microseconds) != 1)
    return;
  text++;
  g_string_append_printf (log, "[%5llu.%06llu] %.*s\n", microseconds / 1000000, microseconds % 1000000,
                          (int) strcspn (text, "\n"), text);
}

/* The ring buffer as a whole, for where /dev/kmsg is not there (containers). Source: man 2 syslog, actions
 * 3, 10. */
static int
read_ring_buffer (struct pl_buffer *buffer)
{
  enum { READ_ALL = 3, SIZE_BUFFER = 10 };
  int size = klogctl (SIZE_BUFFER, NULL, 0);
  if (size < 0)
    return errno;
  g_autofree char *text = g_malloc ((gsize) size + 1);
  int got = klogctl (READ_ALL, text, size);
  if (got < 0)
    return errno;
  text[got] = '\0';
  GString *log = g_string_new (NULL);
  for (char *line = text; *line != '\0';) {
    gsize length = strcspn (line, "\n");
    /* "<6>[    0.000000] text" */
    const char *mark = line[0] == '<' ? memchr (line, '>', length) : NULL;
    const char *begin = mark != NULL ? mark + 1 : line;
    g_string_append_len (log, begin, line + length - begin);
    g_string_append_c (log, '\n');
    line += length + (line[length] == '\n');
  }
  pl_buffer_set (buffer, log->str, log->len);
  g_string_free (log, TRUE);
  return 0;
}

static int
posix_log (struct pl_root *base, struct pl_buffer *buffer)
{
  struct posix_root *root = (struct posix_root *) base;
  if (base->kind == PL_ROOT_TREE)
    return PL_NOT_RECORDED;
  int descriptor = openat (root->descriptor, "dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0)
    return errno == ENOENT ? read_ring_buffer (buffer) : errno;

  GString *log = g_string_new (NULL);
  char record[8193];
  int result = 0;
  for (;;) {
    ssize_t got = read (descriptor, record, sizeof record - 1);
    if (got > 0) {
      record[got] = '\0';
      append_record (log, record);
      continue;
    }
    /* EPIPE: records were overwritten while reading; the next read goes on behind them. EAGAIN: the end. */
    if (got < 0 && (errno == EPIPE || errno == EINTR))
      continue;
    if (got < 0 && errno != EAGAIN)
      result = errno;
    break;
  }
  close (descriptor);
  if (result == 0)
    pl_buffer_set (buffer, log->str, log->len);
  g_string_free (log, TRUE);
  return result;
}

static int
posix_run (struct pl_root *base, const char *const *argv, int timeout_ms, struct pl_buffer *buffer)
{
  return base->kind == PL_ROOT_LIVE ? pl_process_run (argv, timeout_ms, buffer) : PL_NOT_RECORDED;
}

/* The host's name, and that of the person at the keyboard. */
static void
posix_hand_in_secrets (struct pl_root *base, struct pl_recorder *recorder)
{
  struct utsname name;
  if (base->kind != PL_ROOT_LIVE)
    return;
  if (uname (&name) == 0) {
    name.nodename[strcspn (name.nodename, ".")] = '\0';
    pl_recorder_add_secret (recorder, PL_SECRET_HOST, name.nodename);
  }
  static const char *const variables[] = { "SUDO_USER", "USER", "LOGNAME" };
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++) {
    const char *user = g_getenv (variables[i]);
    if (user != NULL)
      pl_recorder_add_secret (recorder, PL_SECRET_USER, user);
  }
}

static void
posix_close (struct pl_root *base)
{
  struct posix_root *root = (struct posix_root *) base;
  close (root->descriptor);
  g_free ((char *) base->host.release);
  g_free ((char *) base->host.architecture);
  g_free (root);
}

static const struct pl_root_operations posix_operations = {
  .open = posix_open,
  .read = posix_read,
  .list = posix_list,
  .link = posix_link,
  .log = posix_log,
  .run = posix_run,
  .hand_in_secrets = posix_hand_in_secrets,
  .close = posix_close,
};

static struct posix_root *
new_root (enum pl_root_kind kind, int descriptor)
{
  struct posix_root *root = g_new0 (struct posix_root, 1);
  root->base.operations = &posix_operations;
  root->base.kind = kind;
  root->base.host.uid_state = PL_KNOWN;
  root->base.host.uid = geteuid ();
  root->descriptor = descriptor;
  return root;
}

struct pl_root *
pl_root_open_live (GError **error)
{
  int descriptor = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    pl_error_set (error, PL_ERROR_FAILED, "/", NULL, "/: %s", g_strerror (errno));
    return NULL;
  }
  struct posix_root *root = new_root (PL_ROOT_LIVE, descriptor);
  struct utsname name;
  if (uname (&name) == 0) {
    root->base.host.release = g_strdup (name.release);
    root->base.host.architecture = g_strdup (name.machine);
  }
  return &root->base;
}

struct pl_root *
pl_root_open_tree (const char *directory, GError **error)
{
  int descriptor = open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    pl_error_set (error, PL_ERROR_FAILED, directory,
                  errno == ENOTDIR
                      ? "a file is read with --machine FILE; --root takes the directory where a system is "
                        "mounted"
                      : "--root takes the directory where a system is mounted",
                  "%s: %s", directory, g_strerror (errno));
    return NULL;
  }
  struct posix_root *root = new_root (PL_ROOT_TREE, descriptor);
  int probe = pl_descriptor_open_in_root (root->descriptor, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (probe < 0) {
    pl_error_set (error, PL_ERROR_FAILED, directory,
                  "boot a system with Linux 5.6 or later, or chroot into the system and "
                  "run pcilend there without --root",
                  "%s: this kernel cannot keep links inside a mounted system: openat2: %s", directory,
                  g_strerror (errno));
    posix_close (&root->base);
    return NULL;
  }
  close (probe);
  return &root->base;
}
