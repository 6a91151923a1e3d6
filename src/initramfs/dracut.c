/* dracut.c - see dracut.h. Which images there are is told by dracut_images.c.
 *
 * force_drivers become rd.driver.pre= in the image: loaded in this order, before udev starts any other.
 * /etc/modprobe.d is in the image only in host-only mode. Source: dracut 059, dracut.sh (force_drivers),
 * modules.d/98dracut-systemd/dracut-pre-udev.sh, modules.d/90kernel-modules/module-setup.sh.
 */
#include "initramfs/dracut.h"

#include "base/error.h"
#include "base/loader_entry.h"
#include "base/shell.h"
#include "initramfs/dracut_early.h"
#include "initramfs/dracut_images.h"

#include <string.h>

#define CONFIGURATION "etc/dracut.conf"
#define DROP_INS "etc/dracut.conf.d"
#define VENDOR_DROP_INS "usr/lib/dracut/dracut.conf.d"
#define OWN_NAME "vfio.conf"
#define OWN DROP_INS "/" OWN_NAME
#define FORCED "force_drivers"
#define ITEMS "install_items"
#define MODPROBE "/etc/modprobe.d/"

/* What all files say of one variable. */
struct said {
  GPtrArray *words; /* char *: that are surely in it, in their order */
  guint n_setting;  /* files with one that has no "+" */
  const char *set;  /* the last such file */
};

static void
clear_said (struct said *said)
{
  g_clear_pointer (&said->words, g_ptr_array_unref);
}

/* Every file that dracut reads; one in /etc hides its namesake. Their order does not matter here. Source:
 * dracut.sh, dropindirs_sort(). Free with g_ptr_array_unref(). */
static GPtrArray *
list_files (const struct pl_texts *texts)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *names, *vendors;
  GBytes *bytes;
  if (pl_texts_get (texts, CONFIGURATION, &bytes) != PL_ABSENT)
    g_ptr_array_add (paths, g_strdup (CONFIGURATION));
  pl_texts_names (texts, DROP_INS, &names);
  pl_texts_names (texts, VENDOR_DROP_INS, &vendors);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (paths, g_strconcat (DROP_INS "/", (const char *) g_ptr_array_index (names, i), NULL));
  for (guint i = 0; i < vendors->len; i++) {
    const char *name = g_ptr_array_index (vendors, i);
    if (!pl_texts_has_name (texts, DROP_INS, name))
      g_ptr_array_add (paths, g_strconcat (VENDOR_DROP_INS "/", name, NULL));
  }
  return paths;
}

/* The words of one assignment behind those before it in its file. */
static void
take_assignment (const struct pl_shell_file *file, const struct pl_shell_assignment *one, GPtrArray *words)
{
  g_autofree char *value = one->words == NULL ? pl_shell_word_text (file, &one->value) : NULL;
  if (!one->is_append)
    g_ptr_array_set_size (words, 0);
  if (value == NULL || one->is_conditional)
    return;
  g_auto (GStrv) parts = g_strsplit_set (value, " \t\n", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] != '\0')
      g_ptr_array_add (words, g_strdup (parts[i]));
}

/* The words of one file; false where it is not understood: *why is set. */
static bool
look_into (const struct pl_texts *texts, const char *path, const char *variable, GPtrArray *words, bool *sets,
           char **why)
{
  GBytes *bytes;
  g_autoptr (GError) failure = NULL;
  pl_texts_get (texts, path, &bytes);
  g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, &failure);
  *sets = false;
  if (file == NULL) {
    *why = g_strdup_printf ("/%s: %s", path, failure->message);
    return false;
  }
  for (guint i = 0; i < file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
    if (strcmp (one->name, variable) != 0)
      continue;
    take_assignment (file, one, words);
    *sets = *sets || !one->is_append;
  }
  return true;
}

/* What the files say of the variable, whatever their order: where one sets it anew, what another adds may be
 * lost. *why: set where a file is not understood. */
