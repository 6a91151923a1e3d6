/* commands.h - the table of commands, in the order of the help. To add one: its object here and in main.c's
 * table. */
#pragma once

#include "cli/command.h"

extern const struct pl_command pl_command_status;
extern const struct pl_command pl_command_check;
extern const struct pl_command pl_command_groups;
extern const struct pl_command pl_command_show;
extern const struct pl_command pl_command_plan;
extern const struct pl_command pl_command_apply;
extern const struct pl_command pl_command_undo;
extern const struct pl_command pl_command_record;

/* Ended by NULL. */
extern const struct pl_command *const pl_commands[];
