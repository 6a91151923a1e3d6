/* initramfs_tools.h - initramfs-tools, of Debian and its kin. */
#pragma once

#include "initramfs/generator.h"

extern const struct pl_generator pl_generator_initramfs_tools;
