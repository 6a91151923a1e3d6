/* proxmox.c - see proxmox.h.
 *
 * `proxmox-boot-tool refresh` mounts each partition that /etc/kernel/proxmox-boot-uuids names in a mount
 * namespace of its own, writes kernels, images and entries there, and removes older kernels. Nothing of that
 * can be saved by its path beforehand, so a person runs it: behind apply, and behind undo.
 *
 * Source: proxmox-kernel-helper, src/bin/proxmox-boot-tool, src/proxmox-boot/zz-proxmox-boot and functions,
 * as they are in jiangcuo/proxmox-kernel-helper, which follows Proxmox's own.
 */
#include "boot/proxmox.h"

#include "boot/grub.h"
#include "boot/kernel_cmdline.h"
#include "boot/managed.h"
#include "boot/ostree.h"
#include "boot/uki.h"

#include <string.h>

#define UUIDS "etc/kernel/proxmox-boot-uuids"
#define CMDLINE "etc/kernel/cmdline"
#define TOOL "proxmox-boot-tool"
#define REFRESH "sudo " TOOL " refresh"

/* With systemd-boot and with GRUB alike; no other is set up by it. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  GBytes *bytes;
  bool is_systemd_boot = pl_boot_is_named (evidence, "systemd-boot");
  bool may_be_grub = pl_boot_may_be_grub (evidence);
  if (pl_boot_ostree.claim (evidence) == PL_CLAIM_YES || pl_boot_uki.claim (evidence) == PL_CLAIM_YES)
    return PL_CLAIM_NO;
  if (!is_systemd_boot && !may_be_grub)
    return PL_CLAIM_NO;
  enum pl_state state = pl_texts_get (evidence->texts, UUIDS, &bytes);
  if (state == PL_ABSENT || pl_boot_lacks_program (evidence->texts, TOOL))
    return PL_CLAIM_NO;
  return state == PL_KNOWN ? PL_CLAIM_YES : PL_CLAIM_UNKNOWN;
}

/* Of /etc/default/grub as of every GRUB; grub.cfg is made on each partition, in place of the one in /boot. */
static bool
set_with_grub (const struct pl_boot_evidence *evidence, const char *const *parameters, struct pl_edits *edits,
               GError **error)
{
  if (!pl_boot_grub.set_parameters (evidence, parameters, edits, error))
    return false;
  bool is_changed = edits->files->len > 0;
  g_ptr_array_set_size (edits->programs, 0);
  if (edits->by_hand != NULL) {
    char *text = g_strdup_printf ("%s\nThen, in place of that alone: " REFRESH, edits->by_hand);
    return pl_boot_leave_to_person (edits, text);
  }
  if (is_changed)
    edits->by_hand = g_strdup ("GRUB starts from partitions that are not mounted, and " TOOL
                               " makes grub.cfg there. When the "
                               "files are written, and again behind an undo, type: " REFRESH);
  return true;
}

/* The tool reads the first line alone, and no comments. Source: functions, get_first_line(). */
static bool
is_first_line_all (GBytes *text)
{
  gsize size;
  const char *bytes = g_bytes_get_data (text, &size), *end = size > 0 ? memchr (bytes, '\n', size) : NULL;
  gsize first = end != NULL ? (gsize) (end - bytes) : size;
  bool has_word = false;
  for (gsize i = 0; i < size; i++) {
    bool is_word = !g_ascii_isspace (bytes[i]);
    has_word = has_word || (is_word && i < first);
    if (is_word && i >= first)
      return false;
  }
  return has_word;
}

static bool
set_with_systemd_boot (const struct pl_boot_evidence *evidence, const char *const *parameters,
                       struct pl_edits *edits, GError **error)
{
  GBytes *text;
  g_autofree char *why = NULL, *words = g_strjoinv (" ", (char **) parameters);
  g_autoptr (GError) failure = NULL;
  bool is_known = pl_texts_get (evidence->texts, CMDLINE, &text) == PL_KNOWN;
  if (is_known && !is_first_line_all (text))
    why = g_strdup ("/" CMDLINE " is left as it is (" TOOL
                    " reads its first line alone, and the words stand in "
                    "others, too)");
  if (why != NULL
      || !pl_kernel_cmdline_set (evidence->texts, CMDLINE, parameters, false, edits, &why, &failure)) {
    if (failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
    const char *make
        = is_known ? ""
                   : "\nwhich is to hold, in one line, what the kernel was started with: cat /proc/cmdline";
    return pl_boot_leave_to_person (edits, g_strdup_printf ("%s. Add to the first line of /" CMDLINE
                                                            ": %s%s\nand type: " REFRESH,
                                                            why, words, make));
  }
  if (edits->files->len > 0)
    edits->by_hand
        = g_strdup ("The boot entries are on partitions that are not mounted, and " TOOL " makes them. When "
                    "the files are written, and again behind an undo, type: " REFRESH);
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  return pl_boot_is_named (evidence, "systemd-boot")
             ? set_with_systemd_boot (evidence, parameters, edits, error)
             : set_with_grub (evidence, parameters, edits, error);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, UUIDS, { NULL } },
  { PL_TEXT_FILE, CMDLINE, { NULL } },
};
static const char *const programs[] = { TOOL, NULL };

const struct pl_boot_loader pl_boot_proxmox = {
  .name = "proxmox-boot-tool",
  .title = "proxmox-boot-tool",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
