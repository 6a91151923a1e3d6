/* recording_parse.c - reading the text of a recording; see recording.h for the form. */
#include "base/error.h"
#include "base/recorder.h"
#include "base/recording.h"
#include "base/recording_form.h"

#include <errno.h>
#include <string.h>

/* The part of a recording that a line belongs to. */
enum part { NO_PART, META, HOST, DIRECTORY, LOG, RUN, NAME_PART, ENDED };

struct parser {
  const char *name;
  struct pl_recorded *recorded;
  const char *at, *end;
  guint line; /* of what was taken last */
  enum part part;
  char *directory;
};

static bool
fail (const struct parser *parser, GError **error, const char *what)
{
  pl_error_set (error, PL_ERROR_FAILED, parser->name, "record it again with: pcilend record FILE",
                "%s:%u: %s", parser->name, parser->line, what);
  return false;
}

/* The next line without its end; false behind the last. */
static bool
take_line (struct parser *parser, const char **line, gsize *length)
{
  if (parser->at >= parser->end)
    return false;
  const char *newline = memchr (parser->at, '\n', parser->end - parser->at);
  *line = parser->at;
  *length = (newline != NULL ? newline : parser->end) - parser->at;
  parser->at = newline != NULL ? newline + 1 : parser->end;
  parser->line++;
  return true;
}

/* Whether the next line stands below the entry, behind a tab. */
static bool
take_below (struct parser *parser, const char **line, gsize *length)
{
  if (parser->at >= parser->end || *parser->at != '\t')
    return false;
  take_line (parser, line, length);
  (*line)++;
  (*length)--;
  return true;
}

static struct pl_answer *
new_answer (enum pl_answer_kind kind, GString *bytes)
{
  struct pl_answer *answer = g_new0 (struct pl_answer, 1);
  answer->kind = kind;
  answer->size = bytes->len;
  answer->bytes = g_string_free (bytes, FALSE);
  return answer;
}

static struct pl_answer *
take_lines (struct parser *parser, enum pl_answer_kind kind, bool has_end)
{
  GString *bytes = g_string_new (NULL);
  const char *line;
  gsize length;
  while (take_below (parser, &line, &length)) {
    g_string_append_len (bytes, line, (gssize) length);
    g_string_append_c (bytes, '\n');
  }
  if (!has_end && bytes->len > 0)
    g_string_truncate (bytes, bytes->len - 1);
  return new_answer (kind, bytes);
}

/* NULL where a digit is none. */
static struct pl_answer *
take_hexadecimal (struct parser *parser)
{
  GString *bytes = g_string_new (NULL);
  const char *line;
  gsize length;
  while (take_below (parser, &line, &length)) {
    for (gsize i = 0; i < length; i += 3) {
      int high = i + 1 < length ? g_ascii_xdigit_value (line[i]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (line[i + 1]) : -1;
      if (low < 0 || (i + 2 < length && line[i + 2] != ' ')) {
        g_string_free (bytes, TRUE);
        return NULL;
      }
      g_string_append_c (bytes, (char) (high << 4 | low));
    }
  }
  return new_answer (PL_ANSWER_CONTENT, bytes);
}

static struct pl_answer *
take_text (enum pl_answer_kind kind, const char *text, gsize length, const char *end)
{
  GString *bytes = g_string_new_len (text, (gssize) length);
  g_string_append (bytes, end);
  return new_answer (kind, bytes);
}

/* The value behind an entry's name: " = text", " |", ... NULL where it has no known form. */
static struct pl_answer *
take_value (struct parser *parser, bool is_directory, const char *value, gsize length)
{
#define IS(form) (length == sizeof form - 1 && memcmp (value, form, sizeof form - 1) == 0)
#define BEGINS(form) (length >= sizeof form - 1 && memcmp (value, form, sizeof form - 1) == 0)
  if (IS (" -") || BEGINS (" ! ")) {
    struct pl_answer *answer = new_answer (PL_ANSWER_ERROR, g_string_new (NULL));
    g_autofree char *name = length > 3 ? g_strndup (value + 3, length - 3) : g_strdup ("ENOENT");
    answer->number = pl_errno_number (name);
    if (answer->number == 0)
      g_clear_pointer (&answer, pl_answer_free);
    return answer;
  }
  if (IS (" |"))
    return take_lines (parser, is_directory ? PL_ANSWER_NAMES : PL_ANSWER_CONTENT, true);
  if (is_directory)
    return NULL;
  if (IS (" |~"))
    return take_lines (parser, PL_ANSWER_CONTENT, false);
  if (IS (" x"))
    return take_hexadecimal (parser);
  if (BEGINS (" = "))
    return take_text (PL_ANSWER_CONTENT, value + 3, length - 3, "\n");
  if (BEGINS (" =~ "))
    return take_text (PL_ANSWER_CONTENT, value + 4, length - 4, "");
  if (BEGINS (" -> "))
    return take_text (PL_ANSWER_LINK, value + 4, length - 4, "");
  return NULL;
#undef IS
#undef BEGINS
}

static bool
add_host (struct pl_recorded *recorded, const char *key, const struct pl_answer *answer)
{
  struct pl_host *host = &recorded->host;
  g_autofree char *value = g_strndup (answer->bytes, answer->size > 0 ? answer->size - 1 : 0);
  guint64 number;
  /* One line of text, or it could not be written down again. */
  for (const char *at = value; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return false;
  if (strcmp (key, "uid") == 0) {
    if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32, &number, NULL))
      return false;
    host->uid_state = PL_KNOWN;
    host->uid = (guint32) number;
  } else if (strcmp (key, "release") == 0 && host->release == NULL) {
    host->release = g_steal_pointer (&value);
  } else if (strcmp (key, "architecture") == 0 && host->architecture == NULL) {
    host->architecture = g_steal_pointer (&value);
  } else {
    return false;
  }
  return true;
}

