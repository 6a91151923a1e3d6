/* fuzz_base.c - recordings and redaction.
 *
 * r: a recording. Everything in it is asked for, and recorded again: the second recording of it has the bytes
 * of the first. p: the same, keeping secrets. s: redaction of a text, its first line a secret.
 */
#include "base/recorder.h"
#include "base/recording.h"
#include "base/recording_form.h"
#include "base/redact.h"
#include "target.h"

#include <limits.h>
#include <string.h>

static bool
want_every_line (const char *line, gsize length, void *data)
{
  return line != NULL || length == 0 || data == NULL;
}

/* Asks in every way about one entry of a directory. */
static void
ask (struct pl_root *root, struct pl_directory *directory, const char *name, struct pl_buffer *buffer)
{
  char target[PATH_MAX];
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *path = pl_directory_path (directory);
  g_autofree char *bare = g_strdup (name);
  if (bare[0] != '\0' && bare[strlen (bare) - 1] == '/')
    bare[strlen (bare) - 1] = '\0';
  g_autofree char *whole = path[0] != '\0' ? g_strconcat (path, "/", bare, NULL) : g_strdup (bare);
  if (bare[0] == '\0' || strchr (bare, '/') != NULL)
    return;
  pl_directory_read (directory, bare, buffer);
  g_assert (buffer->bytes != NULL || buffer->size == 0);
  pl_directory_link (directory, bare, target, sizeof target);
  pl_root_list (root, whole, &names);
}

/* Follows the lines of the text and asks the root about each path that they name, for the log, and for the
 * names. */
static void
ask_everything (struct pl_root *root, const char *text, gsize size)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct pl_directory directory;
  bool is_open = false;
  const char *end = text + size;
  for (const char *line = text, *next; line < end; line = next) {
    const char *newline = memchr (line, '\n', end - line);
    gsize length = (newline != NULL ? newline : end) - line;
    next = line + length + 1;
    if (length == 0 || line[0] == '\t' || line[0] == '#')
      continue;
    const char *blank = memchr (line, ' ', length);
    gsize name_length = line[0] != '@' && blank != NULL ? (gsize) (blank - line) : length;
    guint skip = line[0] != '@' ? 0 : length > 1 && line[1] == '/' ? 2 : 1;
    g_autofree char *name = pl_recording_unescape (line + skip, name_length - skip);
    if (name == NULL)
      continue;
    if (skip > 0) {
      if (is_open)
        pl_directory_close (&directory);
      pl_directory_open (&directory, root, name);
      is_open = true;
    } else if (is_open) {
      ask (root, &directory, name, &buffer);
    }
  }
  if (is_open)
    pl_directory_close (&directory);
  pl_root_log (root, want_every_line, NULL, &buffer);
  pl_buffer_clear (&buffer);
}

static void
add_name (const char *key, const char *name, void *data)
{
  pl_recorder_add_name (data, key, name);
}

/* What a recorder writes of the recording; NULL where it is none. */
static GString *
record_again (const char *text, gsize size, bool keep_secrets)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;
  struct pl_root *root = pl_root_open_recording ("fuzz", bytes, &error);
  g_assert ((root == NULL) == (error != NULL));
  if (root == NULL)
    return NULL;
  struct pl_recorder *recorder = pl_recorder_new (keep_secrets);
  pl_root_set_recorder (root, recorder);
  ask_everything (root, text, size);
  pl_recording_names (root, add_name, recorder);
  pl_root_close (root);
  GString *written = pl_recorder_write (recorder);
  pl_recorder_free (recorder);
  return written;
}

static void
run_both (const char *text, gsize size, bool keep_secrets)
{
  pl_recording_is_one (text, size);
  GString *once = record_again (text, size, keep_secrets);
  if (once == NULL)
    return;
  GString *twice = record_again (once->str, once->len, keep_secrets);
  /* What the recorder writes is a recording, and recording it gives the same bytes. */
  g_assert (twice != NULL);
  g_assert (g_string_equal (once, twice));
  g_string_free (once, TRUE);
  g_string_free (twice, TRUE);
}

static void
run_recording (const char *text, gsize size)
{
  run_both (text, size, false);
}

static void
run_private_recording (const char *text, gsize size)
{
  run_both (text, size, true);
}

static void
run_redaction (const char *text, gsize size)
{
  const char *newline = memchr (text, '\n', size);
  gsize length = newline != NULL ? (gsize) (newline - text) : 0;
  g_autofree char *secret = g_strndup (text, length);
  struct pl_redactor *redactor = pl_redactor_new ();
  if (secret[0] != '\0')
    pl_redactor_add (redactor, (enum pl_secret) (length % PL_N_SECRETS), secret);
  pl_redactor_collect (redactor, text + length, size - length, length % 2 == 0);
  pl_redactor_number (redactor);
  GString *out = g_string_new (NULL);
  pl_redactor_append (redactor, out, text + length, size - length, length % 2 == 0);
  g_string_free (out, TRUE);
  pl_redactor_free (redactor);
}

static const struct pl_fuzz_parser parsers[]
    = { { 'r', run_recording }, { 'p', run_private_recording }, { 's', run_redaction } };

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  return pl_fuzz_choose (parsers, G_N_ELEMENTS (parsers), data, size);
}
