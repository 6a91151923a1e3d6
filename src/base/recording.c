/* recording.c - answering from a recording as a root; see recording.h. */
#include "base/recording.h"

#include "base/recorder.h"
#include "base/recording_form.h"
#include "base/root_private.h"

#include <errno.h>
#include <string.h>

struct recording_root {
  struct pl_root base;
  struct pl_recorded recorded;
};

static const struct pl_answer *
look_up (struct pl_root *base, const char *path)
{
  return g_hash_table_lookup (((struct recording_root *) base)->recorded.answers, path);
}

/* A directory opens unless the recording says that it did not: what is in it is asked one by one. One that
 * could not be listed, but of which files were read, did open. */
static int
recording_open (struct pl_root *base, const struct pl_directory *parent, const char *path, int *descriptor)
{
  *descriptor = -1;
  if (parent != NULL && parent->state != PL_KNOWN)
    return parent->last_errno != 0 ? parent->last_errno : PL_NOT_RECORDED;
  g_autofree char *above = parent != NULL ? pl_directory_path (parent) : NULL;
  g_autofree char *whole = above != NULL ? g_strconcat (above, "/", path, NULL) : g_strdup (path);
  g_autofree char *key = g_strconcat (whole, "/", NULL);
  const struct pl_answer *answer = look_up (base, key);
  bool failed = answer != NULL && answer->kind == PL_ANSWER_ERROR;
  bool was_open = g_hash_table_contains (((struct recording_root *) base)->recorded.directories, whole);
  return failed && !was_open ? answer->number : 0;
}

static const struct pl_answer *
look_up_in (struct pl_root *base, const struct pl_directory *directory, const char *name)
{
  g_autofree char *above = pl_directory_path (directory);
  g_autofree char *path = strcmp (above, ".") == 0 ? g_strdup (name) : g_strconcat (above, "/", name, NULL);
  return look_up (base, path);
}

/* The errno of an answer that is not of the kind asked for; 0 where it is. */
static int
check_kind (const struct pl_answer *answer, enum pl_answer_kind wanted)
{
  if (answer == NULL)
    return PL_NOT_RECORDED;
  if (answer->kind == PL_ANSWER_ERROR)
    return answer->number;
  return answer->kind == wanted ? 0 : EINVAL;
}

static int
recording_read (struct pl_root *base, struct pl_directory *directory, const char *name,
                struct pl_buffer *buffer)
{
  const struct pl_answer *answer = look_up_in (base, directory, name);
  int result = check_kind (answer, PL_ANSWER_CONTENT);
  if (result == 0)
    pl_buffer_set (buffer, answer->bytes, answer->size);
  return result;
}

static int
recording_list (struct pl_root *base, struct pl_directory *directory, GPtrArray *names)
{
  g_autofree char *path = pl_directory_path (directory);
  g_autofree char *key = g_strconcat (path, "/", NULL);
  const struct pl_answer *answer = look_up (base, key);
  int result = check_kind (answer, PL_ANSWER_NAMES);
  if (result != 0)
    return result;
  for (const char *line = answer->bytes, *end = line + answer->size; line < end;) {
    const char *newline = memchr (line, '\n', end - line);
    char *name = pl_recording_unescape (line, newline - line);
    if (name == NULL)
      return EILSEQ;
    g_ptr_array_add (names, name);
    line = newline + 1;
  }
  return 0;
}

static int
recording_link (struct pl_root *base, struct pl_directory *directory, const char *name, char *target,
                gsize size)
{
  const struct pl_answer *answer = look_up_in (base, directory, name);
  int result = check_kind (answer, PL_ANSWER_LINK);
  if (result == 0 && g_strlcpy (target, answer->bytes, size) >= size)
    result = ENAMETOOLONG;
  return result;
}

static int
recording_log (struct pl_root *base, struct pl_buffer *buffer)
{
  const struct pl_answer *answer = ((struct recording_root *) base)->recorded.log;
  int result = check_kind (answer, PL_ANSWER_CONTENT);
  if (result == 0)
    pl_buffer_set (buffer, answer->bytes, answer->size);
  return result;
}

static int
recording_run (struct pl_root *base, const char *const *argv, int timeout_ms, struct pl_buffer *buffer)
{
  (void) timeout_ms;
  g_autofree char *command = g_strjoinv (" ", (char **) argv);
  const struct pl_answer *answer
      = g_hash_table_lookup (((struct recording_root *) base)->recorded.programs, command);
  int result = check_kind (answer, PL_ANSWER_CONTENT);
  if (result == 0)
    pl_buffer_set (buffer, answer->bytes, answer->size);
  return result;
}

static void
recording_close (struct pl_root *base)
{
  struct recording_root *root = (struct recording_root *) base;
  pl_recorded_clear (&root->recorded);
  g_free (root);
}

/* The stand-ins of this recording stay what they are when it is recorded again. */
static void
recording_hand_in_secrets (struct pl_root *base, struct pl_recorder *recorder)
{
  static const enum pl_secret handed_in[] = { PL_SECRET_HOST, PL_SECRET_USER, PL_SECRET_SERIAL };
  const struct recording_root *root = (const struct recording_root *) base;
  for (guint i = 0; i < G_N_ELEMENTS (handed_in); i++)
    for (guint n = 1; n <= root->recorded.n_replaced[handed_in[i]]; n++) {
      char value[32];
      g_snprintf (value, sizeof value, "%s%u", pl_secret_name (handed_in[i]), n);
      pl_recorder_add_secret (recorder, handed_in[i], value);
    }
}

static const struct pl_root_operations recording_operations = {
  .open = recording_open,
  .read = recording_read,
  .list = recording_list,
  .link = recording_link,
  .log = recording_log,
  .run = recording_run,
  .hand_in_secrets = recording_hand_in_secrets,
  .close = recording_close,
};

struct pl_root *
pl_root_open_recording (const char *name, GBytes *text, GError **error)
{
  struct recording_root *root = g_new0 (struct recording_root, 1);
  root->base.operations = &recording_operations;
  root->base.kind = PL_ROOT_RECORDING;
  gsize size;
  const char *bytes = g_bytes_get_data (text, &size);
  if (!pl_recorded_parse (&root->recorded, name, bytes, size, error)) {
    recording_close (&root->base);
    return NULL;
  }
  root->base.host = root->recorded.host;
  return &root->base;
}

void
pl_recording_names (struct pl_root *base, void (*each) (const char *key, const char *name, void *data),
                    void *data)
{
  if (base->kind != PL_ROOT_RECORDING)
    return;
  const GPtrArray *names = ((const struct recording_root *) base)->recorded.names;
  for (guint i = 0; i + 1 < names->len; i += 2)
    each (g_ptr_array_index (names, i), g_ptr_array_index (names, i + 1), data);
}
