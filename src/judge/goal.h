/* goal.h - what a person wants: these functions lent. Nothing named: the best card is to be found. */
#pragma once

#include "machine/machine.h"

struct pl_goal {
  GPtrArray
      *devices; /* const struct pl_device *; empty: judge every display function, the best one decides */
};
