/* device.h - the DEVICE arguments of a command. */
#pragma once

#include "judge/judge.h"
#include "machine/machine.h"

/**
 * pl_device_argument - the function that a person names
 * @text: "09:00.0", "0000:09:00.0", a slot "09:00" or "0000:09:00" (its function 0), or "1002:731f" where one
 * function has it
 *
 * Returns: the function; NULL with PL_ERROR_USAGE where there is none, or more than one, and the remedy names
 * what there is.
 */
const struct pl_device *pl_device_argument (const struct pl_machine *machine, const char *text,
                                            GError **error);

/* All arguments as a goal, each function once. Clear with pl_goal_clear() also after a failure. */
bool pl_goal_from_arguments (struct pl_goal *goal, const struct pl_machine *machine, char **arguments,
                             GError **error);
void pl_goal_clear (struct pl_goal *goal);
