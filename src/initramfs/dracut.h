/* dracut.h - dracut: Fedora, RHEL and kin, openSUSE, Void, Gentoo; Debian and Arch where it was chosen. */
#pragma once

#include "initramfs/generator.h"

extern const struct pl_generator pl_generator_dracut;
