/* sdbootutil.c - see sdbootutil.h.
 *
 * `sdbootutil update-all-entries` writes the options of every entry of every snapshot on the EFI system
 * partition anew, and new predictions for the TPM: a person runs it, since none of that is known beforehand.
 *
 * Source: openSUSE/sdbootutil, sdbootutil: create_boot_options(), update_entry_conf(), bootloader_type().
 */
#include "boot/sdbootutil.h"

#include "base/shell.h"
#include "boot/kernel_cmdline.h"
#include "boot/managed.h"
#include "boot/ostree.h"
#include "boot/proxmox.h"
#include "boot/uki.h"

#include <string.h>

#define CMDLINE "etc/kernel/cmdline"
#define DROP_INS "etc/kernel/cmdline.d"
#define SYSCONFIG "etc/sysconfig/bootloader"
#define TOOL "sdbootutil"
#define UPDATE "sudo " TOOL " update-all-entries"

/* The value of LOADER_TYPE; NULL where it is not known or not set. Free with g_free(). */
static char *
get_loader_type (const struct pl_texts *texts)
{
  GBytes *bytes;
  char *type = NULL;
  pl_texts_get (texts, SYSCONFIG, &bytes);
  g_autoptr (pl_shell_file) file = bytes != NULL ? pl_shell_parse (bytes, NULL) : NULL;
  for (guint i = 0; file != NULL && i < file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
    if (strcmp (one->name, "LOADER_TYPE") != 0)
      continue;
    g_free (type);
    type = pl_shell_word_text (file, &one->value);
  }
  return type;
}

/* GRUB's own name tells not which GRUB it is: the system's setting does, and that there is no grub.cfg of
 * grub-mkconfig's, which the other one starts. */
static enum pl_claim
claim_grub (const struct pl_boot_evidence *evidence)
{
  const GPtrArray *names;
  GBytes *bytes;
  enum pl_state state = pl_texts_get (evidence->texts, SYSCONFIG, &bytes);
  g_autofree char *type = get_loader_type (evidence->texts);
  if (state == PL_KNOWN)
    return type != NULL && strcmp (type, "grub2-bls") == 0 ? PL_CLAIM_YES : PL_CLAIM_NO;
  if (state != PL_ABSENT)
    return PL_CLAIM_UNKNOWN;
  if (pl_texts_has_name (evidence->texts, "boot/grub2", "grub.cfg"))
    return PL_CLAIM_NO;
  state = pl_texts_names (evidence->texts, "boot/grub2", &names);
  return state == PL_KNOWN || state == PL_ABSENT ? PL_CLAIM_YES : PL_CLAIM_UNKNOWN;
}

static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  bool is_systemd_boot = pl_boot_is_named (evidence, "systemd-boot");
  bool is_grub = pl_boot_may_be_grub (evidence);
  if (pl_boot_ostree.claim (evidence) == PL_CLAIM_YES || pl_boot_uki.claim (evidence) == PL_CLAIM_YES
      || pl_boot_proxmox.claim (evidence) == PL_CLAIM_YES)
    return PL_CLAIM_NO;
  if ((!is_systemd_boot && !is_grub) || pl_boot_lacks_program (evidence->texts, TOOL))
    return PL_CLAIM_NO;
  g_autofree char *program = pl_texts_program (evidence->texts, TOOL);
  if (program == NULL)
    return PL_CLAIM_UNKNOWN;
  return is_systemd_boot ? PL_CLAIM_YES : claim_grub (evidence);
}

/* Lines are read as a shell reads them: blanks in front of a "#" go first, and a last line without an end is
 * not read at all. NULL: nothing stands against it. */
static const char *
find_obstacle (GBytes *text)
{
  gsize size;
  const char *bytes = g_bytes_get_data (text, &size);
  if (size > 0 && bytes[size - 1] != '\n')
    return "its last line has no end, and " TOOL " does not read such a line";
  for (gsize i = 0; i < size; i++) {
    gsize start = i;
    while (i < size && (bytes[i] == ' ' || bytes[i] == '\t'))
      i++;
    if (i > start && i < size && bytes[i] == '#')
      return "a comment in it does not begin its line";
    while (i < size && bytes[i] != '\n')
      i++;
  }
  return NULL;
}

/* What comes behind /etc/kernel/cmdline counts more: then a person decides where a parameter belongs. */
static char *
find_drop_in (const struct pl_texts *texts)
{
  const GPtrArray *names;
  pl_texts_names (texts, DROP_INS, &names);
  return names->len == 0
             ? NULL
             : g_strdup_printf ("/" CMDLINE " is left as it is (/" DROP_INS "/%s is read behind it)",
                                (const char *) g_ptr_array_index (names, 0));
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  GBytes *text;
  g_autofree char *why = find_drop_in (evidence->texts), *words = g_strjoinv (" ", (char **) parameters);
  g_autoptr (GError) failure = NULL;
  bool is_known = pl_texts_get (evidence->texts, CMDLINE, &text) == PL_KNOWN;
  const char *obstacle = is_known ? find_obstacle (text) : NULL;
  if (why == NULL && obstacle != NULL)
    why = g_strdup_printf ("/" CMDLINE " is left as it is (%s)", obstacle);
  if (why != NULL
      || !pl_kernel_cmdline_set (evidence->texts, CMDLINE, parameters, true, edits, &why, &failure)) {
    if (failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
    return pl_boot_leave_to_person (
        edits, g_strdup_printf ("%s. Add to /" CMDLINE ": %s\nand type: " UPDATE, why, words));
  }
  if (edits->files->len > 0)
    edits->by_hand
        = g_strdup (TOOL " makes the boot entries of all snapshots. When the files are written, and again "
                         "behind an undo, type, outside of transactional-update: " UPDATE);
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CMDLINE, { NULL } },
  { PL_TEXT_FOLDER, DROP_INS, { "", NULL } },
  { PL_TEXT_FILE, SYSCONFIG, { NULL } },
  { PL_TEXT_NAMES, "boot/grub2", { "grub.cfg", NULL } },
};
static const char *const programs[] = { TOOL, NULL };

const struct pl_boot_loader pl_boot_sdbootutil = {
  .name = "sdbootutil",
  .title = "sdbootutil",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
