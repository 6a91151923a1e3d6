/* grub.c - see grub.h. The text's editor is grub_text.c. */
#include "boot/grub.h"

#include "base/error.h"
#include "base/loader_entry.h"
#include "base/shell.h"
#include "boot/grub_bls.h"
#include "boot/grub_text.h"
#include "boot/managed.h"

#include <string.h>

/* Recovery entries get GRUB_CMDLINE_LINUX alone, so they stay as they are: a way back in the menu.
 * Source: util/grub.d/10_linux.in; info grub, "Simple configuration". */
#define VARIABLE "GRUB_CMDLINE_LINUX_DEFAULT"
/* Where entries are files, recovery has one of its own, and the words of all others are in this one. Source:
 * grubby-bls. */
#define ENTRIES_VARIABLE "GRUB_CMDLINE_LINUX"
#define DEFAULTS "etc/default/grub"
#define DROP_INS "etc/default/grub.d"

/* Where grub.cfg lies: /boot/grub2 on Fedora, RHEL and openSUSE, where the programs are called grub2-, too.
 */
static const struct {
  const char *folder;
  const char *program, *path; /* path: what follows "-o"; NULL: the program knows it */
} layouts[] = { { "boot/grub", "update-grub", NULL },
                { "boot/grub", "grub-mkconfig", "/boot/grub/grub.cfg" },
                { "boot/grub2", "grub2-mkconfig", "/boot/grub2/grub.cfg" } };

/* What adds BOOT_IMAGE= to the command line: GRUB (include/grub/i386/linux.h, LINUX_IMAGE), and
 * syslinux and its kin, which have no grub.cfg. A loader that names itself in LoaderInfo and is another one
 * is believed; the kernel's own stub names itself where nobody did: drivers/firmware/efi/libstub/bli.c. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  if (pl_boot_is_managed (evidence))
    return PL_CLAIM_NO;
  if (evidence->loader_info.state == PL_KNOWN && !g_str_has_prefix (evidence->loader_info.text, "GRUB")
      && !g_str_has_prefix (evidence->loader_info.text, "Linux EFI stub"))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image == NULL)
    return PL_CLAIM_NO;
  bool is_known = true;
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    const GPtrArray *names;
    enum pl_state state = pl_texts_names (evidence->texts, layouts[i].folder, &names);
    if (pl_texts_has_name (evidence->texts, layouts[i].folder, "grub.cfg"))
      return PL_CLAIM_YES;
    is_known = is_known && (state == PL_KNOWN || state == PL_ABSENT);
  }
  return is_known ? PL_CLAIM_NO : PL_CLAIM_UNKNOWN;
}

/* The program that makes grub.cfg anew; false where none is there. */
static bool
find_program (const struct pl_texts *texts, struct pl_edits *edits)
{
  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++) {
    g_autofree char *program = pl_texts_program (texts, layouts[i].program);
    if (program == NULL || !pl_texts_has_name (texts, layouts[i].folder, "grub.cfg"))
      continue;
    const char *argv[] = { program, layouts[i].path != NULL ? "-o" : NULL, layouts[i].path, NULL };
    struct pl_program *step = pl_edits_add_program (edits, argv);
    g_autofree char *made = g_strconcat (layouts[i].folder, "/grub.cfg", NULL);
    g_autofree char *part = g_strconcat (made, ".new", NULL);
    pl_program_add_write (step, made);
    /* Stays where grub-mkconfig is stopped, or finds its own work wrong. Source: util/grub-mkconfig.in. */
    pl_program_add_write (step, part);
    return true;
  }
  return false;
}

/* By hand: what to add, and where. */
static bool
leave_to_person (const struct pl_texts *texts, struct pl_edits *edits, const char *path,
                 const char *const *parameters, const char *why)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  bool is_two = pl_texts_has_name (texts, "boot/grub2", "grub.cfg");
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand = g_strdup_printf (
      "/%s is left as it is (%s). Add to the kernel command line: %s\nand make grub.cfg anew: sudo %s", path,
      why, words,
      is_two ? "grub2-mkconfig -o /boot/grub2/grub.cfg"
             : "update-grub (or: grub-mkconfig -o /boot/grub/grub.cfg)");
  return true;
}

/* Files are sourced in this order; the variable's last assignment counts. Drop-ins are read by Debian's
 * grub-mkconfig and its kin: that the folder has any shows that this one does. Source: Debian's grub2,
 * util/grub-mkconfig.in. */
static GPtrArray *
list_files (const struct pl_texts *texts)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const GPtrArray *names;
  g_ptr_array_add (paths, g_strdup (DEFAULTS));
  pl_texts_names (texts, DROP_INS, &names);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (paths, g_strconcat (DROP_INS "/", (const char *) g_ptr_array_index (names, i), NULL));
  return paths;
}

/* The last file that assigns the variable, else the first. NULL where one is not understood or not known:
 * @why or the error says. */
