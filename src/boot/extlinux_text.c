/* extlinux_text.c - see extlinux_text.h. */
#include "boot/extlinux_text.h"

#include "base/error.h"

#include <string.h>

/* Source: readconfig.c, MAX_LINE: a longer line is read as two. */
#define LINE_LIMIT_BYTES 4095

struct reader {
  const char *text;
  guint line;
  GPtrArray *entries;
  struct pl_entry_line *entry;                 /* behind its LABEL; NULL: none */
  char *global;                                /* APPEND in front of all entries; NULL: none */
  char *extra;                                 /* behind the kernel's name */
  char *by_timeout, *by_default, *by_menu;     /* labels */
  bool is_default, is_saved, is_text, is_lost; /* is_lost: what the next APPEND belongs to is not seen here */
};

/* A line without the blanks in front of it. */
struct rest {
  const char *at, *end;
};

static bool
fail (const struct reader *reader, const char *phrase, GError **error)
{
  pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "line %u: %s", reader->line, phrase);
  return false;
}

static bool
is_blank (char byte)
{
  return (guint8) byte <= ' ';
}

static void
skip_blanks (struct rest *rest)
{
  while (rest->at < rest->end && is_blank (*rest->at))
    rest->at++;
}

/* Takes the keyword and the blanks behind it from the line. */
static bool
take_keyword (struct rest *rest, const char *keyword)
{
  gsize length = strlen (keyword);
  if ((gsize) (rest->end - rest->at) < length || g_ascii_strncasecmp (rest->at, keyword, length) != 0)
    return false;
  if (rest->at + length < rest->end && !is_blank (rest->at[length]))
    return false;
  rest->at += length;
  skip_blanks (rest);
  return true;
}

static char *
take_word (struct rest *rest)
{
  const char *start = rest->at;
  while (rest->at < rest->end && !is_blank (*rest->at))
    rest->at++;
  char *word = g_strndup (start, (gsize) (rest->at - start));
  skip_blanks (rest);
  return word;
}

static char *
rest_text (const struct rest *rest)
{
  return g_strndup (rest->at, (gsize) (rest->end - rest->at));
}

static void
put_word (char **place, struct rest *rest)
{
  g_free (*place);
  *place = take_word (rest);
}

/* An entry that starts no Linux kernel is left out. */
static void
close_entry (struct reader *reader)
{
  struct pl_entry_line *entry = g_steal_pointer (&reader->entry);
  g_autofree char *extra = g_steal_pointer (&reader->extra);
  if (entry == NULL)
    return;
  if (entry->kernel == NULL) {
    g_ptr_array_remove_index (reader->entries, reader->entries->len - 1);
    return;
  }
  if (reader->is_default) {
    g_free (reader->by_menu);
    reader->by_menu = g_strdup (entry->title);
  }
  g_autofree char *own = entry->options;
  const char *used = entry->line != 0 ? own : reader->global != NULL ? reader->global : "";
  /* Nothing, not even the global ones; and no place for more. */
  bool is_nothing = strcmp (used, "-") == 0 || used[0] == '\0';
  entry->line = is_nothing ? 0 : entry->line;
  entry->options = g_strjoin (" ", extra != NULL ? extra : "", is_nothing ? "" : used, NULL);
  g_strstrip (entry->options);
}

static void
open_entry (struct reader *reader, struct rest *rest)
{
  close_entry (reader);
  reader->entry = g_new0 (struct pl_entry_line, 1);
  reader->entry->title = take_word (rest);
  reader->is_default = reader->is_lost = false;
  g_ptr_array_add (reader->entries, reader->entry);
}

static bool
read_append (struct reader *reader, struct rest *rest, GError **error)
{
  struct pl_entry_line *entry = reader->entry;
  if (entry == NULL && reader->is_lost)
    return fail (reader, "an APPEND stands behind no LABEL", error);
  if (entry == NULL) {
    g_free (reader->global);
    reader->global = rest_text (rest);
    return true;
  }
  g_free (entry->options);
  entry->options = rest_text (rest);
  entry->start = (gsize) (rest->at - reader->text);
  entry->end = (gsize) (rest->end - reader->text);
  entry->line = reader->line;
  return true;
}

/* Source: readconfig.c, record(): these end the entry in front of them, and INCLUDE may open others. */
static void
read_menu (struct reader *reader, struct rest *rest)
{
  static const char *const ends[] = { "begin", "end", "separator", "include" };
  if (take_keyword (rest, "default"))
    reader->is_default = true;
  else if (take_keyword (rest, "save"))
    reader->is_saved = true;
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    if (!take_keyword (rest, ends[i]))
      continue;
    close_entry (reader);
    reader->is_lost = true;
  }
}

