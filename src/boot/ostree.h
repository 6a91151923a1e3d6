/* ostree.h - systems whose root is an OSTree deployment or a bootc image: Fedora Silverblue, Kinoite,
 * Bazzite, CoreOS. Whatever starts them, their boot entries, kernel parameters and images are made by ostree.
 */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_ostree;
