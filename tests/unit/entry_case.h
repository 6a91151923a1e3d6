/* entry_case.h - what the tests of texts with an options line an entry share: { what it was, the entry, what
 * is asked, what it must be }. */
#pragma once

#include "base/error.h"
#include "boot/entry_line.h"

#include <string.h>

struct entry_case {
  const char *old;
  guint at;               /* which entry */
  const char *parameters; /* parted by blanks */
  const char *new;        /* NULL: as it was; or the error's text */
};

static inline GBytes *
entry_set (GPtrArray *(*read) (GBytes *, GError **), GBytes *old, const struct entry_case *row,
           GError **error)
{
  g_auto (GStrv) words = g_strsplit (row->parameters, " ", -1);
  g_autoptr (GPtrArray) entries = read (old, error);
  if (entries == NULL)
    return NULL;
  g_assert_cmpuint (entries->len, >, row->at);
  return pl_entry_line_set (old, g_ptr_array_index (entries, row->at), (const char *const *) words, error);
}

static inline void
check_entries (GPtrArray *(*read) (GBytes *, GError **), const struct entry_case *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_test_message ("row %u", i);
    g_autoptr (GError) error = NULL;
    const char *text = rows[i].new != NULL ? rows[i].new : rows[i].old;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_autoptr (GBytes) expected = g_bytes_new (text, strlen (text));
    g_autoptr (GBytes) new = entry_set (read, old, &rows[i], &error);
    g_assert_no_error (error);
    g_assert_cmpmem (g_bytes_get_data (new, NULL), g_bytes_get_size (new), text, strlen (text));
    g_assert_true ((new == old) == g_bytes_equal (old, expected));
    g_autoptr (GBytes) again = entry_set (read, new, &rows[i], &error);
    g_assert_no_error (error);
    g_assert_true (again == new);
  }
}

static inline void
check_refused_entries (GPtrArray *(*read) (GBytes *, GError **), const struct entry_case *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_test_message ("row %u", i);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) old = g_bytes_new (rows[i].old, strlen (rows[i].old));
    g_assert_null (entry_set (read, old, &rows[i], &error));
    g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
    g_assert_cmpstr (error->message, ==, rows[i].new);
  }
}

/* Each entry as "title|kernel|options", the usual one behind "*", what is opaque behind "?", what a program
 * makes behind "!"; parted by line ends. */
static inline char *
list_entries (GPtrArray *(*read) (GBytes *, GError **), const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GPtrArray) entries = read (bytes, &error);
  g_assert_no_error (error);
  GString *list = g_string_new (NULL);
  for (guint i = 0; i < entries->len; i++) {
    const struct pl_entry_line *entry = g_ptr_array_index (entries, i);
    g_string_append_printf (list, "%s%s%s%s%s|%s|%s", i > 0 ? "\n" : "", entry->is_usual ? "*" : "",
                            entry->is_opaque ? "?" : "", entry->is_generated ? "!" : "", entry->title,
                            entry->kernel != NULL ? entry->kernel : "", entry->options);
  }
  return g_string_free (list, FALSE);
}
