/* grub_bls.h - GRUB with boot entries that are files of their own (Fedora, RHEL and kin). For grub.c. */
#pragma once

#include "boot/loader.h"

/**
 * pl_grub_bls_set - the entries of all installed kernels, and the command line of those to come
 * @why: set where false is returned without an error: why they are left as they are. Free with g_free()
 *
 * What grubby --update-kernel=ALL does, but losslessly, and the rescue entry stays: a way back. Errors:
 * PL_ERROR_UNDECIDED where something needed could not be read.
 */
bool pl_grub_bls_set (const struct pl_boot_evidence *evidence, const char *const *parameters,
                      struct pl_edits *edits, char **why, GError **error);
