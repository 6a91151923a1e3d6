/* judged.h - what the commands that judge have in common: open, find the devices, read, judge, answer, close.
 */
#pragma once

#include "cli/command.h"
#include "judge/judge.h"

/* Prints a command's answer and gives its exit status. @was_asked: the arguments name devices. */
typedef enum pl_exit (*pl_answer_judged) (const struct pl_call *call, const struct pl_machine *machine,
                                          const struct pl_judgement *judgement, bool was_asked);

/**
 * pl_judged_run - the call's devices (none: every graphics card) judged on the call's machine
 * @wants: facts that the answer shows beside those of the rules
 *
 * Errors: those of pl_source_open() and pl_goal_from_arguments().
 */
enum pl_exit pl_judged_run (const struct pl_call *call, struct pl_wants wants, pl_answer_judged answer,
                            GError **error);
