/* mkinitcpio.h - mkinitcpio, of Arch and its kin. */
#pragma once

#include "initramfs/generator.h"

extern const struct pl_generator pl_generator_mkinitcpio;