static void
look (const struct pl_texts *texts, const GPtrArray *paths, const char *variable, struct said *said,
      char **why)
{
  g_autoptr (GPtrArray) set_words = NULL;
  *said = (struct said){ .words = g_ptr_array_new_with_free_func (g_free) };
  for (guint i = 0; i < paths->len && *why == NULL; i++) {
    bool sets;
    g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
    if (!look_into (texts, g_ptr_array_index (paths, i), variable, words, &sets, why))
      return;
    if (sets) {
      said->n_setting++;
      said->set = g_ptr_array_index (paths, i);
      g_clear_pointer (&set_words, g_ptr_array_unref);
      set_words = g_steal_pointer (&words);
    } else {
      g_ptr_array_extend_and_steal (said->words, g_steal_pointer (&words));
    }
  }
  if (said->n_setting == 0)
    return;
  g_ptr_array_set_size (said->words, 0);
  if (said->n_setting == 1)
    g_ptr_array_extend_and_steal (said->words, g_steal_pointer (&set_words));
}

/* Whether the modules are loaded in this order already. */
static bool
has_modules (const struct said *said, const char *const *modules)
{
  guint at = 0;
  for (guint i = 0; modules[i] != NULL; i++) {
    while (at < said->words->len && strcmp (g_ptr_array_index (said->words, at), modules[i]) != 0)
      at++;
    if (at == said->words->len)
      return false;
  }
  return true;
}

/* Whether host-only mode is on, whichever file comes last. */
static bool
is_hostonly (const struct pl_texts *texts, const GPtrArray *paths)
{
  guint n = 0, n_yes = 0;
  for (guint i = 0; i < paths->len; i++) {
    GBytes *bytes;
    pl_texts_get (texts, g_ptr_array_index (paths, i), &bytes);
    g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, NULL);
    for (guint k = 0; file != NULL && k < file->assignments->len; k++) {
      const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, k);
      g_autofree char *value = one->words == NULL ? pl_shell_word_text (file, &one->value) : NULL;
      if (strcmp (one->name, "hostonly") != 0)
        continue;
      n++;
      n_yes += g_strcmp0 (value, "yes") == 0 && !one->is_conditional && !one->is_append;
    }
  }
  return n > 0 && n_yes == n;
}

static bool
has_modprobe (const struct said *items)
{
  for (guint i = 0; i < items->words->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (items->words, i), MODPROBE))
      return true;
  return false;
}

/* Adds a line; *why: set where a file that sets the variable anew may be read behind it. */
static void
add_line (GString *lines, const struct said *said, const char *variable, const char *words, char **why)
{
  bool is_lost = said->n_setting > 1 || (said->n_setting == 1 && strcmp (said->set, OWN) != 0);
  g_string_append_printf (lines, "%s+=\" %s \"\n", variable, words);
  if (*why == NULL && is_lost)
    *why = g_strdup_printf ("/%s sets %s anew", said->set, variable);
}

/* The lines that are missing; NULL: none is. Free with g_free(). */
static char *
make_lines (const struct pl_texts *texts, const GPtrArray *paths, const char *const *modules, char **why)
{
  struct said forced = { 0 }, items = { 0 };
  g_autofree char *words = g_strjoinv (" ", (char **) modules);
  g_autoptr (GString) lines = g_string_new (NULL);
  look (texts, paths, FORCED, &forced, why);
  look (texts, paths, ITEMS, &items, why);
  if (!has_modules (&forced, modules))
    add_line (lines, &forced, FORCED, words, why);
  if (!has_modprobe (&items) && !is_hostonly (texts, paths))
    add_line (lines, &items, ITEMS, MODPROBE "*.conf", why);
  clear_said (&forced);
  clear_said (&items);
  return lines->len > 0 ? g_string_free (g_steal_pointer (&lines), FALSE) : NULL;
}

static bool
leave_to_person (struct pl_edits *edits, const struct pl_image_wishes *wishes, const char *why)
{
  g_autofree char *words = g_strjoinv (" ", (char **) wishes->modules);
  g_autofree char *hook = pl_dracut_early_describe (wishes->early);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand
      = g_strdup_printf ("the images are left as they are (%s). %sHave these lines in /" OWN ":\n" FORCED
                         "+=\" %s \"\n" ITEMS "+=\" " MODPROBE "*.conf \"\nand make the images "
                         "anew, as they are made on this system; often: sudo dracut --force "
                         "--regenerate-all",
                         why, hook, words);
  return true;
}

