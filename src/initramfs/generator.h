/* generator.h - what an initramfs generator is: one const object, in a file of its own, listed in
 * generators.c. It works on texts only.
 */
#pragma once

#include "base/edits.h"

/* What the image shall hold. */
struct pl_image_wishes {
  const char *const *modules; /* in the order in which they shall be loaded; ended by NULL */
  const char *const *drivers; /* those that vfio-pci has to come before; ended by NULL; NULL: none */
  bool is_rebuilt;            /* other files that the image holds have changed: made anew in any case */
};

struct pl_generator {
  const char *name; /* "initramfs-tools" */
  const struct pl_text_want *wants;
  guint n_wants;
  const char *const *programs; /* the first of them shows that it is installed; ended by NULL */

  bool skips_missing; /* a module that a kernel lacks is left out of that kernel's image, and no failure */

  /**
   * add_modules - the modules in every image that it makes of the installed kernels
   *
   * A file that is not understood is not changed: edits->by_hand then says what to write where. Errors:
   * PL_ERROR_UNDECIDED where something needed is not known.
   */
  bool (*add_modules) (const struct pl_texts *texts, const struct pl_image_wishes *wishes,
                       struct pl_edits *edits, GError **error);

  /* The releases of the kernels whose images it makes anew, sorted. Free with g_ptr_array_unref(). */
  GPtrArray *(*releases) (const struct pl_texts *texts);
};

/* Ended by NULL. */
extern const struct pl_generator *const pl_generators[];

/* The one of that name, or NULL. */
const struct pl_generator *pl_generator_find (const char *name);
