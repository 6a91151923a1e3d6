/* managed.h - the ways to boot in which something stands above the loader that is seen: it makes what the
 * loader starts, so a plain loader leaves the system to it. For boot/ alone.
 */
#pragma once

#include "boot/loader.h"

/* Whether one of them claims the system. */
bool pl_boot_is_managed (const struct pl_boot_evidence *evidence);

/* Whether the loader that named itself has a name that begins so. */
bool pl_boot_is_named (const struct pl_boot_evidence *evidence, const char *beginning);

/* Whether nobody named himself but the kernel's own stub, which does so where nobody did. Source: Linux,
 * drivers/firmware/efi/libstub/bli.c. */
bool pl_boot_is_nameless (const struct pl_boot_evidence *evidence);

/* Whether GRUB may have started the kernel: it adds BOOT_IMAGE= (boot/grub.c), and no other one named itself.
 */
bool pl_boot_may_be_grub (const struct pl_boot_evidence *evidence);

/* Whether the program is known to be missing. */
bool pl_boot_lacks_program (const struct pl_texts *texts, const char *name);

/* By hand alone: what was planned goes. Takes @text over. Returns: true. */
bool pl_boot_leave_to_person (struct pl_edits *edits, char *text);