/* "host 1 user 1 uuid 2 mac 1 serial 1": the stand-ins of this file are secrets of their own, see recorder.h.
 */
static bool
add_meta (struct pl_recorded *recorded, const char *key, const struct pl_answer *answer)
{
  if (strcmp (key, "replaced") != 0)
    return false;
  g_auto (GStrv) words = g_strsplit_set (answer->bytes, " \n", 2 * PL_N_SECRETS + 2);
  for (guint i = 0; words[i] != NULL && words[i + 1] != NULL; i += 2) {
    guint64 number;
    if (!g_ascii_string_to_unsigned (words[i + 1], 10, 0, 1000000, &number, NULL))
      return false;
    for (int kind = 0; kind < PL_N_SECRETS; kind++)
      if (strcmp (words[i], pl_secret_name (kind)) == 0)
        recorded->n_replaced[kind] = (guint) number;
  }
  return true;
}

/* Takes @answer. */
static bool
add_answer (struct parser *parser, char *key, struct pl_answer *answer, GError **error)
{
  struct pl_recorded *recorded = parser->recorded;
  bool fits = true, is_new = true;
  switch (parser->part) {
  case META:
    fits = answer->kind == PL_ANSWER_CONTENT && add_meta (recorded, key, answer);
    pl_answer_free (answer);
    break;
  case HOST:
    fits = answer->kind == PL_ANSWER_CONTENT && add_host (recorded, key, answer);
    pl_answer_free (answer);
    break;
  case DIRECTORY: {
    char *path
        = parser->directory[0] != '\0' ? g_strconcat (parser->directory, "/", key, NULL) : g_strdup (key);
    is_new = g_hash_table_insert (recorded->answers, path, answer);
    if (key[strlen (key) - 1] != '/')
      g_hash_table_add (recorded->directories, g_strdup (parser->directory));
    break;
  }
  case LOG:
    fits = strcmp (key, "kernel") == 0
           && (answer->kind == PL_ANSWER_CONTENT || answer->kind == PL_ANSWER_ERROR);
    is_new = recorded->log == NULL;
    pl_answer_free (recorded->log);
    recorded->log = answer;
    break;
  case RUN:
    fits = answer->kind == PL_ANSWER_CONTENT || answer->kind == PL_ANSWER_ERROR;
    is_new = g_hash_table_insert (recorded->programs, g_strdup (key), answer);
    break;
  case NAME_PART:
    fits = answer->kind == PL_ANSWER_CONTENT;
    /* A name is one line. */
    g_ptr_array_add (recorded->names, g_strdup (key));
    g_ptr_array_add (recorded->names, g_strndup (answer->bytes, strcspn (answer->bytes, "\n")));
    pl_answer_free (answer);
    break;
  case NO_PART:
  case ENDED:
    pl_answer_free (answer);
    fits = false;
    break;
  }
  if (!fits)
    return fail (parser, error, "an entry that does not belong into this part of a recording");
  return is_new || fail (parser, error, "a second answer about the same path");
}