/* What has to be known before anything is said. */
static bool
check_known (const struct pl_texts *texts, const GPtrArray *paths, GError **error)
{
  static const char *const folders[] = { DROP_INS, VENDOR_DROP_INS, "boot", "lib/modules" };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    const GPtrArray *names;
    if (!pl_texts_check (folders[i], pl_texts_names (texts, folders[i], &names), error))
      return false;
  }
  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    GBytes *bytes;
    enum pl_state state = pl_texts_get (texts, path, &bytes);
    if (state != PL_KNOWN)
      return pl_texts_fail (path, state, error);
  }
  return true;
}

static void
add_lines (const struct pl_texts *texts, const char *lines, struct pl_edits *edits)
{
  GBytes *old;
  gsize size = 0;
  pl_texts_get (texts, OWN, &old);
  const char *text = old != NULL ? g_bytes_get_data (old, &size) : "";
  GString *out = g_string_new_len (text, (gssize) size);
  if (size > 0 && text[size - 1] != '\n')
    g_string_append_c (out, '\n');
  g_string_append (out, lines);
  g_autoptr (GBytes) new = g_string_free_to_bytes (out);
  pl_edits_add (edits, OWN, old, new);
}

/* A module that is neither asked for nor left out is in every image. Source: dracut.sh, check_module(). */
static char *
why_not_early (const struct pl_texts *texts, const GPtrArray *paths)
{
  static const char *const variables[] = { "dracutmodules", "omit_dracutmodules" };
  char *why = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (variables) && why == NULL; i++) {
    struct said said = { 0 };
    look (texts, paths, variables[i], &said, &why);
    bool is_chosen
        = said.words->len > 0 && (i == 0 || has_modules (&said, (const char *const[]){ "pcilend", NULL }));
    if (why == NULL && is_chosen)
      why = g_strdup_printf ("%s says which modules an image has", variables[i]);
    clear_said (&said);
  }
  return why;
}

static bool
add_modules (const struct pl_texts *texts, const struct pl_image_wishes *wishes, struct pl_edits *edits,
             GError **error)
{
  g_autoptr (GPtrArray) paths = list_files (texts);
  g_autofree char *why = NULL;
  if (!check_known (texts, paths, error))
    return false;
  g_autofree char *lines = make_lines (texts, paths, wishes->modules, &why);
  if (why == NULL && wishes->early != NULL)
    why = why_not_early (texts, paths);
  if (why == NULL && wishes->early != NULL)
    why = pl_dracut_early_add (texts, wishes->early, edits);
  if (why != NULL)
    return leave_to_person (edits, wishes, why);
  if (lines != NULL)
    add_lines (texts, lines, edits);
  if (edits->files->len == 0 && !wishes->is_rebuilt)
    return true;
  g_autofree char *reason = pl_dracut_add_programs (texts, edits);
  return reason == NULL || leave_to_person (edits, wishes, reason);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
  { PL_TEXT_FILE, PL_DRACUT_EARLY_PATH, { NULL } },
  { PL_TEXT_FILE, PL_DRACUT_EARLY_SETUP, { NULL } },
  { PL_TEXT_FOLDER, DROP_INS, { ".conf", NULL } },
  { PL_TEXT_FOLDER, VENDOR_DROP_INS, { ".conf", NULL } },
  { PL_TEXT_NAMES, "boot", { "vmlinuz", "initrd", "initramfs", NULL } },
  { PL_TEXT_NAMES, "lib/modules", { "", NULL } },
  { PL_TEXT_NAMES, "efi/EFI/Linux", { "", NULL } },
  { PL_TEXT_NAMES, "boot/EFI/Linux", { "", NULL } },
  { PL_TEXT_NAMES, "boot/efi/EFI/Linux", { "", NULL } },
  PL_LOADER_ENTRY_WANTS,
};
static const char *const programs[] = { "dracut", "cp", NULL };

const struct pl_generator pl_generator_dracut = {
  .name = "dracut",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .early = &pl_dracut_early,
  /* Source: dracut.sh: instmods -c, whose failure counts for nothing. */
  .skips_missing = true,
  .add_modules = add_modules,
  .releases = pl_dracut_releases,
};
