/* uki_builder.h - what builds the unified kernel images of a system, as its configuration files say. For
 * boot/ alone.
 */
#pragma once

#include "base/texts.h"

enum pl_uki_builder {
  PL_UKI_UNKNOWN, /* nothing says it, or several do */
  PL_UKI_MKINITCPIO,
  PL_UKI_DRACUT,
  PL_UKI_KERNEL_INSTALL
};

typedef struct pl_uki_building {
  enum pl_uki_builder builder;
  char *path; /* of dracut: the file that sets kernel_cmdline last, without the leading slash; NULL: none does
               */
  char *why;  /* why it is not known which file it takes the command line from; NULL: it is known */
} pl_uki_building;

/* Errors: PL_ERROR_UNDECIDED where a file could not be read. */
bool pl_uki_building_find (const struct pl_texts *texts, struct pl_uki_building *building, GError **error);
void pl_uki_building_clear (struct pl_uki_building *building);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (pl_uki_building, pl_uki_building_clear)
