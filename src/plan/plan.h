/* plan.h - what would be changed to lend devices: steps, as data, with what a person must know. Pure: no
 * file, no clock.
 *
 *     do the facts of pl_plan_wants() and of the rules are read
 *     plan = pl_plan_make (machine, judgement, &wishes)
 */
#pragma once

#include "base/person.h"
#include "judge/judge.h"
#include "plan/step.h"

/* What a step, or the lack of one, is about: a sentence for people. */
enum pl_remark_kind {
  PL_REMARK_FIRMWARE, /* what a person must change in the firmware's setup, before all else */
  PL_REMARK_UNKNOWN,  /* something could not be read and was left out of the plan */
  PL_REMARK_BY_HAND,  /* what a person must do, with the exact line or command: no step does it */
  PL_REMARK_NOTE      /* what is worth knowing */
};
struct pl_remark {
  enum pl_remark_kind kind;
  char *text; /* may have several lines; no full stop at its end */
};

struct pl_plan {
  GPtrArray *devices;  /* const struct pl_device *: all that would be lent, in the order of addresses */
  GPtrArray *steps;    /* struct pl_step *, in the order in which they are carried out */
  GPtrArray *remarks;  /* struct pl_remark * */
  guint reboots;       /* how many it takes until the devices are lent */
  guint minutes;       /* about how long a person is busy with it, the reboots too */
  bool is_first_stage; /* the IOMMU only: what comes then is planned after the reboot */
  char *after_reboot;  /* what the reboot will do; NULL where none is needed */
};

struct pl_plan_wishes {
  bool without_packages;          /* only the boot: the host's packages, services and groups are left alone */
  const struct pl_person *person; /* who works with the guests; NULL: not known */
};

/* Whether vfio-pci or one of its variants holds all devices now. */
bool pl_plan_is_lent (const struct pl_plan *plan);

/* Takes NULL. */
void pl_plan_free (struct pl_plan *plan);
typedef struct pl_plan pl_plan; /* for g_autoptr */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (pl_plan, pl_plan_free)

/* What a plan needs beside the facts of the rules. */
struct pl_wants pl_plan_wants (void);

/**
 * pl_plan_make - what is to be changed so that judgement->lent are on vfio-pci after a reboot
 * @wishes: what the person wants beside that
 * @judgement: of the devices asked about; its verdict is "ready" or "prepare", and its unasked is empty
 * unless the IOMMU is off
 *
 * Where the IOMMU is off, the plan is its first stage alone. What cannot be done by a step, or is not known,
 * is a remark. What holds already is no step: planning after applying gives no steps. Points into the
 * machine.
 *
 * Never NULL. Free with pl_plan_free().
 */
struct pl_plan *pl_plan_make (const struct pl_machine *machine, const struct pl_judgement *judgement,
                              const struct pl_plan_wishes *wishes);
