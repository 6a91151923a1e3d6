/* grub.h - GRUB, with a grub.cfg made by grub-mkconfig. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_grub;