/* What an entry starts. Source: readconfig.c, kernel_types[]. */
static void
read_kernel (struct reader *reader, struct rest *rest)
{
  static const char *const others[]
      = { "boot", "bss", "pxe", "fdimage", "comboot", "com32", "config", "localboot", "fit" };
  bool is_kernel = take_keyword (rest, "linux") || take_keyword (rest, "kernel");
  bool is_other = false;
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    is_other = is_other || take_keyword (rest, others[i]);
  if (reader->entry == NULL || (!is_kernel && !is_other))
    return;
  g_clear_pointer (&reader->entry->kernel, g_free);
  g_clear_pointer (&reader->extra, g_free);
  if (!is_kernel)
    return;
  /* A quote that is opened there may take in the options. */
  reader->entry->is_opaque = memchr (rest->at, '"', (gsize) (rest->end - rest->at)) != NULL;
  reader->entry->kernel = take_word (rest);
  reader->extra = rest_text (rest);
}

static bool
read_line (struct reader *reader, struct rest rest, GError **error)
{
  skip_blanks (&rest);
  if (reader->is_text) {
    reader->is_text = !take_keyword (&rest, "endtext");
  } else if (take_keyword (&rest, "text")) {
    reader->is_text = true;
  } else if (take_keyword (&rest, "menu")) {
    read_menu (reader, &rest);
  } else if (take_keyword (&rest, "include")) {
    close_entry (reader);
    reader->is_lost = true;
  } else if (take_keyword (&rest, "label")) {
    open_entry (reader, &rest);
  } else if (take_keyword (&rest, "append")) {
    return read_append (reader, &rest, error);
  } else if (take_keyword (&rest, "default")) {
    put_word (&reader->by_default, &rest);
  } else if (take_keyword (&rest, "ontimeout")) {
    put_word (&reader->by_timeout, &rest);
  } else {
    read_kernel (reader, &rest);
  }
  return true;
}

static struct pl_entry_line *
find_label (const GPtrArray *entries, const char *label)
{
  for (guint i = 0; label != NULL && i < entries->len; i++) {
    struct pl_entry_line *entry = g_ptr_array_index (entries, i);
    if (strcmp (entry->title, label) == 0)
      return entry;
  }
  return NULL;
}

/* MENU SAVE: the last choice is the usual one, and it stands in no text. */
static void
mark_usual (const struct reader *reader)
{
  if (reader->is_saved || reader->entries->len == 0)
    return;
  struct pl_entry_line *usual = find_label (reader->entries, reader->by_timeout);
  if (usual == NULL)
    usual = find_label (reader->entries, reader->by_default);
  if (usual == NULL)
    usual = find_label (reader->entries, reader->by_menu);
  if (usual == NULL)
    usual = g_ptr_array_index (reader->entries, 0);
  usual->is_usual = true;
}

static bool
read_text (struct reader *reader, gsize size, GError **error)
{
  for (gsize at = 0; at < size;) {
    const char *line = reader->text + at, *newline = memchr (line, '\n', size - at);
    gsize length = newline != NULL ? (gsize) (newline - line) : size - at;
    const char *carriage = memchr (line, '\r', length);
    reader->line++;
    if (memchr (line, '\0', length) != NULL)
      return fail (reader, "it has a byte that is zero", error);
    if (length >= LINE_LIMIT_BYTES)
      return fail (reader, "it is longer than Syslinux reads", error);
    if (!read_line (reader, (struct rest){ line, carriage != NULL ? carriage : line + length }, error))
      return false;
    at += length + 1;
  }
  return !reader->is_text || fail (reader, "a TEXT has no ENDTEXT", error);
}

GPtrArray *
pl_extlinux_text_entries (GBytes *text, GError **error)
{
  gsize size;
  struct reader reader = { .text = g_bytes_get_data (text, &size) };
  g_autoptr (GPtrArray) entries = reader.entries = pl_entry_lines_new ();
  bool is_read = read_text (&reader, size, error);
  close_entry (&reader);
  mark_usual (&reader);
  g_free (reader.global);
  g_free (reader.by_timeout);
  g_free (reader.by_default);
  g_free (reader.by_menu);
  return is_read ? g_steal_pointer (&entries) : NULL;
}

bool
pl_extlinux_text_is_made_by (GBytes *text, const char *program)
{
  gsize size;
  const char *start = g_bytes_get_data (text, &size);
  g_autofree char *copy = g_ascii_strdown (start != NULL ? start : "", start != NULL ? (gssize) size : 0);
  g_auto (GStrv) lines = g_strsplit (copy, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *line = lines[i] + strspn (lines[i], " \t");
    if (g_str_has_prefix (line, "label"))
      return false;
    if (line[0] == '#' && strstr (line, program != NULL ? program : "generated") != NULL)
      return true;
  }
  return false;
}
