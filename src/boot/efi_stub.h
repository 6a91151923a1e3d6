/* efi_stub.h - a kernel that the firmware starts by itself, from an entry Boot#### with its options. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_efi_stub;