static const char *
find_file (const struct pl_texts *texts, const GPtrArray *paths, const char *variable, bool *has, char **why,
           GError **error)
{
  const char *found = NULL;
  *has = false;
  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    GBytes *bytes;
    bool has_it;
    g_autoptr (GError) failure = NULL;
    enum pl_state state = pl_texts_get (texts, path, &bytes);
    if (state != PL_KNOWN) {
      pl_texts_fail (path, state, error);
      return NULL;
    }
    if (!pl_grub_text_has (bytes, variable, &has_it, &failure)) {
      *why = g_strdup_printf ("%s: %s", path, failure->message);
      return NULL;
    }
    if (has_it || found == NULL)
      found = path;
    *has = *has || has_it;
  }
  return found;
}

/* Entries by the Boot Loader Specification are no work of grub-mkconfig since Fedora 33. Source:
 * osbuild/osbuild-composer issue 2129, rhboot/grub2 issue 126, rhinstaller/anaconda issue 1717. */
static bool
has_bls_entries (const struct pl_texts *texts, const GPtrArray *paths)
{
  bool is_on = false;
  for (guint i = 0; i < paths->len; i++) {
    GBytes *bytes;
    bool is_read = pl_texts_get (texts, g_ptr_array_index (paths, i), &bytes) == PL_KNOWN;
    g_autoptr (pl_shell_file) file = is_read ? pl_shell_parse (bytes, NULL) : NULL;
    for (guint k = 0; file != NULL && k < file->assignments->len; k++) {
      const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, k);
      g_autofree char *value = pl_shell_word_text (file, &one->value);
      if (strcmp (one->name, "GRUB_ENABLE_BLSCFG") == 0)
        is_on = value == NULL || strcmp (value, "true") == 0;
    }
  }
  return is_on;
}

static bool
leave_to_grubby (struct pl_edits *edits, const char *const *parameters, const char *why)
{
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand = g_strdup_printf (
      "the boot entries are files of their own, and are left as they are (%s). grubby changes them: sudo "
      "grubby --update-kernel=ALL --args=\"%s\"\nand, for kernels to come, add the same to "
      "/etc/kernel/cmdline where it is there",
      why, words);
  return true;
}

/* The variable in the file that has the last word on it; NULL in @edits: nothing changes. False with @path
 * and
 * @why where it is left as it is, or with an error. */
static bool
edit_defaults (const struct pl_texts *texts, const GPtrArray *paths, const char *variable,
               const char *const *parameters, struct pl_edits *edits, const char **path, char **why,
               GError **error)
{
  bool has;
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  *path = find_file (texts, paths, variable, &has, why, error);
  if (*path == NULL) {
    *path = DEFAULTS;
    return false;
  }
  pl_texts_get (texts, *path, &old);
  g_autoptr (GBytes) new = pl_grub_text_set (old, variable, parameters, &failure);
  if (new == NULL) {
    *why = g_strdup (failure->message);
    return false;
  }
  pl_edits_add (edits, *path, old, new);
  return true;
}

/* The variable is what grub2-mkconfig --update-bls-cmdline would write into all entries; it is not run. */
static bool
set_in_entries (const struct pl_boot_evidence *evidence, const GPtrArray *paths,
                const char *const *parameters, struct pl_edits *edits, GError **error)
{
  const char *path;
  g_autofree char *why = NULL;
  g_autoptr (GError) failure = NULL;
  if (pl_grub_bls_set (evidence, parameters, edits, &why, &failure)
      && edit_defaults (evidence->texts, paths, ENTRIES_VARIABLE, parameters, edits, &path, &why, &failure))
    return true;
  if (failure == NULL)
    return leave_to_grubby (edits, parameters, why);
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  const struct pl_texts *texts = evidence->texts;
  const char *path;
  const GPtrArray *names;
  enum pl_state state = pl_texts_names (texts, DROP_INS, &names);
  if (!pl_texts_check (DROP_INS, state, error))
    return false;
  g_autoptr (GPtrArray) paths = list_files (texts);
  g_autofree char *why = NULL;
  g_autoptr (GError) failure = NULL;
  if (has_bls_entries (texts, paths))
    return set_in_entries (evidence, paths, parameters, edits, error);
  bool is_done = edit_defaults (texts, paths, VARIABLE, parameters, edits, &path, &why, &failure);
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  if (!is_done)
    return leave_to_person (texts, edits, path, parameters, why);
  if (edits->files->len > 0 && !find_program (texts, edits))
    return leave_to_person (texts, edits, path, parameters, "no program was found that makes grub.cfg of it");
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, DEFAULTS, { NULL } },
  { PL_TEXT_FOLDER, DROP_INS, { ".cfg", NULL } },
  { PL_TEXT_FILE, "etc/kernel/cmdline", { NULL } },
  PL_LOADER_ENTRY_WANTS,
  { PL_TEXT_NAMES, "lib/modules", { "", NULL } },
  { PL_TEXT_NAMES, "boot/grub", { "grub.cfg", "grubenv", "custom.cfg", NULL } },
  { PL_TEXT_NAMES, "boot/grub2", { "grub.cfg", "grubenv", "custom.cfg", NULL } },
};
static const char *const programs[] = { "update-grub", "grub-mkconfig", "grub2-mkconfig", NULL };

const struct pl_boot_loader pl_boot_grub = {
  .name = "grub",
  .title = "GRUB",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
