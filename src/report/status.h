/* status.h - one screen: this machine, its graphics cards, what is lent, the next thing to do. */
#pragma once

#include "judge/judge.h"
#include "report/report.h"

/* What the view shows beside what rules want. */
struct pl_wants pl_report_status_wants (void);

/* @judgement: of a goal without devices. */
void pl_report_status (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                       const struct pl_style *style);

/* The same as JSON: docs/json/status.json. */
void pl_report_status_json (FILE *stream, const struct pl_machine *machine,
                            const struct pl_judgement *judgement);
