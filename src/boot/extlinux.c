/* extlinux.c - see extlinux.h. The text's reader is extlinux_text.c.
 *
 * Where a program of a distribution writes the file, two files are edited: that which the program reads, and
 * the entry that it would make of it. So nothing has to be run now, and the program makes the same of them
 * later. update-extlinux would write the boot loader's own blocks anew, which no undoing could put back.
 */
#include "boot/extlinux.h"

#include "base/error.h"
#include "boot/entry_place.h"
#include "boot/extlinux_text.h"
#include "boot/grub_text.h"
#include "boot/managed.h"
#include "boot/option_line.h"

#include <string.h>

#define KERNEL_LINE "etc/kernel/cmdline"

/* Source: doc/extlinux.txt and doc/syslinux.txt of Syslinux 6.04; u-boot-menu 4.2.2, u-boot-update;
 * update-extlinux of Alpine. That Debian's old extlinux-update wrote linux.cfg, and where an EFI system
 * partition has it, is from memory. */
static const struct pl_entry_place places[] = {
  { "boot/extlinux/extlinux.conf", pl_extlinux_text_entries },
  { "boot/extlinux/linux.cfg", pl_extlinux_text_entries },
  { "boot/extlinux.conf", pl_extlinux_text_entries },
  { "boot/syslinux/syslinux.cfg", pl_extlinux_text_entries },
  { "boot/syslinux/extlinux.conf", pl_extlinux_text_entries },
  { "boot/EFI/syslinux/syslinux.cfg", pl_extlinux_text_entries },
  { "boot/efi/EFI/syslinux/syslinux.cfg", pl_extlinux_text_entries },
  { "efi/EFI/syslinux/syslinux.cfg", pl_extlinux_text_entries },
};

/* The programs that write such a file, told by its comment. @standard: what the kernel gets where nobody sets
 * the variable. Source: update-extlinux of Alpine's syslinux; u-boot-menu 4.2.2, u-boot-update; for
 * extlinux-update bootstrap-vz, tasks/extlinux.py, and the rest from memory: u-boot-update was made of it. */
static const struct generator {
  const char *program, *path, *variable;
  const char *standard[3];
} generators[] = {
  { "u-boot-update", "etc/default/u-boot", "U_BOOT_PARAMETERS", { "ro", "quiet", NULL } },
  { "extlinux-update", "etc/default/extlinux", "EXTLINUX_PARAMETERS", { "ro", "quiet", NULL } },
  { "update-extlinux", "etc/update-extlinux.conf", "default_kernel_opts", { NULL } },
};

/* Sourced behind /etc/default/u-boot. Source: u-boot-update. */
static const char *const fragments[] = { "usr/share/u-boot-menu/conf.d", "etc/u-boot-menu/conf.d" };

static bool
has_grub_cfg (const struct pl_texts *texts)
{
  return pl_texts_has_name (texts, "boot/grub", "grub.cfg")
         || pl_texts_has_name (texts, "boot/grub2", "grub.cfg");
}

/* Syslinux names the kernel in BOOT_IMAGE= as its entry does, and adds initrd= (kernel.c, record()); U-Boot
 * adds neither. GRUB adds BOOT_IMAGE=, too: where a grub.cfg is there, it is GRUB's as long as no entry here
 * is known to be the one; and one with a device in front is nobody else's. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  bool has_info = evidence->loader_info.state == PL_KNOWN;
  if (pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  if (has_info && !g_str_has_prefix (evidence->loader_info.text, "Linux EFI stub"))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image != NULL ? evidence->boot_image[0] == '(' : evidence->initrd != NULL)
    return PL_CLAIM_NO;
  enum pl_claim found = pl_entry_places_claim (places, G_N_ELEMENTS (places), evidence, evidence->boot_image);
  if (found == PL_CLAIM_UNKNOWN && evidence->boot_image != NULL && has_grub_cfg (evidence->texts))
    return PL_CLAIM_NO;
  /* Another loader may have named itself where nobody could look. */
  bool may_be_other = !has_info && evidence->loader_info.state != PL_ABSENT;
  return found == PL_CLAIM_YES && may_be_other ? PL_CLAIM_UNKNOWN : found;
}

