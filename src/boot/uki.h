/* uki.h - a kernel that came out of a unified kernel image: its command line is a part of the image, whatever
 * loader or firmware started that. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_uki;
