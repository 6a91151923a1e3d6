/* kernelstub_text.h - the editor of /etc/kernelstub/configuration, the JSON file of Pop!_OS's kernelstub.
 *
 *     { "default": { ... }, "user": { "esp_path": "/boot/efi", "setup_loader": true,
 *                                     "kernel_options": [ "quiet", "splash" ], ... } }
 *
 * Source: kernelstub 3.1.4, kernelstub/config.py, load_config() and save_config().
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What of it counts here. Clear with pl_kernelstub_settings_clear(). */
struct pl_kernelstub_settings {
  char *esp_path;    /* "/boot/efi" */
  bool setup_loader; /* it writes the entry of systemd-boot */
  char *options;     /* the kernel's, parted by blanks, in their order */
};

void pl_kernelstub_settings_clear (struct pl_kernelstub_settings *settings);

/* Errors: PL_ERROR_FAILED, "line 3: ...", where the text is no such configuration. */
bool pl_kernelstub_text_read (GBytes *text, struct pl_kernelstub_settings *settings, GError **error);

/**
 * pl_kernelstub_text_set - the text with kernel parameters in the list user.kernel_options
 * @old: the whole file
 * @parameters: words like "intel_iommu=on", ended by NULL
 *
 * A parameter that is there is left where it is. One whose key is there with another value is replaced in its
 * place; else it is added as the last one. All other bytes stay.
 *
 * Returns: the new text, @old itself (with a reference more) where nothing is to change; NULL with
 * PL_ERROR_FAILED and "line 3: ..." where the text is not understood. Free with g_bytes_unref().
 */
GBytes *pl_kernelstub_text_set (GBytes *old, const char *const *parameters, GError **error);
