/* root.c - the door's front: states, directories, and the tee. Whole paths: root_path.c. The ways behind:
 * posix.c, recording.c. */
#include "base/root.h"

#include "base/recorder.h"
#include "base/root_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
pl_state_name (enum pl_state state)
{
  static const char *const names[] = { "unread", "absent", "denied", "invalid", "known" };
  return names[state];
}

enum pl_state
pl_state_from_errno (int number)
{
  switch (number) {
  case 0:
    return PL_KNOWN;
  case PL_NOT_RECORDED:
    return PL_UNREAD;
  case ENOENT:
  case ENOTDIR:
    return PL_ABSENT;
  case EACCES:
  case EPERM:
    return PL_DENIED;
  default:
    return PL_INVALID;
  }
}

void
pl_buffer_clear (struct pl_buffer *buffer)
{
  g_free (buffer->bytes);
  *buffer = (struct pl_buffer) PL_BUFFER_INIT;
}

void
pl_buffer_set (struct pl_buffer *buffer, const char *bytes, gsize size)
{
  if (buffer->capacity < size + 1) {
    buffer->capacity = MAX (size + 1, 4096);
    buffer->bytes = g_realloc (buffer->bytes, buffer->capacity);
  }
  if (size > 0)
    memmove (buffer->bytes, bytes, size);
  buffer->bytes[size] = '\0';
  buffer->size = size;
}

enum pl_root_kind
pl_root_kind (const struct pl_root *root)
{
  return root->kind;
}

const struct pl_host *
pl_root_host (const struct pl_root *root)
{
  return &root->host;
}

void
pl_root_set_recorder (struct pl_root *root, struct pl_recorder *recorder)
{
  root->recorder = recorder;
  if (recorder == NULL)
    return;
  pl_recorder_add_host (recorder, &root->host);
  root->operations->hand_in_secrets (root, recorder);
}

struct pl_recorder *
pl_root_suspend_recorder (struct pl_root *root)
{
  return g_steal_pointer (&root->recorder);
}

void
pl_root_resume_recorder (struct pl_root *root, struct pl_recorder *recorder)
{
  root->recorder = recorder;
}

void
pl_root_add_secret (struct pl_root *root, enum pl_secret kind, const char *value)
{
  if (root->recorder != NULL)
    pl_recorder_add_secret (root->recorder, kind, value);
}

void
pl_root_close (struct pl_root *root)
{
  if (root != NULL)
    root->operations->close (root);
}

char *
pl_directory_path (const struct pl_directory *directory)
{
  if (directory->path != NULL)
    return g_strdup (directory->path);
  g_autofree char *parent = pl_directory_path (directory->parent);
  return g_strconcat (parent, "/", directory->name, NULL);
}

/* Sets the state of a directory just opened. */
static enum pl_state
opened (struct pl_directory *directory, int result)
{
  directory->state = pl_state_from_errno (result);
  directory->last_errno = MAX (result, 0);
  if (result != 0)
    directory->descriptor = -1;
  return directory->state;
}

/* A directory that cannot be opened stands in a recording as its own path with the error. */
static void
record_failed_open (const struct pl_directory *directory)
{
  struct pl_recorder *recorder = directory->root->recorder;
  if (recorder == NULL || directory->state == PL_KNOWN || directory->state == PL_UNREAD)
    return;
  g_autofree char *path = pl_directory_path (directory);
  pl_recorder_add_error (recorder, path, true, directory->last_errno);
}

enum pl_state
pl_directory_open (struct pl_directory *directory, struct pl_root *root, const char *path)
{
  *directory = (struct pl_directory){ .root = root, .descriptor = -1, .path = g_strdup (path) };
  opened (directory, root->operations->open (root, NULL, path, &directory->descriptor));
  record_failed_open (directory);
  return directory->state;
}

enum pl_state
pl_directory_open_in (struct pl_directory *directory, const struct pl_directory *parent, const char *name)
{
  *directory
      = (struct pl_directory){ .root = parent->root, .descriptor = -1, .parent = parent, .name = name };
  opened (directory, parent->root->operations->open (parent->root, parent, name, &directory->descriptor));
  record_failed_open (directory);
  return directory->state;
}

void
pl_directory_close (struct pl_directory *directory)
{
  if (directory->descriptor >= 0)
    close (directory->descriptor);
  g_free (directory->path);
  directory->descriptor = -1;
  directory->path = NULL;
}

/* Whether an operation may go on; else its state is the directory's own. */
static bool
is_open (struct pl_directory *directory)
{
  return directory->state == PL_KNOWN;
}

static enum pl_state
answered (struct pl_directory *directory, int result)
{
  if (result != 0)
    directory->last_errno = MAX (result, 0);
  return pl_state_from_errno (result);
}

static char *
path_of (const struct pl_directory *directory, const char *name)
{
  g_autofree char *parent = pl_directory_path (directory);
  return strcmp (parent, ".") == 0 ? g_strdup (name) : g_strconcat (parent, "/", name, NULL);
}

/* The tee of a file's content, or of why there is none. */
static void
record_content (const struct pl_directory *directory, const char *name, int result,
                const struct pl_buffer *buffer)
{
  struct pl_recorder *recorder = directory->root->recorder;
  if (recorder == NULL || result == PL_NOT_RECORDED)
    return;
  g_autofree char *path = path_of (directory, name);
  if (result == 0)
    pl_recorder_add_content (recorder, path, buffer->bytes, buffer->size);
  else
    pl_recorder_add_error (recorder, path, false, result);
}

