/* managed.c - see managed.h. */
#include "boot/managed.h"

#include "boot/ostree.h"
#include "boot/proxmox.h"
#include "boot/sdbootutil.h"
#include "boot/uki.h"

bool
pl_boot_is_managed (const struct pl_boot_evidence *evidence)
{
  static const struct pl_boot_loader *const above[]
      = { &pl_boot_ostree, &pl_boot_uki, &pl_boot_proxmox, &pl_boot_sdbootutil };
  for (guint i = 0; i < G_N_ELEMENTS (above); i++)
    if (above[i]->claim (evidence) == PL_CLAIM_YES)
      return true;
  return false;
}

bool
pl_boot_is_named (const struct pl_boot_evidence *evidence, const char *beginning)
{
  return evidence->loader_info.state == PL_KNOWN && g_str_has_prefix (evidence->loader_info.text, beginning);
}

bool
pl_boot_is_nameless (const struct pl_boot_evidence *evidence)
{
  return evidence->loader_info.state == PL_ABSENT || pl_boot_is_named (evidence, "Linux EFI stub");
}

bool
pl_boot_may_be_grub (const struct pl_boot_evidence *evidence)
{
  return evidence->boot_image != NULL
         && (evidence->loader_info.state != PL_KNOWN || pl_boot_is_named (evidence, "GRUB")
             || pl_boot_is_nameless (evidence));
}

bool
pl_boot_lacks_program (const struct pl_texts *texts, const char *name)
{
  const GPtrArray *names;
  g_autofree char *program = pl_texts_program (texts, name);
  enum pl_state sbin = pl_texts_names (texts, "usr/sbin", &names),
                bin = pl_texts_names (texts, "usr/bin", &names);
  return program == NULL && (sbin == PL_KNOWN || sbin == PL_ABSENT) && (bin == PL_KNOWN || bin == PL_ABSENT);
}

bool
pl_boot_leave_to_person (struct pl_edits *edits, char *text)
{
  pl_edits_clear (edits);
  pl_edits_init (edits);
  edits->by_hand = text;
  return true;
}
