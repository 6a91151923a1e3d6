/* groups.h - the IOMMU groups with their functions. */
#pragma once

#include "report/report.h"

/**
 * pl_report_groups - the listing of the guide's script: a header a group, its functions behind a tab
 *
 * Groups in the order of their numbers, functions in the order in which a shell lists their addresses.
 */
void pl_report_groups (FILE *stream, const struct pl_machine *machine, const struct pl_style *style);

/* The same as JSON: docs/json/groups.json. Written object by object. */
void pl_report_groups_json (FILE *stream, const struct pl_machine *machine);

/* The functions that are in a group, sorted as above: guint32 indexes of pl_machine_device(). Free with
 * g_array_unref(). */
GArray *pl_report_sort_by_group (const struct pl_machine *machine);
