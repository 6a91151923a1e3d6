/* sdbootutil.h - openSUSE's sdbootutil, which makes the boot entries of each snapshot for systemd-boot or for
 * GRUB with entries of the Boot Loader Specification ("grub2-bls"). */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_sdbootutil;
