/* initramfs_tools.c - see initramfs_tools.h. The editor of its list of modules is module_list.c.
 *
 * The list's modules are loaded after udev has settled, so it gives no precedence: it brings them into the
 * image, where "ids=" and softdeps of /etc/modprobe.d, which is copied into it whole, make vfio-pci the
 * first. Source: mkinitramfs, load_modules() in scripts/functions, scripts/init-top/udev.
 */
#include "initramfs/initramfs_tools.h"

#include "base/error.h"
#include "base/shell.h"
#include "initramfs/module_list.h"

#include <string.h>

#define MODULES "etc/initramfs-tools/modules"
#define CONFIGURATION "etc/initramfs-tools/update-initramfs.conf"
#define HOOKS "etc/initramfs/post-update.d"
#define IMAGE "initrd.img-"
#define KERNEL "vmlinuz-"

/* Those that have an image already. Source: update-initramfs, get_sorted_versions(); linux-version(1). */
static GPtrArray *
list_releases (const struct pl_texts *texts)
{
  GPtrArray *releases = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *names;
  pl_texts_names (texts, "boot", &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (!g_str_has_prefix (name, IMAGE))
      continue;
    g_autofree char *kernel = g_strconcat (KERNEL, name + strlen (IMAGE), NULL);
    if (pl_texts_has_name (texts, "boot", kernel))
      g_ptr_array_add (releases, g_strdup (name + strlen (IMAGE)));
  }
  return releases;
}

/* With update_initramfs=no it says so, does nothing, and ends with 0. @why: set where it is so, or where that
 * cannot be told. Free with g_free(). Source: update-initramfs.conf(5); update-initramfs, update(). */
static char *
why_switched_off (const struct pl_texts *texts)
{
  GBytes *bytes;
  g_autoptr (GError) failure = NULL;
  enum pl_state state = pl_texts_get (texts, CONFIGURATION, &bytes);
  if (state == PL_ABSENT)
    return NULL;
  if (state != PL_KNOWN)
    return g_strdup_printf ("/" CONFIGURATION " could not be read (%s)", pl_state_name (state));
  g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, &failure);
  if (file == NULL)
    return g_strdup_printf ("/" CONFIGURATION ": %s", failure->message);
  bool is_off = false;
  for (guint i = 0; i < file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
    g_autofree char *value = pl_shell_word_text (file, &one->value);
    if (strcmp (one->name, "update_initramfs") == 0)
      is_off = value == NULL || strcmp (value, "no") == 0;
  }
  return is_off ? g_strdup ("/" CONFIGURATION " has update_initramfs=no, so no image would be made") : NULL;
}

/* Before the script of udev: those that nothing has to run before come in the order of their names, and udev
 * names none either. A file without x is left out, in silence. Source: hook-functions, set_initlist(),
 * get_prereq_pairs(), cache_run_scripts(): tsort; tsort of GNU coreutils, src/tsort.c, as seen in an image.
 */
static const struct pl_early early = {
  .path = "etc/initramfs-tools/scripts/init-top/00-pcilend",
  .head = "#!/bin/sh\n"
          "PREREQ=\"\"\n"
          "prereqs() { echo \"$PREREQ\"; }\n"
          "case ${1:-} in prereqs) prereqs; exit 0 ;; esac\n"
          "\n",
  .tail = "\npcilend_bind\n",
};

/* What is to run early, for a person. Free with g_free(). */
static char *
describe_early (const struct pl_image_wishes *wishes)
{
  gsize size;
  if (wishes->early == NULL)
    return g_strdup ("");
  const char *text = g_bytes_get_data (wishes->early, &size);
  return g_strdup_printf ("Write to /%s, with the mode 0755:\n%.*s", early.path, (int) size, text);
}

static bool
leave_to_person (struct pl_edits *edits, const struct pl_image_wishes *wishes, const char *why)
{
  /* update_initramfs=no counts for -u alone. Source: update-initramfs, update(), create(). */
  const char *mode = strstr (why, "update_initramfs=no") != NULL ? "-c" : "-u";
  g_autofree char *lines = g_strjoinv ("\n", (char **) wishes->modules);
  g_autofree char *script = describe_early (wishes);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand = g_strdup_printf (
      "%s/" MODULES " is left as it is (%s). Add these lines to it:\n%s\nand make the images anew: sudo "
      "update-initramfs %s -k all",
      script, why, lines, mode);
  return true;
}

