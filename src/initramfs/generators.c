/* generators.c - the table of initramfs generators; see generator.h. */
#include "initramfs/booster.h"
#include "initramfs/dracut.h"
#include "initramfs/initramfs_tools.h"
#include "initramfs/mkinitcpio.h"

#include <string.h>

const struct pl_generator *const pl_generators[] = { &pl_generator_initramfs_tools, &pl_generator_mkinitcpio,
                                                     &pl_generator_dracut, &pl_generator_booster, NULL };

const struct pl_generator *
pl_generator_find (const char *name)
{
  for (guint i = 0; pl_generators[i] != NULL; i++)
    if (strcmp (pl_generators[i]->name, name) == 0)
      return pl_generators[i];
  return NULL;
}
