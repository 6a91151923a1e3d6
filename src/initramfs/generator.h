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
  GBytes *early;              /* the whole new file at early->path; NULL: nothing has to run early */
};

/* A file of sh that is in every image and runs there before udev looks at any device. */
struct pl_early {
  const char *path;        /* without the leading slash; one of the texts that the generator wants */
  const char *head, *tail; /* what stands in it around the functions of data/early.sh, of which the tail, or
                              what reads the file, calls pcilend_bind */
};

/* Why it is written. */
#define PL_EARLY_WHY                                                                                         \
  "vfio-pci takes the functions by their addresses, while the image starts and before any driver is loaded " \
  "for them; nothing is touched where another device has such an address"

struct pl_generator {
  const char *name; /* "initramfs-tools" */
  const struct pl_text_want *wants;
  guint n_wants;
  const char *const *programs; /* the first of them shows that it is installed; ended by NULL */

  const struct pl_early *early; /* NULL: nothing can be made to run that early */
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
