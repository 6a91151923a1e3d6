/* plan.h - a plan for a person, and as JSON (docs/json/plan.json). */
#pragma once

#include "plan/plan.h"
#include "report/report.h"

/* Numbered steps, each with its reason and its diff or its program; then what a person must do by hand, what
 * is not known, what the reboot will do, and how to come back. @judgement: its warnings are said first. */
void pl_report_plan (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                     const struct pl_plan *plan, const struct pl_style *style);

void pl_report_plan_json (FILE *stream, const struct pl_machine *machine,
                          const struct pl_judgement *judgement, const struct pl_plan *plan);
