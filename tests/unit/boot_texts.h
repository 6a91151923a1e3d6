/* boot_texts.h - what the boot loaders are asked about, made of a few lines: each file, name and program that
 * any of them wants is not there, but for those that the test names. Included by test_boot_*.c. */
#pragma once

#include "base/error.h"
#include "boot/loader.h"

#include <string.h>

#define IOMMU "intel_iommu=on"

/* @text: "!" denied, "?" unread; a path that ends in "/" is a directory, whose names are parted by blanks. */
struct file {
  const char *path, *text;
};

static enum pl_state
state_of (const char *text)
{
  return text == NULL              ? PL_ABSENT
         : strcmp (text, "!") == 0 ? PL_DENIED
         : strcmp (text, "?") == 0 ? PL_UNREAD
                                   : PL_KNOWN;
}

static void
set_names (struct pl_texts *texts, const char *directory, enum pl_state state, const char *names)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (names, " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add (list, g_strdup (words[i]));
  pl_texts_set_names (texts, directory, state, list);
}

static void
set_file (struct pl_texts *texts, const char *path, const char *text)
{
  enum pl_state state = state_of (text);
  g_autoptr (GBytes) bytes = state == PL_KNOWN ? g_bytes_new (text, strlen (text)) : NULL;
  pl_texts_set (texts, path, state, bytes);
}

/* Files of one folder are given one behind the other. Free with pl_texts_free(). */
static struct pl_texts *
make_texts (const struct file *files, guint n)
{
  struct pl_texts *texts = pl_texts_new ();
  set_names (texts, "usr/sbin", PL_KNOWN, "");
  set_names (texts, "usr/bin", PL_KNOWN, "");
  for (guint i = 0; pl_boot_loaders[i] != NULL; i++)
    for (guint k = 0; k < pl_boot_loaders[i]->n_wants; k++) {
      const struct pl_text_want *want = &pl_boot_loaders[i]->wants[k];
      if (want->kind == PL_TEXT_FILE)
        set_file (texts, want->path, NULL);
      else
        set_names (texts, want->path, PL_ABSENT, "");
    }
  for (guint i = 0; i < n && files[i].path != NULL; i++) {
    gsize length = strlen (files[i].path);
    bool is_directory = g_str_has_suffix (files[i].path, "/");
    g_autofree char *path = g_strndup (files[i].path, is_directory ? length - 1 : length);
    if (is_directory) {
      enum pl_state state = state_of (files[i].text);
      set_names (texts, path, state, state == PL_KNOWN ? files[i].text : "");
      continue;
    }
    set_file (texts, path, files[i].text);
  }
  return texts;
}

static struct pl_boot_variable
variable_of (const char *text)
{
  enum pl_state state = state_of (text);
  return (struct pl_boot_variable){ state, state == PL_KNOWN ? text : NULL };
}

/* What one edit must be; path NULL: there is none. */
struct expected {
  const char *path, *text;
};

static void
check_edits (const struct pl_edits *edits, const struct expected *expected, guint n)
{
  guint n_files = 0;
  for (guint i = 0; i < n && expected[i].path != NULL; i++, n_files++) {
    g_assert_cmpuint (i, <, edits->files->len);
    const struct pl_edit *edit = g_ptr_array_index (edits->files, i);
    g_assert_cmpstr (edit->path, ==, expected[i].path);
    g_assert_cmpmem (g_bytes_get_data (edit->new_content, NULL), g_bytes_get_size (edit->new_content),
                     expected[i].text, strlen (expected[i].text));
  }
  g_assert_cmpuint (edits->files->len, ==, n_files);
}
