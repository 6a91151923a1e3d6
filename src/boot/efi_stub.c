/* efi_stub.c - see efi_stub.h.
 *
 * By hand: the options are in the firmware's memory. An entry there is no file that could be put back byte
 * for byte in a rescue shell, and some firmware forgets or reorders entries.
 */
#include "boot/efi_stub.h"

#include "boot/managed.h"
#include "boot/refind.h"
#include "boot/running.h"

#include <string.h>

/* Where an EFI system partition is mounted as a rule, with the directory of its loaders. Source: the Boot
 * Loader Specification; ArchWiki, "EFI system partition". */
static const struct {
  const char *mount, *loaders;
} partitions[] = { { "boot", "boot/EFI" }, { "efi", "efi/EFI" }, { "boot/efi", "boot/efi/EFI" } };

/* Loaders that start a kernel's stub with an initrd=, and leave no name; BOOT, the fallback, may be any of
 * them. Source: rEFInd 0.14.2, refind/launch_efi.c; the others from memory. */
static const char *const nameless[] = { "refind", "limine", "boot", "clover", "oc" };

/* Files that such loaders read. */
static const char *const traces[]
    = { "boot/refind_linux.conf", "boot/limine.conf", "efi/limine.conf", "boot/efi/limine.conf" };

/* Whether the initrd lies at the top of the partition: there a person puts it who has no loader. */
static bool
has_initrd (const struct pl_texts *texts, const char *mount, const char *initrd)
{
  const char *name = initrd + strspn (initrd, "\\/");
  return strpbrk (name, "\\/") == NULL && pl_texts_has_name (texts, mount, name);
}

static bool
has_nameless (const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (nameless); k++)
      if (g_ascii_strcasecmp (g_ptr_array_index (names, i), nameless[k]) == 0)
        return true;
  return false;
}

/* Whether the partition that the initrd came from has no loader that could have started it. */
static enum pl_claim
look_at_partitions (const struct pl_boot_evidence *evidence)
{
  for (guint i = 0; i < G_N_ELEMENTS (partitions); i++) {
    const GPtrArray *names;
    enum pl_state state = pl_texts_names (evidence->texts, partitions[i].loaders, &names);
    if (!has_initrd (evidence->texts, partitions[i].mount, evidence->initrd))
      continue;
    if (state == PL_KNOWN || state == PL_ABSENT)
      return has_nameless (names) ? PL_CLAIM_NO : PL_CLAIM_YES;
    return PL_CLAIM_UNKNOWN;
  }
  return PL_CLAIM_NO;
}

/* rEFInd's own evidence is the better one. What nothing decides is nobody's. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  GBytes *bytes;
  if (pl_boot_is_managed (evidence) || pl_boot_refind.claim (evidence) == PL_CLAIM_YES)
    return PL_CLAIM_NO;
  if (evidence->loader_info.state == PL_KNOWN && !pl_boot_is_nameless (evidence))
    return PL_CLAIM_NO;
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  if (evidence->boot_image != NULL || evidence->initrd == NULL)
    return PL_CLAIM_NO;
  for (guint i = 0; i < G_N_ELEMENTS (traces); i++) {
    enum pl_state state = pl_texts_get (evidence->texts, traces[i], &bytes);
    if (state != PL_ABSENT)
      return state == PL_KNOWN ? PL_CLAIM_NO : PL_CLAIM_UNKNOWN;
  }
  enum pl_claim found = look_at_partitions (evidence);
  return found == PL_CLAIM_YES && !pl_boot_is_nameless (evidence) ? PL_CLAIM_UNKNOWN : found;
}

/* The kernel takes the last of two values, so what is added counts. Source: efibootmgr(8). */
static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  (void) error;
  if (pl_running_has_parameters (evidence->command_line, parameters))
    return true;
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  edits->by_hand = g_strdup_printf ("The firmware starts the kernel by itself, and keeps its options in an "
                                    "entry that is no file, so pcilend could "
                                    "not put it back. See which entry it was (BootCurrent), its disk, "
                                    "partition and file: efibootmgr -v\nThen make a "
                                    "second one, which comes first and leaves the old one as the way back; "
                                    "with that disk, partition and file:\n"
                                    "sudo efibootmgr --create --disk /dev/DISK --part NUMBER --label "
                                    "\"Linux, IOMMU\" --loader 'FILE' --unicode "
                                    "\"$(cat /proc/cmdline) %s\"",
                                    words);
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, "boot/refind_linux.conf", { NULL } },
  { PL_TEXT_FILE, "boot/limine.conf", { NULL } },
  { PL_TEXT_FILE, "efi/limine.conf", { NULL } },
  { PL_TEXT_FILE, "boot/efi/limine.conf", { NULL } },
  { PL_TEXT_NAMES, "boot", { "init", "booster", NULL } },
  { PL_TEXT_NAMES, "efi", { "init", "booster", NULL } },
  { PL_TEXT_NAMES, "boot/efi", { "init", "booster", NULL } },
  { PL_TEXT_NAMES, "boot/EFI", { "", NULL } },
  { PL_TEXT_NAMES, "efi/EFI", { "", NULL } },
  { PL_TEXT_NAMES, "boot/efi/EFI", { "", NULL } },
};
static const char *const programs[] = { NULL };

const struct pl_boot_loader pl_boot_efi_stub = {
  .name = "efi-stub",
  .title = "the firmware",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
