/* show.h - all that is known of one function, its companions and its group. */
#pragma once

#include "judge/judge.h"
#include "report/report.h"

/* @candidate: the only one of a judgement of this function. */
void pl_report_show (FILE *stream, const struct pl_machine *machine, const struct pl_candidate *candidate,
                     const struct pl_style *style);

/* The same as JSON: docs/json/show.json. */
void pl_report_show_json (FILE *stream, const struct pl_machine *machine,
                          const struct pl_candidate *candidate);