static const struct generator *
find_generator (GBytes *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (generators); i++)
    if (pl_extlinux_text_is_made_by (text, generators[i].program))
      return &generators[i];
  return NULL;
}

/* By hand: what to add, and where. */
static bool
leave_to_person (struct pl_edits *edits, const struct generator *generator, const char *why,
                 const char *const *parameters)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  if (generator != NULL)
    edits->by_hand = g_strdup_printf ("%s. Add to %s in /%s: %s\nand run: sudo %s", why, generator->variable,
                                      generator->path, words, generator->program);
  else
    edits->by_hand
        = g_strdup_printf ("%s. Add to the APPEND line of the entry that you start: %s", why, words);
  return true;
}

/* Whether a fragment sets the variable, too, or may: then which one counts is not ours to guess. NULL: none.
 */
static char *
find_fragment (const struct pl_texts *texts, const struct generator *generator)
{
  for (guint i = 0; i < G_N_ELEMENTS (fragments); i++) {
    const GPtrArray *names;
    enum pl_state state = pl_texts_names (texts, fragments[i], &names);
    if (state != PL_KNOWN && state != PL_ABSENT)
      return g_strdup_printf ("/%s could not be read (%s)", fragments[i], pl_state_name (state));
    for (guint k = 0; k < names->len; k++) {
      GBytes *bytes;
      bool has = true;
      g_autofree char *path
          = g_strdup_printf ("%s/%s", fragments[i], (const char *) g_ptr_array_index (names, k));
      if (pl_texts_get (texts, path, &bytes) == PL_KNOWN
          && pl_grub_text_has (bytes, generator->variable, &has, NULL) && !has)
        continue;
      return g_strdup_printf ("/%s sets %s, or may", path, generator->variable);
    }
  }
  return NULL;
}

/* u-boot-update takes the file's one line where nobody sets its variable. */
static bool
set_kernel_line (GBytes *old, const char *const *parameters, struct pl_edits *edits, char **why)
{
  gsize size;
  const char *text = g_bytes_get_data (old, &size);
  g_autoptr (GError) failure = NULL;
  g_autofree char *new = memchr (text != NULL ? text : "", '\0', size) == NULL
                             ? pl_option_line_set (text != NULL ? text : "", size, parameters, &failure)
                             : NULL;
  if (new == NULL) {
    *why = g_strdup_printf ("/" KERNEL_LINE " is left as it is (%s)",
                            failure != NULL ? failure->message : "it has a byte that is zero");
    return false;
  }
  g_autoptr (GBytes) bytes = g_bytes_new (new, strlen (new));
  pl_edits_add (edits, KERNEL_LINE, old, bytes);
  return true;
}

