/* plan_file.h - a plan that `pcilend --json plan` wrote, to be carried out on this machine or another of the
 * same make. */
#pragma once

#include "cli/planned.h"

struct pl_plan_file;

/**
 * pl_plan_file_read - the plan in the file @name; "-" is standard input
 *
 * Errors (PL_ERROR_FAILED): it cannot be read, is no plan, or is of a newer form. Free with
 * pl_plan_file_free(), which takes NULL.
 */
struct pl_plan_file *pl_plan_file_read (const char *name, GError **error);
void pl_plan_file_free (struct pl_plan_file *file);

/* The addresses that it is for, ended by NULL: the arguments of a plan made anew. They belong to @file. */
char **pl_plan_file_devices (const struct pl_plan_file *file);

/**
 * pl_plan_file_check - whether the plan made anew is the one in the file
 * @differences: gets what differs, as a diff for people
 *
 * Devices (address, ids, subsystem) and board must be the same, and each step but for its UUIDs.
 * Errors: PL_ERROR_FORBIDDEN, with the first thing that differs.
 */
bool pl_plan_file_check (const struct pl_plan_file *file, const struct pl_planned *planned,
                         GString *differences, const struct pl_style *style, GError **error);
