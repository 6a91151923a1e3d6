/* proxmox.h - proxmox-boot-tool, which copies kernels and boot entries onto EFI system partitions that are
 * not mounted, and has systemd-boot or GRUB start them. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_proxmox;
