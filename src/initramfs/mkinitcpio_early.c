/* mkinitcpio_early.c - see mkinitcpio_early.h.
 *
 * With the hook "udev" /init carries out each run_earlyhook, then loads MODULES, then carries out each
 * run_hook, of which that of udev asks for the devices: an early hook comes first, wherever it stands in
 * HOOKS. With the hook "systemd" no run_... is carried out, and a unit does it, before the modules of MODULES
 * and before udev asks. The install file puts both into the image, so that HOOKS may change. Neither file
 * needs to be executable: the one is sourced, the other gets its mode in the image.
 *
 * Source: mkinitcpio v41, init; functions, add_runscript() and run_build_hook(); hooks/udev; install/systemd;
 * mkinitcpio(8), "About hooks"; man 5 systemd.unit, DefaultDependencies=, Before=. Not tried on a machine.
 */
#include "initramfs/mkinitcpio_early.h"

#include <string.h>

/* Without a line "#!", for which mkinitcpio would look for a shell in the image before there is one. */
const struct pl_early pl_mkinitcpio_early = {
  .path = PL_MKINITCPIO_EARLY_PATH,
  .head = "",
  .tail = "\nrun_earlyhook() {\n  pcilend_bind\n}\n",
};

static const char install_text[]
    = "#!/bin/bash\n"
      "# Made by pcilend: its hook, and for images with systemd, which runs no hooks, a unit that runs it.\n"
      "build() {\n"
      "    local units=\"$BUILDROOT/usr/lib/systemd/system\"\n"
      "    add_runscript\n"
      "    mkdir -p \"$units/sysinit.target.wants\"\n"
      "    cat >\"$units/pcilend-early.service\" <<'UNIT'\n"
      "[Unit]\n"
      "Description=vfio-pci for devices that only their addresses tell apart\n"
      "DefaultDependencies=no\n"
      "Before=systemd-modules-load.service systemd-udevd.service systemd-udev-trigger.service\n"
      "ConditionPathExists=/hooks/" PL_MKINITCPIO_EARLY_HOOK "\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "ExecStart=/usr/bin/sh -c '. /hooks/" PL_MKINITCPIO_EARLY_HOOK "; run_earlyhook'\n"
      "UNIT\n"
      "    ln -sf ../pcilend-early.service \"$units/sysinit.target.wants/pcilend-early.service\"\n"
      "}\n"
      "\n"
      "help() {\n"
      "    echo 'Has vfio-pci take devices by their addresses, before other drivers can.'\n"
      "}\n";

char *
pl_mkinitcpio_early_add (const struct pl_texts *texts, GBytes *early, struct pl_edits *edits)
{
  GBytes *old;
  char *odd = pl_edits_add_fixed (edits, texts, PL_MKINITCPIO_EARLY_INSTALL, install_text, 0,
                                  "mkinitcpio puts a hook into an image by a file of this folder");
  if (odd != NULL)
    return odd;
  pl_texts_get (texts, PL_MKINITCPIO_EARLY_PATH, &old);
  pl_edits_add_own (edits, PL_MKINITCPIO_EARLY_PATH, old, early, 0, PL_EARLY_WHY);
  return NULL;
}

char *
pl_mkinitcpio_early_describe (GBytes *early)
{
  gsize size;
  if (early == NULL)
    return g_strdup ("");
  const char *text = g_bytes_get_data (early, &size);
  return g_strdup_printf ("Write to /" PL_MKINITCPIO_EARLY_INSTALL ":\n%s\nand to /" PL_MKINITCPIO_EARLY_PATH
                          ":\n%.*s\nand put " PL_MKINITCPIO_EARLY_HOOK " in front of the others in HOOKS.\n",
                          install_text, (int) size, text);
}
