/* limine.h - Limine, with a limine.conf that a person or limine-entry-tool writes. */
#pragma once

#include "boot/loader.h"

extern const struct pl_boot_loader pl_boot_limine;
