/* planned.h - what `plan` and `apply` have in common: open, find the devices, read, judge, plan. */
#pragma once

#include "cli/command.h"
#include "cli/source.h"
#include "plan/plan.h"

struct pl_planned {
  struct pl_opened opened;
  struct pl_goal goal;
  struct pl_judgement *judgement;
  struct pl_plan *plan; /* NULL where there can be none */
};

/* What plan and apply take as options. */
struct pl_planned_options {
  bool with_companions;  /* functions of other cards that must go along are taken; without, a person at a
                            terminal  is told what the host loses, and asked */
  bool without_packages; /* the host's packages, services and groups are left alone */
};

/**
 * pl_planned_make - the plan for the call's devices on the call's machine
 *
 * Errors: those of pl_source_open() and pl_goal_from_arguments(); PL_ERROR_FORBIDDEN where a finding stands
 * against it, or functions that were not asked about must go along; PL_ERROR_UNDECIDED where something needed
 * is not known. Clear with pl_planned_clear(), also after a failure.
 */
bool pl_planned_make (struct pl_planned *planned, const struct pl_call *call,
                      struct pl_planned_options options, GError **error);
void pl_planned_clear (struct pl_planned *planned);

/* Whether something that the plan needs could not be read. */
bool pl_planned_is_partly (const struct pl_planned *planned);
