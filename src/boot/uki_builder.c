/* uki_builder.c - see uki_builder.h. */
#include "boot/uki_builder.h"

#include "base/error.h"
#include "base/shell.h"

#include <string.h>

#define PRESETS "etc/mkinitcpio.d"
#define DRACUT "etc/dracut.conf"
#define DRACUT_DROP_INS "etc/dracut.conf.d"

void
pl_uki_building_clear (struct pl_uki_building *building)
{
  g_clear_pointer (&building->path, g_free);
  g_clear_pointer (&building->why, g_free);
}

/* The paths of a folder's files. NULL where it could not be read. Free with g_ptr_array_unref(). */
static GPtrArray *
list_folder (const struct pl_texts *texts, const char *folder, GError **error)
{
  const GPtrArray *names;
  if (!pl_texts_check (folder, pl_texts_names (texts, folder, &names), error))
    return NULL;
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (paths, g_strconcat (folder, "/", (const char *) g_ptr_array_index (names, i), NULL));
  return paths;
}

/* The text as a shell sees it; NULL in @file where it is not there, or not understood (@why). */
static bool
parse (const struct pl_texts *texts, const char *path, pl_shell_file **file, char **why, GError **error)
{
  GBytes *bytes;
  g_autoptr (GError) failure = NULL;
  *file = NULL;
  if (!pl_texts_check (path, pl_texts_get (texts, path, &bytes), error))
    return false;
  if (bytes == NULL)
    return true;
  *file = pl_shell_parse (bytes, &failure);
  if (*file == NULL && *why == NULL)
    *why = g_strdup_printf ("/%s: %s", path, failure->message);
  return true;
}

/* What a preset's variable says of its image. Source: mkinitcpio v41, mkinitcpio, process_preset(). */
static void
look_at_variable (const pl_shell_file *file, const struct pl_shell_assignment *one, const char *path,
                  bool *has_uki, char **why)
{
  g_autofree char *text = g_strndup (file->text + one->value.start, one->value.end - one->value.start);
  bool is_empty = text[0] == '\0' || strcmp (text, "\"\"") == 0 || strcmp (text, "''") == 0;
  if (g_str_has_suffix (one->name, "_uki") || g_str_has_suffix (one->name, "_efi_image"))
    *has_uki = *has_uki || !is_empty;
  bool names_other = (g_str_has_suffix (one->name, "_cmdline") && !is_empty)
                     || (g_str_has_suffix (one->name, "_options") && strstr (text, "cmdline") != NULL);
  if (names_other && *why == NULL)
    *why = g_strdup_printf ("/%s: %s says where the command line comes from", path, one->name);
}

static bool
look_at_presets (const struct pl_texts *texts, bool *has_uki, char **why, GError **error)
{
  g_autoptr (GPtrArray) paths = list_folder (texts, PRESETS, error);
  for (guint i = 0; paths != NULL && i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autoptr (pl_shell_file) file = NULL;
    if (!parse (texts, path, &file, why, error))
      return false;
    if (file != NULL && file->commands->len > 0 && *why == NULL)
      *why = g_strdup_printf ("/%s: it does more than to assign", path);
    for (guint k = 0; file != NULL && k < file->assignments->len; k++)
      look_at_variable (file, g_ptr_array_index (file->assignments, k), path, has_uki, why);
  }
  return paths != NULL;
}

/* Source: dracut 059, dracut.sh: $uefi and $kernel_cmdline of dracut.conf(5). */
static bool
look_at_dracut (const struct pl_texts *texts, bool *has_uki, char **last, GError **error)
{
  g_autoptr (GPtrArray) paths = list_folder (texts, DRACUT_DROP_INS, error);
  if (paths == NULL)
    return false;
  g_ptr_array_insert (paths, 0, g_strdup (DRACUT));
  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autofree char *why = NULL;
    g_autoptr (pl_shell_file) file = NULL;
    if (!parse (texts, path, &file, &why, error))
      return false;
    for (guint k = 0; file != NULL && k < file->assignments->len; k++) {
      const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, k);
      g_autofree char *text = pl_shell_word_text (file, &one->value);
      if (strcmp (one->name, "uefi") == 0)
        *has_uki = text != NULL && strcmp (text, "yes") == 0;
      if (strcmp (one->name, "kernel_cmdline") == 0) {
        g_free (*last);
        *last = g_strdup (path);
      }
    }
  }
  return true;
}

/* Source: systemd 257, kernel-install(8), install.conf; 60-ukify.install, we_are_wanted(). */
static bool
look_at_kernel_install (const struct pl_texts *texts, bool *has_uki, GError **error)
{
  static const char *const paths[] = { "etc/kernel/install.conf", "usr/lib/kernel/install.conf" };
  GBytes *bytes;
  guint at = pl_texts_get (texts, paths[0], &bytes) == PL_ABSENT ? 1 : 0;
  g_autofree char *why = NULL;
  g_autoptr (pl_shell_file) file = NULL;
  if (!parse (texts, paths[at], &file, &why, error))
    return false;
  bool is_ukify = true;
  for (guint k = 0; file != NULL && k < file->assignments->len; k++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, k);
    g_autofree char *text = pl_shell_word_text (file, &one->value);
    if (strcmp (one->name, "layout") == 0)
      *has_uki = text != NULL && strcmp (text, "uki") == 0;
    if (strcmp (one->name, "uki_generator") == 0)
      is_ukify = text != NULL && (text[0] == '\0' || strcmp (text, "ukify") == 0);
  }
  *has_uki = *has_uki && is_ukify;
  return true;
}

bool
pl_uki_building_find (const struct pl_texts *texts, struct pl_uki_building *building, GError **error)
{
  bool by_mkinitcpio = false, by_dracut = false, by_kernel_install = false;
  *building = (struct pl_uki_building){ 0 };
  if (!look_at_presets (texts, &by_mkinitcpio, &building->why, error)
      || !look_at_dracut (texts, &by_dracut, &building->path, error)
      || !look_at_kernel_install (texts, &by_kernel_install, error))
    return false;
  if (by_mkinitcpio + by_dracut + by_kernel_install == 1)
    building->builder = by_mkinitcpio ? PL_UKI_MKINITCPIO : by_dracut ? PL_UKI_DRACUT : PL_UKI_KERNEL_INSTALL;
  return true;
}
