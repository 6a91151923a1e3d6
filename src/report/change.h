/* change.h - what was changed and taken back, for a person and as JSON (docs/json/apply.json, undo.json). */
#pragma once

#include "change/change.h"
#include "plan/plan.h"
#include "report/report.h"

/* After apply. @id: the journal, NULL where there was nothing to do. @left: struct pl_step *, those that a
 * mounted system leaves to be done. */
void pl_report_applied (FILE *stream, const struct pl_plan *plan, const char *id, const GPtrArray *left,
                        const char *command, const struct pl_style *style);
void pl_report_applied_json (FILE *stream, const struct pl_plan *plan, const char *id, const GPtrArray *left);

/* After undo. @row: the change as it is now. */
void pl_report_undone (FILE *stream, const struct pl_change_row *row, const struct pl_style *style);
void pl_report_undone_json (FILE *stream, const struct pl_change_row *row);

/* `undo --list`. */
void pl_report_changes (FILE *stream, const GPtrArray *rows, const struct pl_style *style);
void pl_report_changes_json (FILE *stream, const GPtrArray *rows);
