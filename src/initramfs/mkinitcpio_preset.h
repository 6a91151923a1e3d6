/* mkinitcpio_preset.h - the files /etc/mkinitcpio.d/NAME.preset: which images `mkinitcpio -P` makes, of which
 * kernel and with which configuration.
 *
 * A preset is a shell script; one that does more than assign is not understood.
 *
 * Source: mkinitcpio(8), "About presets"; mkinitcpio v41, mkinitcpio, process_preset().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_mkinitcpio_image {
  char *kernel;            /* the path of a kernel, or a release */
  char *config;            /* NULL: /etc/mkinitcpio.conf and what is in /etc/mkinitcpio.conf.d */
  char *image, *uki;       /* paths; NULL: none; at least one is there */
  bool is_without_modconf; /* its options leave the hook out */
  bool is_with_modconf;    /* its options add the hook */
};

/**
 * pl_mkinitcpio_preset_read - the images of one preset
 *
 * Those without a kernel or a file to write are not in it: mkinitcpio skips them with a warning. Returns:
 * struct pl_mkinitcpio_image *; NULL with PL_ERROR_FAILED, "line 3: ...". Free with g_ptr_array_unref().
 */
GPtrArray *pl_mkinitcpio_preset_read (GBytes *text, GError **error);
