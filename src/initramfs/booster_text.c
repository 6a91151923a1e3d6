/* booster_text.c - see booster_text.h. */
#include "initramfs/booster_text.h"

#include "base/error.h"

#include <string.h>

#define FORCE_LOAD "modules_force_load"

/* A line of the outermost mapping. Offsets into the text. */
struct entry {
  gsize key, key_length;
  gsize colon;
  gsize value, value_length; /* a plain value; its length is 0 where there is none */
  guint line;
  bool is_quoted;
  bool has_block; /* lines below it belong to it */
};

struct file {
  const char *text;
  gsize size;
  GArray *entries;
};

static bool
fail (GError **error, guint line, const char *what)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", line, what);
  return false;
}

/* What ends a line for a reader of YAML although it is no newline, and what no text has. Source: yaml.v3,
 * yamlprivateh.go, is_break(): NEL, LS, PS; YAML 1.2.2, section 5.1. */
static bool
check_characters (const char *text, gsize size, guint line, GError **error)
{
  if (!g_utf8_validate_len (text, (gssize) size, NULL))
    return fail (error, line, "this is no text in UTF-8");
  for (const char *at = text; at < text + size; at = g_utf8_next_char (at)) {
    gunichar character = g_utf8_get_char (at);
    if ((character < ' ' && character != '\t') || (character >= 0x7f && character <= 0x9f)
        || character == 0x2028 || character == 0x2029 || character == 0xfeff)
      return fail (error, line, "it has a character that is not understood");
  }
  return true;
}

static bool
is_key_character (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* Behind a value: blanks, and a comment that has one in front. */
static bool
is_rest_empty (const char *text, gsize at, gsize end)
{
  gsize blanks = at;
  while (blanks < end && text[blanks] == ' ')
    blanks++;
  return blanks == end || (text[blanks] == '#' && blanks > at);
}

/* The closing quote must be on the same line; what has escapes is not taken apart. Source: YAML 1.2.2,
 * section 7.3. */
static bool
read_quoted (struct file *file, struct entry *entry, gsize at, gsize end, GError **error)
{
  char quote = file->text[at];
  gsize close = at + 1;
  while (close < end && file->text[close] != quote && file->text[close] != '\\')
    close++;
  if (close >= end || file->text[close] == '\\' || !is_rest_empty (file->text, close + 1, end))
    return fail (error, entry->line, "its quotes are not understood");
  entry->is_quoted = true;
  return true;
}

/* Source: YAML 1.2.2, section 7.3.3: what a plain value may begin with, and that ": " and " #" end it. */
static bool
read_plain (struct file *file, struct entry *entry, gsize at, gsize end, GError **error)
{
  const char *text = file->text;
  bool is_dash = strchr ("-?:", text[at]) != NULL;
  if (strchr (",[]{}&*!|>%@`", text[at]) != NULL || (is_dash && (at + 1 == end || text[at + 1] == ' ')))
    return fail (error, entry->line, "its value is not a plain word");
  gsize stop = at;
  while (stop < end && !(text[stop] == '#' && text[stop - 1] == ' '))
    stop++;
  while (stop > at && text[stop - 1] == ' ')
    stop--;
  for (gsize i = at; i < stop; i++)
    if (text[i] == ':' && (i + 1 == stop || text[i + 1] == ' '))
      return fail (error, entry->line, "it has two colons");
  entry->value = at;
  entry->value_length = stop - at;
  return true;
}

/* "key: value" from @at on, which is no blank. */
static bool
read_pair (struct file *file, struct entry *entry, gsize at, gsize end, GError **error)
{
  const char *text = file->text;
  entry->key = at;
  while (at < end && is_key_character (text[at]))
    at++;
  entry->key_length = at - entry->key;
  entry->colon = at;
  bool is_pair = entry->key_length > 0 && text[entry->key] != '-' && at < end && text[at] == ':'
                 && (at + 1 == end || text[at + 1] == ' ');
  if (!is_pair)
    return fail (error, entry->line, "this is no key with a value");
  if (is_rest_empty (text, at + 1, end))
    return true;
  at++;
  while (text[at] == ' ')
    at++;
  return text[at] == '"' || text[at] == '\'' ? read_quoted (file, entry, at, end, error)
                                             : read_plain (file, entry, at, end, error);
}

static bool
is_same_key (const struct file *file, const struct entry *entry, const char *key)
{
  return entry->key_length == strlen (key) && memcmp (file->text + entry->key, key, entry->key_length) == 0;
}

/* A line with content; lines that are further in belong to the entry above, which has no value of its own. */
static bool
add_line (struct file *file, gsize start, gsize end, guint line, GError **error)
{
  struct entry entry = { .line = line };
  struct entry *above
      = file->entries->len > 0 ? &g_array_index (file->entries, struct entry, file->entries->len - 1) : NULL;
  gsize at = start;
  while (at < end && file->text[at] == ' ')
    at++;
  if (memchr (file->text + start, '\t', end - start) != NULL)
    return fail (error, line, "it has a tabulator");
  if (at > start && (above == NULL || above->is_quoted || above->value_length > 0))
    return fail (error, line, "it is indented, and the line above does not ask for that");
  if (!read_pair (file, &entry, at, end, error))
    return false;
  if (at > start) {
    above->has_block = true;
    return true;
  }
  for (guint i = 0; i < file->entries->len; i++) {
    const struct entry *other = &g_array_index (file->entries, struct entry, i);
    if (other->key_length == entry.key_length
        && memcmp (file->text + other->key, file->text + entry.key, entry.key_length) == 0)
      return fail (error, line, "its key was there before");
  }
  g_array_append_val (file->entries, entry);
  return true;
}

static bool
is_blank_or_comment (const char *line, gsize size)
{
  gsize at = 0;
  while (at < size && (line[at] == ' ' || line[at] == '\t'))
    at++;
  return at == size || line[at] == '#';
}

/* Free file->entries with g_array_unref(), also after a failure. A document may begin with "---". */
static bool
read_file (struct file *file, GBytes *bytes, GError **error)
{
  file->entries = g_array_new (FALSE, FALSE, sizeof (struct entry));
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &file->size) : NULL;
  file->text = text != NULL ? text : "";
  guint number = 1;
  bool is_begun = false;
  for (gsize at = 0; at < file->size; number++) {
    const char *line = file->text + at, *newline = memchr (line, '\n', file->size - at);
    gsize length = newline != NULL ? (gsize) (newline - line) : file->size - at;
    if (!check_characters (line, length, number, error))
      return false;
    bool is_mark = length == 3 && memcmp (line, "---", 3) == 0 && !is_begun;
    if (!is_blank_or_comment (line, length)) {
      is_begun = true;
      if (!is_mark && !add_line (file, at, at + length, number, error))
        return false;
    }
    at += length + 1;
  }
  return true;
}