/* Why update-initramfs would not do; NULL: it does. Free with g_free(). */
static char *
why_not_made (const struct pl_texts *texts, const char *program, const GPtrArray *releases)
{
  const GPtrArray *hooks;
  g_autofree char *why = why_switched_off (texts);
  if (why != NULL)
    return g_steal_pointer (&why);
  if (program == NULL || releases->len == 0)
    return g_strdup (program == NULL ? "update-initramfs was not found" : "no image was found in /boot");
  /* They copy the image elsewhere, or the kernel, and that of systemd-boot has kernel-install write the boot
   * entries anew, of what it finds by then: what is written is not known, and could not be put back. Source:
   * update-initramfs, run_bootloader(); Debian's systemd, /etc/initramfs/post-update.d/systemd-boot. */
  enum pl_state state = pl_texts_names (texts, HOOKS, &hooks);
  if (hooks->len > 0)
    return g_strdup_printf ("/" HOOKS "/%s writes files that pcilend does not know of",
                            (const char *) g_ptr_array_index (hooks, 0));
  if (state != PL_KNOWN && state != PL_ABSENT)
    return g_strdup_printf ("/" HOOKS " could not be read (%s)", pl_state_name (state));
  return NULL;
}

/* Adds the call that makes the images of all kernels anew. NULL, or why it would not do; free with g_free().
 */
static char *
add_program (const struct pl_texts *texts, struct pl_edits *edits)
{
  g_autofree char *program = pl_texts_program (texts, "update-initramfs");
  g_autoptr (GPtrArray) releases = list_releases (texts);
  g_autofree char *why = why_not_made (texts, program, releases);
  if (why != NULL)
    return g_steal_pointer (&why);
  const char *argv[] = { program, "-u", "-k", "all", NULL };
  struct pl_program *step = pl_edits_add_program (edits, argv);
  /* Stopped half way it leaves what it was writing beside the image. Source: update-initramfs,
   * generate_initramfs(). */
  for (guint i = 0; i < releases->len; i++) {
    g_autofree char *made = g_strconcat ("boot/" IMAGE, (const char *) g_ptr_array_index (releases, i), NULL);
    g_autofree char *part = g_strconcat (made, ".new", NULL);
    pl_program_add_write (step, made);
    pl_program_add_write (step, part);
  }
  return NULL;
}

static bool
add_modules (const struct pl_texts *texts, const struct pl_image_wishes *wishes, struct pl_edits *edits,
             GError **error)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  enum pl_state state = pl_texts_get (texts, MODULES, &old);
  if (!pl_texts_check (MODULES, state, error))
    return false;
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) new = pl_module_list_add (old != NULL ? old : empty, wishes->modules, &failure);
  if (new == NULL)
    return leave_to_person (edits, wishes, failure->message);
  if (g_bytes_get_size (new) > 0)
    pl_edits_add (edits, MODULES, old, new);
  if (wishes->early != NULL) {
    pl_texts_get (texts, early.path, &old);
    pl_edits_add_own (edits, early.path, old, wishes->early, 0755, PL_EARLY_WHY);
  }
  if (edits->files->len == 0 && !wishes->is_rebuilt)
    return true;
  g_autofree char *why = add_program (texts, edits);
  return why == NULL || leave_to_person (edits, wishes, why);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, MODULES, { NULL } },
  { PL_TEXT_FILE, "etc/initramfs-tools/scripts/init-top/00-pcilend", { NULL } },
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
  { PL_TEXT_NAMES, HOOKS, { "", NULL } },
  { PL_TEXT_NAMES, "boot", { KERNEL, "initrd", NULL } },
};
static const char *const programs[] = { "update-initramfs", NULL };

const struct pl_generator pl_generator_initramfs_tools = {
  .name = "initramfs-tools",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .early = &early,
  /* Source: hook-functions, manual_add_modules(): modprobe --quiet. */
  .skips_missing = true,
  .add_modules = add_modules,
  .releases = list_releases,
};
