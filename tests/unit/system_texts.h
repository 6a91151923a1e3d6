/* system_texts.h - the texts of a system, written as a few lines; and what would be changed in it, as one.
 */
#pragma once

#include "base/edits.h"
#include "base/error.h"
#include "boot/loader.h"

#include <string.h>

/* The names directly below the folder; "!" behind the folder itself: it may not be read. */
static inline void
set_folder (struct pl_texts *texts, const char *folder, const char *const *lines)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  enum pl_state state = PL_ABSENT;
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *path = g_strndup (lines[i], strcspn (lines[i], "=!?"));
    const char *below = g_str_has_prefix (path, folder) ? path + strlen (folder) : NULL;
    if (below != NULL && below[0] == '/' && strchr (below + 1, '/') == NULL)
      g_ptr_array_add (names, g_strdup (below + 1));
    if (below != NULL && below[0] == '\0' && g_str_has_suffix (lines[i], "!"))
      state = PL_DENIED;
  }
  state = names->len > 0 && state == PL_ABSENT ? PL_KNOWN : state;
  pl_texts_set_names (texts, folder, state, names);
}

/* A system made of lines "path=text"; "path" is there, and "path!" may not be read, a file or a folder;
 * "path?" is a file that nobody asked for. A
 * folder's names are those of the lines below it, in their order. What is wanted and is not there is known
 * not to be. Free with pl_texts_free(). */
static inline struct pl_texts *
make_texts (const char *const *lines, const struct pl_text_want *wants, guint n_wants)
{
  struct pl_texts *texts = pl_texts_new ();
  for (guint i = 0; i < n_wants; i++) {
    if (wants[i].kind == PL_TEXT_FILE)
      pl_texts_set (texts, wants[i].path, PL_ABSENT, NULL);
    else
      set_folder (texts, wants[i].path, lines);
  }
  set_folder (texts, "usr/bin", lines);
  set_folder (texts, "usr/sbin", lines);
  for (guint i = 0; lines[i] != NULL; i++) {
    gsize length = strcspn (lines[i], "=!?");
    g_autofree char *path = g_strndup (lines[i], length);
    const char *content = lines[i][length] == '=' ? lines[i] + length + 1 : "";
    g_autoptr (GBytes) bytes = g_bytes_new (content, strlen (content));
    if (lines[i][length] != '\0')
      pl_texts_set (texts, path,
                    lines[i][length] == '!'   ? PL_DENIED
                    : lines[i][length] == '?' ? PL_UNREAD
                                              : PL_KNOWN,
                    bytes);
  }
  return texts;
}

/* "etc/a etc/b -> /usr/bin/x -y: boot/z; ...": the files that are changed, and the programs with what they
 * write. Free with g_free(). */
static inline char *
tell_edits (const struct pl_edits *edits)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < edits->files->len; i++)
    g_string_append_printf (text, "%s ", ((struct pl_edit *) g_ptr_array_index (edits->files, i))->path);
  g_string_append (text, "->");
  for (guint i = 0; i < edits->programs->len; i++) {
    const struct pl_program *program = g_ptr_array_index (edits->programs, i);
    g_autofree char *words = g_strjoinv (" ", program->argv);
    g_string_append_printf (text, "%s %s:", i > 0 ? ";" : "", words);
    for (guint k = 0; k < program->writes->len; k++)
      g_string_append_printf (text, " %s", (char *) g_ptr_array_index (program->writes, k));
  }
  return g_string_free (text, FALSE);
}

/* What the file would hold; NULL: it is not changed. Free with g_free(). */
static inline char *
tell_content (const struct pl_edits *edits, const char *path)
{
  for (guint i = 0; i < edits->files->len; i++) {
    const struct pl_edit *edit = g_ptr_array_index (edits->files, i);
    gsize size;
    const char *bytes = g_bytes_get_data (edit->new_content, &size);
    if (strcmp (edit->path, path) == 0)
      return g_strndup (bytes, size);
  }
  return NULL;
}

/* That the loader sets nothing where something of the system is not known. @evidence: all but its texts. */
static inline void
check_not_known (const struct pl_boot_loader *loader, const char *const *lines,
                 struct pl_boot_evidence evidence)
{
  const char *parameters[] = { "intel_iommu=on", NULL };
  struct pl_texts *texts = make_texts (lines, loader->wants, loader->n_wants);
  struct pl_edits edits;
  g_autoptr (GError) error = NULL;
  evidence.texts = texts;
  pl_edits_init (&edits);
  g_assert_false (loader->set_parameters (&evidence, parameters, &edits, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_UNDECIDED);
  pl_edits_clear (&edits);
  pl_texts_free (texts);
}
