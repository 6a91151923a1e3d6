/* judge.h - what a machine's facts mean for a goal. Pure: no file, no clock, no output, no failure.
 *
 * Calling sequence:
 *
 *     do the facts that pl_judge_wants() names are read for the machine, and for each function of
 *     pl_judge_subjects() with its group's own facts; until pl_judge_subjects() names no new one
 *     judgement = pl_judge (machine, &goal);
 */
#pragma once

#include "judge/finding.h"
#include "judge/goal.h"

enum pl_lendable { PL_LENDABLE_YES, PL_LENDABLE_UNKNOWN, PL_LENDABLE_NO };
const char *pl_lendable_name (enum pl_lendable lendable); /* "yes", "unknown", "no" */

enum pl_verdict { PL_VERDICT_READY, PL_VERDICT_PREPARE, PL_VERDICT_UNKNOWN, PL_VERDICT_IMPOSSIBLE };
const char *pl_verdict_name (enum pl_verdict verdict); /* "ready", "prepare", "unknown", "impossible" */

/* One function that was asked about (or one display function where none was). */
struct pl_candidate {
  const struct pl_device *device;
  GPtrArray *companions; /* const struct pl_device *, without the device itself, in the order of addresses */
  enum pl_lendable lendable;
  enum pl_verdict verdict;
};

struct pl_judgement {
  GPtrArray *findings;       /* struct pl_finding *, worst first, then in the order of the rules */
  GPtrArray *candidates;     /* struct pl_candidate *, in the order asked, or of addresses */
  struct pl_candidate *best; /* of the candidates, where none was asked for; NULL where there is none */
  enum pl_verdict verdict;   /* of the worst asked for; of the best where none was */
  GPtrArray *lent;    /* const struct pl_device *: the devices asked about and what belongs to their cards, in
                         the    order of addresses; empty where none was asked about */
  GPtrArray *unasked; /* companions that belong to none of these cards and may be on a driver of the host:
                         required, and never taken silently */
  GPtrArray
      *not_looked_at; /* const char *: facts that rules would have used and that are not known, sorted */
};

/* Every fact that any rule wants. */
struct pl_wants pl_judge_wants (void);

/* The functions whose further facts matter for the goal: candidates, companions, and members of their groups.
 * Free with g_ptr_array_unref(). */
GPtrArray *pl_judge_subjects (const struct pl_machine *machine, const struct pl_goal *goal);

/* Never NULL. Points into the machine. Free with pl_judgement_free(). */
struct pl_judgement *pl_judge (const struct pl_machine *machine, const struct pl_goal *goal);
void pl_judgement_free (struct pl_judgement *judgement);

/* The ids of all findings that any rule can make, each once, sorted; for docs and checks. Ended by NULL;
 * static. */
const char *const *pl_judge_ids (void);

/* Whether the function is one that drives screens: base class 03. */
bool pl_judge_is_display (const struct pl_device *device);

/* Whether vfio-pci or one of its variants holds the function for a guest. */
bool pl_judge_is_on_vfio (const struct pl_device *device);

/* Whether it is a chip that the module vendor_reset is known to reset. Source: gnif/vendor-reset,
 * src/device-db.h. */
bool pl_judge_is_reset_by_vendor_reset (const struct pl_device *device);

/* The process that holds the function open for a guest, by its own node (iommufd) or by its group's; NULL
 * where none is known to. */
const struct pl_holder *pl_judge_holder (const struct pl_machine *machine, const struct pl_device *device);

enum pl_iommu_state { PL_IOMMU_UNKNOWN, PL_IOMMU_OFF, PL_IOMMU_ON };
enum pl_iommu_state pl_judge_iommu_state (const struct pl_machine *machine);

/* The kernel parameter that turns the IOMMU on where it is off for want of it: "intel_iommu=on"; NULL where
 * none is known to help, or it is not off. */
const char *pl_judge_iommu_parameter (const struct pl_machine *machine);

/* "pcilend --machine FILE": the program's call up to its command, for the same source, quoted for a shell.
 * Free with g_free(). */
char *pl_judge_command (const struct pl_machine *machine);
