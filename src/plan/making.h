/* making.h - what the parts of a plan that is being made share. For plan/ alone. */
#pragma once

#include "base/edits.h"
#include "judge/binding.h"
#include "packages/distribution.h"
#include "plan/plan.h"

struct pl_making {
  const struct pl_machine *machine;
  const struct pl_judgement *judgement;
  const struct pl_texts *texts; /* NULL: not read */
  const struct pl_plan_wishes *wishes;
  struct pl_plan *plan;
  bool has_vendor_reset;  /* the module is in the images of all kernels */
  guint n_host_steps;     /* the first of the plan's: host.c's */
  bool is_left_to_person; /* no step binds the devices */
  GPtrArray *drivers;     /* const char *, ended by NULL: what vfio-pci has to come before; NULL: none */
  GBytes *early;          /* what the image's generator shall have run early; NULL: nothing */
  GPtrArray *programs;    /* struct pl_step *: to be run behind all files */
};

/* A remark of the plan; @format as of printf. */
void pl_making_remark (struct pl_making *making, enum pl_remark_kind kind, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Adds a file step. @mode: of struct pl_step. Takes references; @why is copied. */
void pl_making_add_file (struct pl_making *making, const char *path, GBytes *old_content, GBytes *new_content,
                         unsigned mode, const char *why);

/* Adds what a loader or generator would have changed: @file_why for its files, @program_why for its programs.
 */
void pl_making_add_edits (struct pl_making *making, const struct pl_edits *edits, const char *file_why,
                          const char *program_why);

/* The row of the machine's distribution, or NULL. */
const struct pl_distribution *pl_making_distribution (const struct pl_making *making);

/* host.c: packages, services, groups and the default network, before all else. */
void pl_making_host (struct pl_making *making);

/* nixos.c: the text of a module in place of all steps. @parameters: for the kernel command line; ended by
 * NULL. */
void pl_making_nixos (struct pl_making *making, const char *const *parameters);

/* bind.c: vfio.conf, and the parameter where vfio-pci takes its ids from the kernel command line. Words are
 * added to @parameters. False where no step can bind them. */
bool pl_making_bind (struct pl_making *making, GPtrArray *parameters);

/* bind_address.c: the script that binds them, into early. False where no step can. */
bool pl_making_bind_by_address (struct pl_making *making, const struct pl_binding *binding);

/* Whether that script, as it stands there, has all of them. */
bool pl_making_is_bound_by_address (const struct pl_making *making);

/* udev.c: what a finding has udev set at each boot. Behind the image, of which it has to know what it holds.
 */
void pl_making_udev (struct pl_making *making);

/* image.c: the modules for the images of the kernels that can boot. */
void pl_making_image (struct pl_making *making, bool is_rebuilt);

/* The same images once more, without any module: what else they hold has changed. */
void pl_making_image_again (struct pl_making *making);
