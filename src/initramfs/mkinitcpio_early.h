/* mkinitcpio_early.h - what runs early in an image of mkinitcpio: a hook of our own, which is two files and a
 * word of HOOKS. Private to the generator.
 */
#pragma once

#include "initramfs/generator.h"

#define PL_MKINITCPIO_EARLY_HOOK "pcilend"
#define PL_MKINITCPIO_EARLY_INSTALL "etc/initcpio/install/" PL_MKINITCPIO_EARLY_HOOK
#define PL_MKINITCPIO_EARLY_PATH "etc/initcpio/hooks/" PL_MKINITCPIO_EARLY_HOOK

extern const struct pl_early pl_mkinitcpio_early;

/* The hook's files. Returns: NULL, or why a person must do it. Free with g_free(). */
char *pl_mkinitcpio_early_add (const struct pl_texts *texts, GBytes *early, struct pl_edits *edits);

/* What a person writes: "Write to ...", ends with a line end; "" where @early is NULL. Free with g_free(). */
char *pl_mkinitcpio_early_describe (GBytes *early);