static const struct entry *
find_entry (const struct file *file, const char *key)
{
  for (guint i = 0; i < file->entries->len; i++) {
    const struct entry *entry = &g_array_index (file->entries, struct entry, i);
    if (is_same_key (file, entry, key))
      return entry;
  }
  return NULL;
}

/* "~" and "null" are no value, and a word put in front of one would make it a module. Source: yaml.v3,
 * resolve.go. */
static bool
is_null (const char *text, gsize length)
{
  static const char *const words[] = { "~", "null", "Null", "NULL" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (length == strlen (words[i]) && memcmp (text, words[i], length) == 0)
      return true;
  return false;
}

/* The elements of a value: with the blanks around them taken off, empty ones left out. */
static GPtrArray *
split (const struct file *file, const struct entry *entry, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  if (entry == NULL)
    return g_steal_pointer (&list);
  if (entry->is_quoted || entry->has_block
      || (entry->value_length > 0 && is_null (file->text + entry->value, entry->value_length))) {
    fail (error, entry->line, "its list is not one plain word");
    return NULL;
  }
  g_autofree char *value
      = entry->value_length > 0 ? g_strndup (file->text + entry->value, entry->value_length) : g_strdup ("");
  g_auto (GStrv) parts = g_strsplit (value, ",", -1);
  for (char **part = parts; *part != NULL; part++)
    if (g_strstrip (*part)[0] != '\0')
      g_ptr_array_add (list, g_strdup (*part));
  return g_steal_pointer (&list);
}

GPtrArray *
pl_booster_text_list (GBytes *text, const char *key, GError **error)
{
  struct file file = { 0 };
  GPtrArray *list = read_file (&file, text, error) ? split (&file, find_entry (&file, key), error) : NULL;
  g_array_unref (file.entries);
  return list;
}

bool
pl_booster_text_has (GBytes *text, const char *key, bool *has, GError **error)
{
  struct file file = { 0 };
  bool is_read = read_file (&file, text, error);
  *has = is_read && find_entry (&file, key) != NULL;
  g_array_unref (file.entries);
  return is_read;
}

/* "a,b": those of @modules that the list lacks; "" where it has all. Free with g_free(). */
static char *
join_missing (GPtrArray *list, const char *const *modules)
{
  GString *missing = g_string_new (NULL);
  for (guint i = 0; modules[i] != NULL; i++)
    if (!g_ptr_array_find_with_equal_func (list, modules[i], g_str_equal, NULL))
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? "," : "", modules[i]);
  return g_string_free (missing, FALSE);
}

static GBytes *
put_in (const struct file *file, const struct entry *entry, const char *missing)
{
  GString *new = g_string_new_len (file->text, (gssize) file->size);
  if (entry != NULL && entry->value_length > 0) {
    g_autofree char *words = g_strconcat (missing, ",", NULL);
    g_string_insert (new, (gssize) entry->value, words);
  } else if (entry != NULL) {
    g_autofree char *words = g_strconcat (" ", missing, NULL);
    g_string_insert (new, (gssize) entry->colon + 1, words);
  } else {
    if (new->len > 0 && new->str[new->len - 1] != '\n')
      g_string_append_c (new, '\n');
    g_string_append_printf (new, FORCE_LOAD ": %s\n", missing);
  }
  return g_string_free_to_bytes (new);
}

static GBytes *
add (const struct file *file, GBytes *old, const char *const *modules, GError **error)
{
  const struct entry *entry = find_entry (file, FORCE_LOAD);
  g_autoptr (GPtrArray) list = split (file, entry, error);
  if (list == NULL)
    return NULL;
  g_autofree char *missing = join_missing (list, modules);
  if (missing[0] == '\0')
    return old != NULL ? g_bytes_ref (old) : g_bytes_new (NULL, 0);
  return put_in (file, entry, missing);
}

GBytes *
pl_booster_text_add (GBytes *old, const char *const *modules, GError **error)
{
  struct file file = { 0 };
  GBytes *new = read_file (&file, old, error) ? add (&file, old, modules, error) : NULL;
  g_array_unref (file.entries);
  return new;
}
