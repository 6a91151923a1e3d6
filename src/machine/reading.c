/* reading.c - see reading.h. */
#include "machine/reading.h"

#include <string.h>

struct pl_lines
pl_lines_of (const struct pl_buffer *buffer)
{
  return (struct pl_lines){ buffer->bytes, buffer->bytes + buffer->size };
}

bool
pl_lines_take (struct pl_lines *lines, struct pl_span *line)
{
  if (lines->at >= lines->end)
    return false;
  const char *newline = memchr (lines->at, '\n', (gsize) (lines->end - lines->at));
  const char *end = newline != NULL ? newline : lines->end;
  *line = (struct pl_span){ lines->at, (gsize) (end - lines->at) };
  lines->at = newline != NULL ? newline + 1 : lines->end;
  return true;
}

bool
pl_span_take_word_into (struct pl_span *line, struct pl_span *word)
{
  pl_span_take_any (line, " \t");
  *word = pl_span_take_word (line);
  return word->size > 0;
}

bool
pl_span_number (struct pl_span span, guint base, guint64 *number)
{
  guint64 sum = 0;
  if (span.size == 0)
    return false;
  for (gsize i = 0; i < span.size; i++) {
    int digit = g_ascii_xdigit_value (span.at[i]);
    if (digit < 0 || (guint) digit >= base || sum > (G_MAXUINT64 - (guint) digit) / base)
      return false;
    sum = sum * base + (guint) digit;
  }
  *number = sum;
  return true;
}

bool
pl_name_is_numbered (const char *name, const char *text)
{
  gsize length = strlen (text);
  if (strncmp (name, text, length) != 0 || name[length] == '\0')
    return false;
  return name[length + strspn (name + length, "0123456789")] == '\0';
}

const char *
pl_read_text (struct pl_machine *machine, struct pl_directory *directory, const char *name,
              enum pl_state *state)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  const char *text = NULL;
  *state = pl_directory_read (directory, name, &buffer);
  if (*state == PL_KNOWN) {
    while (buffer.size > 0 && g_ascii_isspace (buffer.bytes[buffer.size - 1]))
      buffer.size--;
    struct pl_span span = pl_span_trim ((struct pl_span){ buffer.bytes, buffer.size });
    if (span.size == 0) {
      *state = PL_ABSENT;
    } else if (span.size > 1024 || memchr (span.at, '\n', span.size) != NULL
               || memchr (span.at, '\0', span.size) != NULL) {
      *state = PL_INVALID;
      g_autofree char *path = pl_directory_path (directory);
      g_autofree char *whole = g_strdup_printf ("/%s/%s", path, name);
      pl_machine_add_note (machine, whole, 0, "it should hold one short line of text");
    } else {
      text = pl_machine_string (machine, span.at, (gssize) span.size);
    }
  }
  pl_buffer_clear (&buffer);
  return text;
}

enum pl_state
pl_state_of_fixed (enum pl_state state)
{
  return state == PL_ABSENT ? PL_UNREAD : state;
}

enum pl_state
pl_state_below (struct pl_root *root, const char *directory, enum pl_state state)
{
  if (state != PL_ABSENT)
    return state;
  struct pl_directory above;
  enum pl_state found = pl_directory_open (&above, root, directory);
  pl_directory_close (&above);
  return found == PL_ABSENT ? PL_UNREAD : PL_ABSENT;
}

bool
pl_may_be_x86 (const struct pl_root *root)
{
  const char *name = pl_root_host (root)->architecture;
  return name == NULL || strcmp (name, "x86_64") == 0 || (name[0] == 'i' && g_str_has_suffix (name, "86"));
}

bool
pl_has_running (struct pl_root *root, const char *path)
{
  if (pl_root_kind (root) != PL_ROOT_TREE)
    return true;
  char target[PATH_MAX];
  struct pl_recorder *recorder = pl_root_suspend_recorder (root);
  /* What is there and is no link gives EINVAL. */
  enum pl_state state = pl_root_link (root, path, target, sizeof target);
  pl_root_resume_recorder (root, recorder);
  return state != PL_ABSENT;
}

bool
pl_has_sysfs (const struct pl_machine *machine, struct pl_root *root)
{
  return pl_root_kind (root) != PL_ROOT_TREE || machine->devices_state == PL_KNOWN;
}

void
pl_state_lower (enum pl_state *state, enum pl_state found)
{
  if (*state == PL_KNOWN && found != PL_KNOWN && found != PL_ABSENT)
    *state = found;
}

void
pl_class_open (struct pl_class *class, struct pl_machine *machine, struct pl_root *root, const char *path,
               pl_line_filter filter, void *data)
{
  *class = (struct pl_class){ .state = PL_UNREAD };
  if (!pl_has_sysfs (machine, root)) {
    /* Not asked: no directory is open, nothing is listed. */
    class->directory = (struct pl_directory){ .root = root, .descriptor = -1, .path = g_strdup (path) };
    class->names = g_ptr_array_new ();
    return;
  }
  pl_directory_open (&class->directory, root, path);
  class->state = pl_directory_list_some (&class->directory, filter, data, &class->names);
  class->state = pl_state_below (root, "sys/class", class->state);
}

bool
pl_class_next (struct pl_class *class)
{
  while (class->next_ < class->names->len) {
    class->name = g_ptr_array_index (class->names, class->next_++);
    enum pl_state state
        = pl_directory_link (&class->directory, class->name, class->target, sizeof class->target);
    /* What is gone since it was listed is absent. */
    pl_state_lower (&class->state, state);
    class->has_owner = state == PL_KNOWN && pl_address_last_in_path (class->target, &class->owner);
    if (state == PL_KNOWN)
      return true;
  }
  return false;
}

void
pl_class_close (struct pl_class *class)
{
  g_ptr_array_unref (class->names);
  pl_directory_close (&class->directory);
}
