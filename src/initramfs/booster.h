/* booster.h - booster; see generator.h. */
#pragma once

#include "initramfs/generator.h"

extern const struct pl_generator pl_generator_booster;
