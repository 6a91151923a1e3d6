/* loader_entry.c - see loader_entry.h. */
#include "base/loader_entry.h"

#include <string.h>

#define ENDING ".conf"

#define ENTRIES "/loader/entries"

static const struct pl_text_want wants[] = { PL_LOADER_ENTRY_WANTS };

/* A line that has a key and a value. */
struct line {
  const char *key, *value;
  gsize key_length, value_length; /* without the quotes */
  bool is_quoted;
};

static bool
is_blank (char byte)
{
  return byte == ' ' || byte == '\t';
}

static bool
is_end (char byte)
{
  return byte == '\n' || byte == '\r';
}

/* The next line with a key and a value, from *at; false: there is none. */
static bool
next_line (const char *text, gsize size, gsize *at, struct line *line)
{
  while (*at < size) {
    gsize start = *at, end;
    while (*at < size && !is_end (text[*at]))
      ++*at;
    end = *at;
    while (*at < size && is_end (text[*at]))
      ++*at;
    while (start < end && is_blank (text[start]))
      start++;
    while (end > start && is_blank (text[end - 1]))
      end--;
    gsize key = start;
    while (start < end && !is_blank (text[start]))
      start++;
    if (start == end || text[key] == '#')
      continue;
    *line = (struct line){ .key = text + key, .key_length = start - key };
    while (is_blank (text[start]))
      start++;
    line->is_quoted = end - start > 1 && text[start] == '"' && text[end - 1] == '"';
    line->value = text + start + line->is_quoted;
    line->value_length = end - start - 2 * line->is_quoted;
    return true;
  }
  return false;
}

static bool
has_key (const struct line *line, const char *key)
{
  return line->key_length == strlen (key) && memcmp (line->key, key, line->key_length) == 0;
}

static void
free_entry (void *data)
{
  struct pl_loader_entry *entry = data;
  g_ptr_array_unref (entry->initrds);
  g_free (entry->path);
  g_free (entry->root);
  g_free (entry->linux_path);
  g_free (entry->token);
  g_free (entry->release);
  g_free (entry->options);
  g_free (entry);
}

/* A path of the partition as one of this system. Free with g_free(). */
static char *
make_path (const char *root, const struct line *line)
{
  g_autofree char *value = g_strndup (line->value, line->value_length);
  g_strdelimit (value, "\\", '/');
  return g_strdup_printf ("%s/%s", root, value + strspn (value, "/"));
}

/* Source: systemd, 90-loaderentry.install: /TOKEN/RELEASE/linux. */
static void
take_kernel (struct pl_loader_entry *entry, const struct line *line)
{
  g_free (entry->linux_path);
  entry->linux_path = make_path (entry->root, line);
  g_auto (GStrv) parts = g_strsplit (entry->linux_path + strlen (entry->root) + 1, "/", -1);
  if (g_strv_length (parts) != 3 || strcmp (parts[2], "linux") != 0)
    return;
  g_free (entry->token);
  g_free (entry->release);
  entry->token = g_strdup (parts[0]);
  entry->release = g_strdup (parts[1]);
}

static struct pl_loader_entry *
read_entry (const char *folder, const char *path, GBytes *bytes)
{
  struct pl_loader_entry *entry = g_new0 (struct pl_loader_entry, 1);
  gsize size, at = 0;
  guint n_options = 0;
  struct line line;
  const char *text = g_bytes_get_data (bytes, &size);
  entry->path = g_strdup (path);
  entry->root = g_strndup (folder, strlen (folder) - strlen (ENTRIES));
  entry->initrds = g_ptr_array_new_with_free_func (g_free);
  while (next_line (text, size, &at, &line)) {
    if (has_key (&line, "linux")) {
      take_kernel (entry, &line);
    } else if (has_key (&line, "initrd")) {
      g_ptr_array_add (entry->initrds, make_path (entry->root, &line));
    } else if (has_key (&line, "options")) {
      g_free (entry->options);
      entry->options = n_options++ == 0 ? g_strndup (line.value, line.value_length) : NULL;
    }
  }
  return entry;
}

enum pl_state
pl_loader_entries_read (const struct pl_texts *texts, GPtrArray **entries)
{
  enum pl_state state = PL_ABSENT;
  *entries = g_ptr_array_new_with_free_func (free_entry);
  for (guint i = 0; i < G_N_ELEMENTS (wants); i++) {
    const char *folder = wants[i].path;
    const GPtrArray *names;
    enum pl_state own = pl_texts_names (texts, folder, &names);
    if (own != PL_KNOWN && own != PL_ABSENT)
      return own;
    state = own == PL_KNOWN ? PL_KNOWN : state;
    for (guint k = 0; k < names->len; k++) {
      g_autofree char *path = g_strdup_printf ("%s/%s", folder, (const char *) g_ptr_array_index (names, k));
      GBytes *bytes;
      own = pl_texts_get (texts, path, &bytes);
      if (own != PL_KNOWN)
        return own;
      g_ptr_array_add (*entries, read_entry (folder, path, bytes));
    }
  }
  return state;
}

/* "debian-6.1+3-0.conf" is "debian-6.1.conf", in small letters. Free with g_free(). */
static char *
make_id (const char *name)
{
  g_autofree char *small = g_ascii_strdown (name, -1);
  if (!g_str_has_suffix (small, ENDING))
    return g_steal_pointer (&small);
  small[strlen (small) - strlen (ENDING)] = '\0';
  char *plus = strrchr (small, '+');
  if (plus != NULL && plus[1] != '\0' && strspn (plus + 1, "0123456789-") == strlen (plus + 1))
    *plus = '\0';
  return g_strconcat (small, ENDING, NULL);
}

const struct pl_loader_entry *
pl_loader_entry_find (const GPtrArray *entries, const char *name)
{
  const struct pl_loader_entry *found = NULL;
  g_autofree char *wanted = make_id (name);
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_loader_entry *entry = g_ptr_array_index (entries, i);
    g_autofree char *own = make_id (strrchr (entry->path, '/') + 1);
    if (strcmp (own, wanted) != 0)
      continue;
    if (found != NULL)
      return NULL;
    found = entry;
  }
  return found;
}

guint
pl_loader_entry_options (const char *text, gsize size, gsize *start, gsize *length)
{
  struct line line;
  guint n = 0;
  for (gsize at = 0; next_line (text, size, &at, &line);) {
    if (!has_key (&line, "options"))
      continue;
    *start = (gsize) (line.value - text);
    *length = line.value_length;
    n++;
  }
  return n;
}
