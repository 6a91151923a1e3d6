/* kernelstub.h - kernelstub of Pop!_OS, which writes what systemd-boot starts. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_kernelstub;
