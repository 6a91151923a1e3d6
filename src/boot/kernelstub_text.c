/* kernelstub_text.c - see kernelstub_text.h. */
#include "boot/kernelstub_text.h"

#include "base/error.h"
#include "boot/parameter.h"

#include <string.h>

/* No such file is deeper. */
#define DEPTH_LIMIT 32

struct option {
  gsize start, end; /* with its quotes */
  char *text;
};

struct reader {
  const char *text;
  gsize size, at;
  guint depth;
  GError **error;
  /* What is found: */
  GArray *options; /* struct option; NULL: no list */
  gsize list;      /* behind its bracket */
  char *esp_path;
  bool setup_loader;
};

static bool
fail (const struct reader *reader, const char *phrase)
{
  guint line = 1;
  for (gsize i = 0; i < MIN (reader->at, reader->size); i++)
    line += reader->text[i] == '\n';
  if (reader->error != NULL && *reader->error == NULL)
    pl_error_set (reader->error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", line, phrase);
  return false;
}

static void
clear_option (void *data)
{
  g_free (((struct option *) data)->text);
}

/* The next byte that is no blank; 0: the end. */
static char
look (struct reader *reader)
{
  while (reader->at < reader->size && reader->text[reader->at] != '\0'
         && strchr (" \t\r\n", reader->text[reader->at]) != NULL)
    reader->at++;
  return reader->at < reader->size ? reader->text[reader->at] : '\0';
}

static bool
take (struct reader *reader, char sign)
{
  if (look (reader) != sign)
    return false;
  reader->at++;
  return true;
}

/* Behind "\u": four digits. A character that is no ASCII is not needed as what it is. */
static bool
read_code (struct reader *reader, GString *out)
{
  guint code = 0;
  for (guint i = 0; i < 4; i++) {
    int digit = reader->at < reader->size ? g_ascii_xdigit_value (reader->text[reader->at]) : -1;
    if (digit < 0)
      return fail (reader, "an escape is not understood");
    code = code * 16 + (guint) digit;
    reader->at++;
  }
  if (code == 0)
    return fail (reader, "a string has a zero");
  g_string_append_c (out, code < 0x80 ? (char) code : '?');
  return true;
}

/* Source: RFC 8259, 7. Returns NULL with an error. */
static char *
read_string (struct reader *reader)
{
  static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  g_autoptr (GString) out = g_string_new (NULL);
  if (!take (reader, '"')) {
    fail (reader, "a string is missing");
    return NULL;
  }
  while (reader->at < reader->size) {
    char byte = reader->text[reader->at++];
    if (byte == '"')
      return g_strdup (out->str);
    if ((guint8) byte < ' ')
      break;
    if (byte != '\\') {
      g_string_append_c (out, byte);
      continue;
    }
    char next = reader->at < reader->size ? reader->text[reader->at++] : '\0';
    const char *escape = next != '\0' ? strchr (escapes, next) : NULL;
    if (escape != NULL) {
      g_string_append_c (out, meanings[escape - escapes]);
    } else if (next != 'u') {
      fail (reader, "an escape is not understood");
      return NULL;
    } else if (!read_code (reader, out)) {
      return NULL;
    }
  }
  fail (reader, "a string is not closed");
  return NULL;
}

typedef bool read_member (struct reader *reader, const char *key);

static bool skip_member (struct reader *reader, const char *key);

static bool
read_object (struct reader *reader, read_member *read)
{
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!take (reader, '{'))
    return fail (reader, "an object is missing");
  if (++reader->depth > DEPTH_LIMIT)
    return fail (reader, "it is too deep");
  for (bool is_first = true; !take (reader, '}'); is_first = false) {
    if (!is_first && !take (reader, ','))
      return fail (reader, "a comma is missing");
    char *key = read_string (reader);
    if (key == NULL)
      return false;
    if (!g_hash_table_add (keys, key))
      return fail (reader, "a name is there twice");
    if (!take (reader, ':'))
      return fail (reader, "a colon is missing");
    if (!read (reader, key))
      return false;
  }
  reader->depth--;
  return true;
}

static bool
skip_list (struct reader *reader)
{
  if (++reader->depth > DEPTH_LIMIT)
    return fail (reader, "it is too deep");
  reader->at++;
  for (bool is_first = true; !take (reader, ']'); is_first = false) {
    if (!is_first && !take (reader, ','))
      return fail (reader, "a comma is missing");
    if (!skip_member (reader, NULL))
      return false;
  }
  reader->depth--;
  return true;
}

/* Any value. A number and a word are taken as they are: they end at the next sign. */
static bool
skip_member (struct reader *reader, const char *key)
{
  (void) key;
  char sign = look (reader);
  if (sign == '{')
    return read_object (reader, skip_member);
  if (sign == '[')
    return skip_list (reader);
  if (sign == '"') {
    g_autofree char *text = read_string (reader);
    return text != NULL;
  }
  gsize start = reader->at;
  while (reader->at < reader->size
         && (g_ascii_isalnum (reader->text[reader->at]) || strchr ("+-.", reader->text[reader->at]) != NULL)
         && reader->text[reader->at] != '\0')
    reader->at++;
  return reader->at > start || fail (reader, "a value is missing");
}

static bool
read_options (struct reader *reader)
{
  if (!take (reader, '['))
    return fail (reader, "kernel_options is no list");
  reader->list = reader->at;
  for (bool is_first = true; !take (reader, ']'); is_first = false) {
    if (!is_first && !take (reader, ','))
      return fail (reader, "a comma is missing");
    look (reader);
    struct option option = { .start = reader->at };
    option.text = read_string (reader);
    option.end = reader->at;
    if (option.text == NULL)
      return false;
    g_array_append_val (reader->options, option);
  }
  return true;
}