/* Edits what the program reads; false with the reason in @why. */
static bool
set_source (const struct pl_texts *texts, const struct generator *generator, const char *const *parameters,
            struct pl_edits *edits, char **why)
{
  GBytes *old, *line;
  bool has, is_u_boot = generator == &generators[0];
  g_autoptr (GError) failure = NULL;
  if (pl_texts_get (texts, generator->path, &old) != PL_KNOWN) {
    *why = g_strdup_printf ("%s made the file, and /%s is not known", generator->program, generator->path);
    return false;
  }
  *why = is_u_boot ? find_fragment (texts, generator) : NULL;
  if (*why != NULL)
    return false;
  if (!pl_grub_text_has (old, generator->variable, &has, &failure)) {
    *why = g_strdup_printf ("/%s is left as it is (%s)", generator->path, failure->message);
    return false;
  }
  enum pl_state state = pl_texts_get (texts, KERNEL_LINE, &line);
  if (is_u_boot && !has && state == PL_KNOWN)
    return set_kernel_line (line, parameters, edits, why);
  if (is_u_boot && !has && state != PL_ABSENT) {
    *why = g_strdup_printf ("/" KERNEL_LINE " could not be read (%s)", pl_state_name (state));
    return false;
  }
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  for (guint i = 0; generator->standard[i] != NULL && !has; i++)
    g_ptr_array_add (all, (char *) generator->standard[i]);
  for (guint i = 0; parameters[i] != NULL; i++)
    g_ptr_array_add (all, (char *) parameters[i]);
  g_ptr_array_add (all, NULL);
  g_autoptr (GBytes) new
      = pl_grub_text_set (old, generator->variable, (const char *const *) all->pdata, &failure);
  if (new == NULL)
    *why = g_strdup_printf ("/%s is left as it is (%s)", generator->path, failure->message);
  else
    pl_edits_add (edits, generator->path, old, new);
  return new != NULL;
}

static bool
set_found (const struct pl_texts *texts, const struct pl_entry_found *found, const char *const *parameters,
           struct pl_edits *edits)
{
  g_autofree char *why = NULL;
  g_autoptr (GError) failure = NULL;
  const struct generator *generator = found->text != NULL ? find_generator (found->text) : NULL;
  if (found->entry == NULL)
    return leave_to_person (edits, generator, found->why, parameters);
  g_autoptr (GBytes) new = pl_entry_line_set (found->text, found->entry, parameters, &failure);
  if (new == NULL)
    why = g_strdup_printf ("/%s is left as it is (%s)", found->path, failure->message);
  else if (generator == NULL && pl_extlinux_text_is_made_by (found->text, NULL))
    why = g_strdup_printf ("/%s says that a program makes it, and pcilend does not know which", found->path);
  if (why != NULL)
    return leave_to_person (edits, generator, why, parameters);
  if (generator != NULL && !set_source (texts, generator, parameters, edits, &why))
    return leave_to_person (edits, generator, why, parameters);
  pl_edits_add (edits, found->path, found->text, new);
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  struct pl_entry_found found;
  if (!pl_entry_places_find (places, G_N_ELEMENTS (places), evidence, evidence->boot_image, &found, error))
    return false;
  bool is_set = set_found (evidence->texts, &found, parameters, edits);
  pl_entry_found_clear (&found);
  return is_set;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, "boot/extlinux/extlinux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/extlinux/linux.cfg", { NULL } },
  { PL_TEXT_FILE, "boot/extlinux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/syslinux/syslinux.cfg", { NULL } },
  { PL_TEXT_FILE, "boot/syslinux/extlinux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/EFI/syslinux/syslinux.cfg", { NULL } },
  { PL_TEXT_FILE, "boot/efi/EFI/syslinux/syslinux.cfg", { NULL } },
  { PL_TEXT_FILE, "efi/EFI/syslinux/syslinux.cfg", { NULL } },
  { PL_TEXT_FILE, "etc/default/u-boot", { NULL } },
  { PL_TEXT_FILE, "etc/default/extlinux", { NULL } },
  { PL_TEXT_FILE, "etc/update-extlinux.conf", { NULL } },
  { PL_TEXT_FILE, KERNEL_LINE, { NULL } },
  { PL_TEXT_FOLDER, "usr/share/u-boot-menu/conf.d", { ".conf", NULL } },
  { PL_TEXT_FOLDER, "etc/u-boot-menu/conf.d", { ".conf", NULL } },
  { PL_TEXT_NAMES, "boot/grub", { "grub.cfg", NULL } },
  { PL_TEXT_NAMES, "boot/grub2", { "grub.cfg", NULL } },
};
static const char *const programs[] = { NULL };

const struct pl_boot_loader pl_boot_extlinux = {
  .name = "extlinux",
  .title = "EXTLINUX",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