enum pl_state
pl_directory_read (struct pl_directory *directory, const char *name, struct pl_buffer *buffer)
{
  pl_buffer_set (buffer, NULL, 0);
  if (!is_open (directory))
    return directory->state;
  struct pl_root *root = directory->root;
  int result = root->operations->read (root, directory, name, buffer);
  if (result != 0)
    pl_buffer_set (buffer, NULL, 0);
  record_content (directory, name, result, buffer);
  return answered (directory, result);
}

/* Leaves in @buffer what @editor leaves of each line, with a newline. */
static void
edit_lines (struct pl_buffer *buffer, pl_line_editor editor, void *data)
{
  char *out = buffer->bytes, *line = buffer->bytes;
  const char *end = buffer->bytes + buffer->size;
  while (line < end) {
    char *newline = memchr (line, '\n', (gsize) (end - line));
    gsize length = newline != NULL ? (gsize) (newline - line) : (gsize) (end - line);
    gsize kept = editor (line, length, data);
    kept = MIN (kept, length);
    if (kept > 0) {
      memmove (out, line, kept);
      out += kept;
      /* A last line without an end has the byte of the closing NUL to grow into. */
      *out++ = '\n';
    }
    line += length + 1;
  }
  buffer->size = (gsize) (out - buffer->bytes);
  if (buffer->size + 1 > buffer->capacity) {
    buffer->capacity = buffer->size + 1;
    buffer->bytes = g_realloc (buffer->bytes, buffer->capacity);
  }
  buffer->bytes[buffer->size] = '\0';
}

struct filter {
  pl_line_filter wants;
  void *data;
};

/* A filter as an editor. */
static gsize
keep_wanted (char *line, gsize length, void *data)
{
  const struct filter *filter = data;
  return length > 0 && filter->wants (line, length, filter->data) ? length : 0;
}

void
pl_buffer_keep_lines (struct pl_buffer *buffer, pl_line_filter wants, void *data)
{
  edit_lines (buffer, keep_wanted, &(struct filter){ wants, data });
}

enum pl_state
pl_directory_read_edited (struct pl_directory *directory, const char *name, pl_line_editor editor, void *data,
                          struct pl_buffer *buffer)
{
  pl_buffer_set (buffer, NULL, 0);
  if (!is_open (directory))
    return directory->state;
  struct pl_root *root = directory->root;
  int result = root->operations->read (root, directory, name, buffer);
  if (result == 0)
    edit_lines (buffer, editor, data);
  else
    pl_buffer_set (buffer, NULL, 0);
  record_content (directory, name, result, buffer);
  return answered (directory, result);
}

enum pl_state
pl_directory_read_lines (struct pl_directory *directory, const char *name, pl_line_filter filter, void *data,
                         struct pl_buffer *buffer)
{
  return pl_directory_read_edited (directory, name, keep_wanted, &(struct filter){ filter, data }, buffer);
}

static int
compare_names (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

/* Takes away the names that @filter does not want. */
static void
keep_names (GPtrArray *names, pl_line_filter filter, void *data)
{
  guint kept = 0;
  for (guint i = 0; i < names->len; i++) {
    char *name = g_ptr_array_index (names, i);
    if (filter (name, strlen (name), data)) {
      names->pdata[i] = names->pdata[kept];
      names->pdata[kept++] = name;
    }
  }
  g_ptr_array_set_size (names, (int) kept);
}

/* A recording may hold any text for a name; one that is no single component would be asked for as another
 * path. */
static bool
are_components (const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (name[0] == '\0' || strchr (name, '/') != NULL || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
      return false;
  }
  return true;
}

static bool
want_all (const char *name, gsize length, void *data)
{
  (void) name, (void) length, (void) data;
  return true;
}

enum pl_state
pl_directory_list_some (struct pl_directory *directory, pl_line_filter filter, void *data, GPtrArray **names)
{
  *names = g_ptr_array_new_with_free_func (g_free);
  if (!is_open (directory))
    return directory->state;
  struct pl_root *root = directory->root;
  int result = root->operations->list (root, directory, *names);
  if (result == 0 && !are_components (*names))
    result = EILSEQ;
  if (result != 0)
    g_ptr_array_set_size (*names, 0);
  keep_names (*names, filter, data);
  if ((*names)->len > 0)
    qsort ((*names)->pdata, (*names)->len, sizeof (char *), compare_names);
  if (root->recorder != NULL && result != PL_NOT_RECORDED) {
    g_autofree char *path = pl_directory_path (directory);
    if (result == 0)
      pl_recorder_add_names (root->recorder, path, *names);
    else
      pl_recorder_add_error (root->recorder, path, true, result);
  }
  return answered (directory, result);
}

enum pl_state
pl_directory_list (struct pl_directory *directory, GPtrArray **names)
{
  return pl_directory_list_some (directory, want_all, NULL, names);
}

enum pl_state
pl_directory_link (struct pl_directory *directory, const char *name, char *target, gsize size)
{
  target[0] = '\0';
  if (!is_open (directory))
    return directory->state;
  struct pl_root *root = directory->root;
  int result = root->operations->link (root, directory, name, target, size);
  if (root->recorder != NULL && result != PL_NOT_RECORDED) {
    g_autofree char *path = path_of (directory, name);
    if (result == 0)
      pl_recorder_add_link (root->recorder, path, target);
    else
      pl_recorder_add_error (root->recorder, path, false, result);
  }
  return answered (directory, result);
}
