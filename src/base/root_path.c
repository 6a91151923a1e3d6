/* root_path.c - the door's forms for what stands alone: whole paths, the kernel log, programs; see root.h. */
#include "base/recorder.h"
#include "base/root_private.h"

#include <string.h>
#include <unistd.h>

/* Opens the directory of @path and gives the last component. The tee sees the file, not a directory in its
 * way. */
static const char *
open_parent (struct pl_directory *directory, struct pl_root *root, const char *path)
{
  const char *slash = strrchr (path, '/');
  const char *name = slash != NULL ? slash + 1 : path;
  *directory = (struct pl_directory){ .root = root, .descriptor = -1 };
  directory->path = slash != NULL ? g_strndup (path, slash - path) : g_strdup (".");
  int result = root->operations->open (root, NULL, directory->path, &directory->descriptor);
  directory->state = pl_state_from_errno (result);
  directory->last_errno = MAX (result, 0);
  if (directory->state != PL_KNOWN && directory->state != PL_UNREAD && root->recorder != NULL)
    pl_recorder_add_error (root->recorder, path, false, directory->last_errno);
  return name;
}

enum pl_state
pl_root_read (struct pl_root *root, const char *path, struct pl_buffer *buffer)
{
  struct pl_directory directory;
  const char *name = open_parent (&directory, root, path);
  enum pl_state state = pl_directory_read (&directory, name, buffer);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_read_edited (struct pl_root *root, const char *path, pl_line_editor editor, void *data,
                     struct pl_buffer *buffer)
{
  struct pl_directory directory;
  const char *name = open_parent (&directory, root, path);
  enum pl_state state = pl_directory_read_edited (&directory, name, editor, data, buffer);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_read_lines (struct pl_root *root, const char *path, pl_line_filter filter, void *data,
                    struct pl_buffer *buffer)
{
  struct pl_directory directory;
  const char *name = open_parent (&directory, root, path);
  enum pl_state state = pl_directory_read_lines (&directory, name, filter, data, buffer);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_list_some (struct pl_root *root, const char *path, pl_line_filter filter, void *data,
                   GPtrArray **names)
{
  struct pl_directory directory;
  pl_directory_open (&directory, root, path);
  enum pl_state state = pl_directory_list_some (&directory, filter, data, names);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_list (struct pl_root *root, const char *path, GPtrArray **names)
{
  struct pl_directory directory;
  pl_directory_open (&directory, root, path);
  enum pl_state state = pl_directory_list (&directory, names);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_link (struct pl_root *root, const char *path, char *target, gsize size)
{
  struct pl_directory directory;
  const char *name = open_parent (&directory, root, path);
  enum pl_state state = pl_directory_link (&directory, name, target, size);
  pl_directory_close (&directory);
  return state;
}

enum pl_state
pl_root_log (struct pl_root *root, pl_line_filter filter, void *data, struct pl_buffer *buffer)
{
  pl_buffer_set (buffer, NULL, 0);
  int result = root->operations->log (root, buffer);
  if (result == 0)
    pl_buffer_keep_lines (buffer, filter, data);
  else
    pl_buffer_set (buffer, NULL, 0);
  if (root->recorder != NULL && result != PL_NOT_RECORDED) {
    if (result == 0)
      pl_recorder_add_log (root->recorder, buffer->bytes, buffer->size);
    else
      pl_recorder_add_log_error (root->recorder, result);
  }
  return pl_state_from_errno (result);
}

enum pl_state
pl_root_run (struct pl_root *root, const char *const *argv, int timeout_ms, pl_line_filter filter, void *data,
             struct pl_buffer *buffer)
{
  pl_buffer_set (buffer, NULL, 0);
  int result = root->operations->run (root, argv, timeout_ms, buffer);
  if (result != 0)
    pl_buffer_set (buffer, NULL, 0);
  else if (filter != NULL)
    pl_buffer_keep_lines (buffer, filter, data);
  if (root->recorder != NULL && result != PL_NOT_RECORDED) {
    g_autofree char *line = g_strjoinv (" ", (char **) argv);
    pl_recorder_add_run (root->recorder, line, result, buffer->bytes, buffer->size);
  }
  return pl_state_from_errno (result);
}
