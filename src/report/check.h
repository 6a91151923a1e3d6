/* check.h - what was judged, for a person and as JSON. */
#pragma once

#include "judge/judge.h"
#include "report/report.h"

/* @verbose: with evidence and source of each finding. @was_asked: functions were named by the user. */
void pl_report_check (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                      bool was_asked, bool verbose, const struct pl_style *style);

/* The same as JSON: docs/json/check.json. */
void pl_report_check_json (FILE *stream, const struct pl_machine *machine,
                           const struct pl_judgement *judgement, bool was_asked);

/* "lendable, with 09:00.1", "not lendable", "not decided": the candidate's answer in words. Free with
 * g_free(). */
char *pl_report_answer (const struct pl_machine *machine, const struct pl_candidate *candidate);
