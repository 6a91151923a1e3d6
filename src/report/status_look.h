/* status_look.h - what `status` says, before it is printed or written as JSON. Included by status*.c only. */
#pragma once

#include "judge/judge.h"
#include "machine/machine.h"

/* What is known of the IOMMU, in a word and as a sentence. */
struct pl_status_iommu {
  const char *state; /* "on", "off", "unknown" */
  const char *kind;  /* "Intel VT-d", "AMD-Vi", NULL */
  guint n_groups, n_functions;
};
struct pl_status_iommu pl_status_iommu (const struct pl_machine *machine);

/* Whether the function is held for a guest by vfio-pci or one of its variants. */
bool pl_status_is_on_vfio (const struct pl_device *device);

/* Whether the card drives a screen: "monitor", "monitor, boot", "boot" (the firmware began on it), "none",
 * "unknown". */
const char *pl_status_screen (const struct pl_machine *machine, const struct pl_device *device);

/* The process that holds the function's group open, or NULL. */
const struct pl_holder *pl_status_holder (const struct pl_machine *machine, const struct pl_device *device);

/* The one next command to type. Free with g_free(). */
char *pl_status_next (const struct pl_machine *machine, const struct pl_judgement *judgement);
