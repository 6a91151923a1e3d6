/* loader_case.h - what the tests of boot loaders share: a system as texts and evidence, in one row of a
 * table. */
#pragma once

#include "base/error.h"
#include "boot/loader.h"

#include "recorded.h"

#include <string.h>

/* A file: NULL is not there, "" denied, "?" unread. */
struct file_case {
  const char *path, *text;
};

#define FILES_PER_CASE 5

/* What started the system. @line: NULL: denied. The others: NULL: absent, "" denied, "?" unread. */
struct evidence_case {
  struct file_case files[FILES_PER_CASE];
  const char *line, *info, *entry, *stub, *secure;
};

static inline enum pl_state
case_state (const char *text)
{
  return text == NULL              ? PL_ABSENT
         : text[0] == '\0'         ? PL_DENIED
         : strcmp (text, "?") == 0 ? PL_UNREAD
                                   : PL_KNOWN;
}

/* One that ends in "/" is a folder with no name that is known; one of usr/bin a program. */
static inline void
case_put (struct pl_texts *texts, const char *path, const char *text)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  if (g_str_has_suffix (path, "/")) {
    pl_texts_set_names (texts, folder, case_state (text), names);
    return;
  }
  if (case_state (text) == PL_KNOWN)
    g_ptr_array_add (names, g_strdup (name));
  pl_texts_set_names (texts, folder, PL_KNOWN, names);
  g_autoptr (GBytes) bytes = g_bytes_new (text, text != NULL ? strlen (text) : 0);
  pl_texts_set (texts, path, case_state (text), bytes);
}

/* All that the loader wants is not there, but for the row's files. */
static inline struct pl_texts *
case_texts (const struct pl_boot_loader *loader, const struct file_case *files)
{
  struct pl_texts *texts = pl_texts_new ();
  case_put (texts, "usr/bin/", NULL);
  case_put (texts, "usr/sbin/", NULL);
  for (guint i = 0; i < loader->n_wants; i++) {
    if (loader->wants[i].kind == PL_TEXT_FILE)
      pl_texts_set (texts, loader->wants[i].path, PL_ABSENT, NULL);
    else
      pl_texts_set_names (texts, loader->wants[i].path, PL_ABSENT, g_ptr_array_new_with_free_func (g_free));
  }
  for (guint i = 0; i < FILES_PER_CASE && files[i].path != NULL; i++)
    case_put (texts, files[i].path, files[i].text);
  return texts;
}

static inline char *
case_value (const char *line, const char *name)
{
  const char *found = line != NULL ? g_strrstr (line, name) : NULL;
  if (found == NULL || (found != line && found[-1] != ' '))
    return NULL;
  found += strlen (name);
  return g_strndup (found, strcspn (found, " "));
}

/* What a loader makes of the row, with @edits set where it is not NULL. */
static inline enum pl_claim
case_ask (const struct pl_boot_loader *loader, const struct evidence_case *row, const char *parameters,
          struct pl_edits *edits, GError **error)
{
  struct pl_texts *texts = case_texts (loader, row->files);
  g_autofree char *image = case_value (row->line, "BOOT_IMAGE="), *initrd = case_value (row->line, "initrd=");
  enum pl_state info = case_state (row->info), entry = case_state (row->entry), stub = case_state (row->stub),
                secure = case_state (row->secure);
  struct pl_boot_evidence evidence = {
    .texts = texts,
    .command_line_state = row->line != NULL ? PL_KNOWN : PL_DENIED,
    .command_line = row->line,
    .boot_image = image,
    .initrd = initrd,
    .loader_info = { info, info == PL_KNOWN ? row->info : NULL },
    .entry = { entry, entry == PL_KNOWN ? row->entry : NULL },
    .stub_info = { stub, stub == PL_KNOWN ? row->stub : NULL },
    .secure_boot = { secure, secure == PL_KNOWN ? row->secure : NULL },
  };
  enum pl_claim claim = loader->claim (&evidence);
  if (edits != NULL) {
    g_auto (GStrv) words = g_strsplit (parameters, " ", -1);
    pl_edits_init (edits);
    bool is_set = loader->set_parameters (&evidence, (const char *const *) words, edits, error);
    g_assert_true (is_set == (*error == NULL));
  }
  pl_texts_free (texts);
  return claim;
}

struct claim_case {
  struct evidence_case evidence;
  enum pl_claim claim;
};

static inline void
check_claims (const struct pl_boot_loader *loader, const struct claim_case *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    g_test_message ("row %u", i);
    g_assert_cmpint (case_ask (loader, &rows[i].evidence, NULL, NULL, NULL), ==, rows[i].claim);
  }
}

/* The files that are changed, and what is left to a person; @path: of the file that is not known: then
 * nothing else is. */
struct set_case {
  struct evidence_case evidence;
  const char *parameters;
  struct file_case changed[FILES_PER_CASE];
  const char *by_hand, *path;
};

static inline void
check_sets (const struct pl_boot_loader *loader, const struct set_case *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    g_test_message ("row %u", i);
    case_ask (loader, &rows[i].evidence, rows[i].parameters, &edits, &error);
    if (rows[i].path != NULL) {
      g_assert_error (error, PL_ERROR, PL_ERROR_UNDECIDED);
      g_assert_cmpstr (pl_error_path (error), ==, rows[i].path);
    } else {
      g_assert_no_error (error);
    }
    guint n_changed = 0;
    for (; n_changed < FILES_PER_CASE && rows[i].changed[n_changed].path != NULL; n_changed++) {
      g_assert_cmpuint (edits.files->len, >, n_changed);
      const struct pl_edit *edit = g_ptr_array_index (edits.files, n_changed);
      g_autofree char *text
          = g_strndup (g_bytes_get_data (edit->new_content, NULL), g_bytes_get_size (edit->new_content));
      g_assert_cmpstr (edit->path, ==, rows[i].changed[n_changed].path);
      g_assert_cmpstr (text, ==, rows[i].changed[n_changed].text);
    }
    g_assert_cmpstr (edits.by_hand, ==, rows[i].by_hand);
    g_assert_cmpuint (edits.files->len, ==, n_changed);
    g_assert_cmpuint (edits.programs->len, ==, 0);
    pl_edits_clear (&edits);
  }
}

/* That the readers find this loader in the recorded machine. */
static inline void
check_machine (const struct pl_boot_loader *loader, const char *body)
{
  struct pl_machine *machine = read_recorded (body);
  const char *name = NULL;
  g_assert_cmpint (pl_machine_get_boot_loader (machine, &name), ==, PL_KNOWN);
  g_assert_cmpstr (name, ==, loader->name);
  pl_machine_free (machine);
}
