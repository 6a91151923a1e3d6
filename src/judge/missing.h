/* missing.h - what the engine says where a fact is not known. For judge/ alone. */
#pragma once

#include "judge/rule.h"

/* Facts by number. */
struct pl_missing {
  guint64 machine;
  guint64 device;
  guint group;
};

/**
 * pl_case_add_missing - the facts that the case's rule wants and that are not known
 * @first: the findings from here on were made by the rule in this case
 * @unsure: facts that made something unsure are added
 * @unread: all other missing facts are added
 *
 * A rule that can block and did not gets an unsure finding. From pasted text only what the row's text_wants
 * names.
 */
void pl_case_add_missing (struct pl_case *judged, guint first, struct pl_missing *unsure,
                          struct pl_missing *unread);

/* Names of the facts in @unread that are not in @unsure, each once, sorted: const char *. */
GPtrArray *pl_missing_names (const struct pl_missing *unread, const struct pl_missing *unsure);
