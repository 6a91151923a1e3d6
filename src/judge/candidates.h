/* candidates.h - who is judged: the devices asked about, or every card, each with its companions. For judge/
 * alone. */
#pragma once

#include "judge/group.h"
#include "judge/judge.h"

/**
 * pl_candidates_new - struct pl_candidate * in the order asked, or of addresses
 *
 * @left: cards that are not judged because there are too many are added; may be NULL
 *
 * Where nothing was asked about: every function that drives screens, and what nobody knows not to be one.
 * Free with g_ptr_array_unref().
 */
GPtrArray *pl_candidates_new (const struct pl_machine *machine, const struct pl_goal *goal,
                              struct pl_groups *groups, GPtrArray *left);
