/* refind.h - rEFInd, which starts a kernel's EFI stub with the options of a refind_linux.conf beside it. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_refind;
