/* systemd_boot.h - systemd-boot, which starts a kernel's EFI stub by an entry of the Boot Loader
 * Specification. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_systemd_boot;
