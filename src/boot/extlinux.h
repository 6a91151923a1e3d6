/* extlinux.h - EXTLINUX and SYSLINUX, and U-Boot where it reads an extlinux.conf. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_extlinux;