static bool
read_user (struct reader *reader, const char *key)
{
  if (strcmp (key, "kernel_options") == 0) {
    reader->options = g_array_new (FALSE, FALSE, sizeof (struct option));
    g_array_set_clear_func (reader->options, clear_option);
    return read_options (reader);
  }
  if (strcmp (key, "esp_path") == 0) {
    reader->esp_path = read_string (reader);
    return reader->esp_path != NULL;
  }
  look (reader);
  gsize start = reader->at;
  if (!skip_member (reader, key))
    return false;
  if (strcmp (key, "setup_loader") == 0)
    reader->setup_loader = reader->at - start == 4 && memcmp (reader->text + start, "true", 4) == 0;
  return true;
}

static bool
read_top (struct reader *reader, const char *key)
{
  if (strcmp (key, "user") != 0)
    return skip_member (reader, key);
  return read_object (reader, read_user);
}

static void
clear_reader (struct reader *reader)
{
  g_clear_pointer (&reader->options, g_array_unref);
  g_clear_pointer (&reader->esp_path, g_free);
}

static bool
read_text (struct reader *reader, GBytes *bytes, GError **error)
{
  *reader = (struct reader){ .error = error };
  reader->text = g_bytes_get_data (bytes, &reader->size);
  bool is_read = read_object (reader, read_top);
  if (is_read && look (reader) != '\0')
    is_read = fail (reader, "something stands behind the end");
  if (is_read && (reader->at < reader->size || reader->options == NULL || reader->esp_path == NULL))
    is_read = fail (reader, "it has no user.kernel_options or no user.esp_path");
  if (!is_read)
    clear_reader (reader);
  return is_read;
}

void
pl_kernelstub_settings_clear (struct pl_kernelstub_settings *settings)
{
  g_clear_pointer (&settings->esp_path, g_free);
  g_clear_pointer (&settings->options, g_free);
}

bool
pl_kernelstub_text_read (GBytes *text, struct pl_kernelstub_settings *settings, GError **error)
{
  struct reader reader;
  *settings = (struct pl_kernelstub_settings){ 0 };
  g_autoptr (GError) failure = NULL;
  if (!read_text (&reader, text, &failure)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  g_autoptr (GString) options = g_string_new (NULL);
  for (guint i = 0; i < reader.options->len; i++)
    g_string_append_printf (options, "%s%s", i > 0 ? " " : "",
                            g_array_index (reader.options, struct option, i).text);
  settings->options = g_strdup (options->str);
  settings->esp_path = g_steal_pointer (&reader.esp_path);
  settings->setup_loader = reader.setup_loader;
  clear_reader (&reader);
  return true;
}

static GBytes *
splice (GBytes *old, gsize start, gsize end, const char *put)
{
  gsize size;
  const char *text = g_bytes_get_data (old, &size);
  GString *out = g_string_new_len (text, (gssize) start);
  g_string_append (out, put);
  g_string_append_len (out, text + end, (gssize) (size - end));
  return g_string_free_to_bytes (out);
}

/* As the last one, with the blanks that stand in front of the one before it. */
static GBytes *
add_option (const struct reader *reader, GBytes *old, const char *quoted)
{
  guint n = reader->options->len;
  if (n == 0)
    return splice (old, reader->list, reader->list, quoted);
  const struct option *last = &g_array_index (reader->options, struct option, n - 1);
  gsize blanks = last->start;
  while (blanks > reader->list && g_ascii_isspace (reader->text[blanks - 1]))
    blanks--;
  g_autofree char *gap = g_strndup (reader->text + blanks, last->start - blanks);
  g_autofree char *put = g_strconcat (",", gap, quoted, NULL);
  return splice (old, last->end, last->end, put);
}

/* The text with one parameter in the list; NULL with an error. */
static GBytes *
set_one (GBytes *old, const char *parameter, GError **error)
{
  struct reader reader;
  g_autoptr (GError) failure = NULL;
  if (!read_text (&reader, old, &failure)) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return NULL;
  }
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (parameter);
  const struct option *same = NULL;
  bool has = false, is_clear = true;
  for (guint i = 0; i < reader.options->len && is_clear; i++) {
    const struct option *option = &g_array_index (reader.options, struct option, i);
    struct pl_boot_parameter own = pl_boot_parameter_parse (option->text);
    is_clear = strpbrk (option->text, " \t\n\v\f\r") == NULL && strcmp (option->text, "--") != 0;
    if (!pl_boot_parameter_is_same_name (&own, &wanted))
      continue;
    /* The kernel takes the last one. */
    same = option;
    has = pl_boot_parameter_is_same_value (&own, &wanted);
  }
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", parameter);
  GBytes *new = NULL;
  if (!is_clear)
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "a string of kernel_options is more than one word");
  else if (has)
    new = g_bytes_ref (old);
  else if (same != NULL)
    new = splice (old, same->start, same->end, quoted);
  else
    new = add_option (&reader, old, quoted);
  clear_reader (&reader);
  return new;
}

GBytes *
pl_kernelstub_text_set (GBytes *old, const char *const *parameters, GError **error)
{
  struct pl_kernelstub_settings settings;
  if (!pl_boot_parameters_check (parameters, "_-.,:=/+@", error)
      || !pl_kernelstub_text_read (old, &settings, error))
    return NULL;
  pl_kernelstub_settings_clear (&settings);
  g_autoptr (GBytes) text = g_bytes_ref (old);
  for (guint i = 0; parameters[i] != NULL; i++) {
    GBytes *next = set_one (text, parameters[i], error);
    if (next == NULL)
      return NULL;
    g_bytes_unref (text);
    text = next;
  }
  return g_steal_pointer (&text);
}
