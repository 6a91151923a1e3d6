/* loaders.c - the table of boot loaders; see loader.h. */
#include "boot/efi_stub.h"
#include "boot/extlinux.h"
#include "boot/grub.h"
#include "boot/kernelstub.h"
#include "boot/limine.h"
#include "boot/ostree.h"
#include "boot/proxmox.h"
#include "boot/refind.h"
#include "boot/sdbootutil.h"
#include "boot/systemd_boot.h"
#include "boot/uki.h"

#include <string.h>

const struct pl_boot_loader *const pl_boot_loaders[] = {
  &pl_boot_grub,    &pl_boot_refind,     &pl_boot_systemd_boot, &pl_boot_efi_stub,
  &pl_boot_uki,     &pl_boot_limine,     &pl_boot_extlinux,     &pl_boot_kernelstub,
  &pl_boot_proxmox, &pl_boot_sdbootutil, &pl_boot_ostree,       NULL,
};

const struct pl_boot_loader *
pl_boot_loader_find (const char *name)
{
  for (guint i = 0; pl_boot_loaders[i] != NULL; i++)
    if (strcmp (pl_boot_loaders[i]->name, name) == 0)
      return pl_boot_loaders[i];
  return NULL;
}
