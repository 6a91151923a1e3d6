/* dracut.c - see dracut.h. Which images there are is told by dracut_images.c.
 *
 * force_drivers become rd.driver.pre= in the image: loaded in this order, before udev starts any other.
 * /etc/modprobe.d is in the image only in host-only mode. Source: dracut 059, dracut.sh (force_drivers),
 * modules.d/98dracut-systemd/dracut-pre-udev.sh, modules.d/90kernel-modules/module-setup.sh.
 */
#include "initramfs/dracut.h"

#include "base/error.h"
#include "base/shell.h"
#include "boot/loader_entry.h"
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
  guint n;          /* assignments */
  guint n_set;      /* of them without "+" */
  const char *set;  /* the file of the last such */
  bool is_maybe;    /* one is not known, or may not be carried out */
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

static void
take_assignment (struct said *said, const struct pl_shell_file *file, const struct pl_shell_assignment *one,
                 const char *path)
{
  g_autofree char *value = one->words == NULL ? pl_shell_word_text (file, &one->value) : NULL;
  said->n++;
  if (!one->is_append) {
    said->n_set++;
    said->set = path;
  }
  if (value == NULL || one->is_conditional) {
    said->is_maybe = true;
    return;
  }
  g_auto (GStrv) words = g_strsplit_set (value, " \t\n", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add (said->words, g_strdup (words[i]));
}

/* What the files say of the variable; NULL in @why: all were understood. */
static void
look (const struct pl_texts *texts, const GPtrArray *paths, const char *variable, struct said *said,
      char **why)
{
  *said = (struct said){ .words = g_ptr_array_new_with_free_func (g_free) };
  for (guint i = 0; i < paths->len && *why == NULL; i++) {
    const char *path = g_ptr_array_index (paths, i);
    GBytes *bytes;
    g_autoptr (GError) failure = NULL;
    pl_texts_get (texts, path, &bytes);
    g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, &failure);
    if (file == NULL) {
      *why = g_strdup_printf ("/%s: %s", path, failure->message);
      return;
    }
    for (guint k = 0; k < file->assignments->len; k++) {
      const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, k);
      if (strcmp (one->name, variable) == 0)
        take_assignment (said, file, one, path);
    }
  }
}

/* Whether the modules are loaded in this order already. */
static bool
has_modules (const struct said *said, const char *const *modules)
{
  guint at = 0;
  if (said->n_set > 0 && said->n > 1)
    return false;
  for (guint i = 0; modules[i] != NULL; i++) {
    while (at < said->words->len && strcmp (g_ptr_array_index (said->words, at), modules[i]) != 0)
      at++;
    if (at == said->words->len)
      return false;
  }
  return true;
}

static bool
is_with_modprobe (const struct said *items, const struct said *hostonly)
{
  bool is_hostonly = hostonly->n > 0 && !hostonly->is_maybe;
  for (guint i = 0; i < hostonly->words->len; i++)
    is_hostonly = is_hostonly && strcmp (g_ptr_array_index (hostonly->words, i), "yes") == 0;
  for (guint i = 0; i < items->words->len && (items->n_set == 0 || items->n == 1); i++)
    if (g_str_has_prefix (g_ptr_array_index (items->words, i), MODPROBE))
      return true;
  return is_hostonly;
}

/* The lines that are missing; NULL: none is. Free with g_free(). */
static char *
make_lines (const struct pl_texts *texts, const GPtrArray *paths, const char *const *modules, char **why)
{
  struct said forced = { 0 }, items = { 0 }, hostonly = { 0 };
  g_autofree char *words = g_strjoinv (" ", (char **) modules);
  g_autoptr (GString) lines = g_string_new (NULL);
  look (texts, paths, FORCED, &forced, why);
  look (texts, paths, ITEMS, &items, why);
  look (texts, paths, "hostonly", &hostonly, why);
  if (!has_modules (&forced, modules))
    g_string_append_printf (lines, FORCED "+=\" %s \"\n", words);
  if (!is_with_modprobe (&items, &hostonly))
    g_string_append (lines, ITEMS "+=\" " MODPROBE "*.conf \"\n");
  /* What is set anew in another file may be read behind ours. */
  const struct said *set = forced.n_set > 0 ? &forced : &items;
  if (*why == NULL && lines->len > 0 && set->n_set > 0 && strcmp (set->set, OWN) != 0)
    *why = g_strdup_printf ("/%s sets %s anew", set->set, set == &forced ? FORCED : ITEMS);
  clear_said (&forced);
  clear_said (&items);
  clear_said (&hostonly);
  return lines->len > 0 ? g_string_free (g_steal_pointer (&lines), FALSE) : NULL;
}

static bool
leave_to_person (struct pl_edits *edits, const struct pl_image_wishes *wishes, const char *why)
{
  g_autofree char *words = g_strjoinv (" ", (char **) wishes->modules);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand
      = g_strdup_printf ("the images are left as they are (%s). Have these lines in /" OWN ":\n" FORCED
                         "+=\" %s \"\n" ITEMS "+=\" " MODPROBE "*.conf \"\nand make the images "
                         "anew, as they are made on this system; often: sudo dracut --force "
                         "--regenerate-all",
                         why, words);
  return true;
}

/* What has to be known before anything is said. */
static bool
check_known (const struct pl_texts *texts, const GPtrArray *paths, GError **error)
{
  static const char *const folders[] = { DROP_INS, VENDOR_DROP_INS, "boot", "lib/modules" };
  const char *unknown = NULL;
  enum pl_state state = PL_KNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (folders) && unknown == NULL; i++) {
    const GPtrArray *names;
    state = pl_texts_names (texts, folders[i], &names);
    unknown = state == PL_KNOWN || state == PL_ABSENT ? NULL : folders[i];
  }
  for (guint i = 0; i < paths->len && unknown == NULL; i++) {
    GBytes *bytes;
    state = pl_texts_get (texts, g_ptr_array_index (paths, i), &bytes);
    unknown = state == PL_KNOWN ? NULL : g_ptr_array_index (paths, i);
  }
  if (unknown == NULL)
    return true;
  pl_error_set (error, PL_ERROR_UNDECIDED, unknown,
                state == PL_DENIED ? "run it again as root" : "see that it can be read",
                "/%s: it could not be read (%s)", unknown, pl_state_name (state));
  return false;
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

static bool
add_modules (const struct pl_texts *texts, const struct pl_image_wishes *wishes, struct pl_edits *edits,
             GError **error)
{
  g_autoptr (GPtrArray) paths = list_files (texts);
  g_autofree char *why = NULL;
  if (!check_known (texts, paths, error))
    return false;
  g_autofree char *lines = make_lines (texts, paths, wishes->modules, &why);
  if (why != NULL)
    return leave_to_person (edits, wishes, why);
  if (lines != NULL)
    add_lines (texts, lines, edits);
  if (lines == NULL && !wishes->is_rebuilt)
    return true;
  g_autofree char *reason = pl_dracut_add_programs (texts, edits);
  return reason == NULL || leave_to_person (edits, wishes, reason);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
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
  /* Source: dracut.sh: instmods -c, whose failure counts for nothing. */
  .skips_missing = true,
  .add_modules = add_modules,
  .releases = pl_dracut_releases,
};