/* "name = text": the name ends at the first blank, which an escaped name does not hold. */
static bool
parse_entry (struct parser *parser, const char *line, gsize length, GError **error)
{
  const char *blank = memchr (line, ' ', length);
  gsize name_length = blank != NULL ? (gsize) (blank - line) : length;
  g_autofree char *key = name_length > 0 ? pl_recording_unescape (line, name_length) : NULL;
  if (key == NULL || blank == NULL)
    return fail (parser, error, "a line of no form that a recording has");
  bool is_directory = parser->part == DIRECTORY && key[strlen (key) - 1] == '/';
  struct pl_answer *answer = take_value (parser, is_directory, blank, length - name_length);
  if (answer == NULL)
    return fail (parser, error, "a line of no form that a recording has");
  return add_answer (parser, key, answer, error);
}

static bool
parse_part (struct parser *parser, const char *line, gsize length, GError **error)
{
  static const struct {
    const char *line;
    enum part part;
  } parts[] = { { "@", META },   { "@host", HOST },       { "@log", LOG },
                { "@run", RUN }, { "@names", NAME_PART }, { "@end", ENDED } };
  if (length >= 2 && line[1] == '/') {
    g_free (parser->directory);
    parser->directory = pl_recording_unescape (line + 2, length - 2);
    parser->part = DIRECTORY;
    return parser->directory != NULL || fail (parser, error, "a path that is not escaped as it should");
  }
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (length == strlen (parts[i].line) && memcmp (line, parts[i].line, length) == 0) {
      parser->part = parts[i].part;
      return true;
    }
  }
  return fail (parser, error, "a part that a recording of version 1 does not have");
}

static bool
parse (struct parser *parser, GError **error)
{
  const char *line;
  gsize length;
  bool has_begun = false;
  while (take_line (parser, &line, &length)) {
    if (length == 0 || line[0] == '#')
      continue;
    if (!has_begun) {
      has_begun = true;
      if (length != strlen (PL_RECORDING_FIRST_LINE) || memcmp (line, PL_RECORDING_FIRST_LINE, length) != 0)
        return fail (parser, error, "a recording of another version than 1");
      continue;
    }
    if (parser->part == ENDED)
      return fail (parser, error, "something stands behind @end");
    if (line[0] == '@' ? !parse_part (parser, line, length, error)
                       : !parse_entry (parser, line, length, error))
      return false;
  }
  return parser->part == ENDED || fail (parser, error, "the recording is cut off: its last line is not @end");
}

bool
pl_recording_is_one (const char *text, gsize size)
{
  static const char first[] = "pcilend recording ";
  struct parser parser = { .at = text, .end = text + size };
  const char *line;
  gsize length;
  while (take_line (&parser, &line, &length))
    if (length > 0 && line[0] != '#')
      return length >= sizeof first - 1 && memcmp (line, first, sizeof first - 1) == 0;
  return false;
}

void
pl_recorded_clear (struct pl_recorded *recorded)
{
  g_hash_table_unref (recorded->answers);
  g_hash_table_unref (recorded->directories);
  g_hash_table_unref (recorded->programs);
  g_ptr_array_unref (recorded->names);
  pl_answer_free (recorded->log);
  g_free ((char *) recorded->host.release);
  g_free ((char *) recorded->host.architecture);
}

bool
pl_recorded_parse (struct pl_recorded *recorded, const char *name, const char *text, gsize size,
                   GError **error)
{
  *recorded = (struct pl_recorded){ 0 };
  /* Of no bytes GBytes gives no address. */
  text = text != NULL ? text : "";
  recorded->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pl_answer_free);
  recorded->directories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  recorded->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pl_answer_free);
  recorded->names = g_ptr_array_new_with_free_func (g_free);
  struct parser parser = { .name = name, .recorded = recorded, .at = text, .end = text + size };
  bool done = size > PL_RECORDING_LIMIT_BYTES ? fail (&parser, error, "longer than a recording may be")
                                              : parse (&parser, error);
  g_free (parser.directory);
  return done;
}
