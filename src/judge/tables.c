/* tables.c - all rules: in which order, which facts they want, which ids they have. */
#include "judge/judge.h"
#include "judge/rule.h"

#include <stdlib.h>
#include <string.h>

/* In the order in which findings of one severity are shown. */
const struct pl_rule_table *const pl_rule_tables[PL_N_RULE_TABLES]
    = { &pl_rules_host, &pl_rules_iommu, &pl_rules_group, &pl_rules_device,
        &pl_rules_use,  &pl_rules_card,  &pl_rules_reset };

struct pl_wants
pl_judge_wants (void)
{
  /* What companions.c rests on; then what the rules name. */
  struct pl_wants wants
      = { 0, PL_WANT (physfn) | PL_WANT (reset_methods) | PL_WANT (entries) | PL_WANT (sriov_numvfs) };
  for (guint i = 0; i < PL_N_RULE_TABLES; i++)
    for (gsize row = 0; row < pl_rule_tables[i]->n; row++) {
      const struct pl_rule *rule = &pl_rule_tables[i]->rows[row];
      wants.machine |= rule->wants.machine;
      wants.device |= rule->wants.device | rule->member_wants;
    }
  return wants;
}

static int
compare_ids (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

const char *const *
pl_judge_ids (void)
{
  static const char *ids[128];
  if (ids[0] != NULL)
    return ids;
  gsize n = 0;
  for (guint i = 0; i < PL_N_RULE_TABLES; i++)
    for (gsize row = 0; row < pl_rule_tables[i]->n && n + 1 < G_N_ELEMENTS (ids); row++) {
      bool is_new = true;
      for (gsize j = 0; j < n && is_new; j++)
        is_new = strcmp (ids[j], pl_rule_tables[i]->rows[row].id) != 0;
      if (is_new)
        ids[n++] = pl_rule_tables[i]->rows[row].id;
    }
  qsort (ids, n, sizeof ids[0], compare_ids);
  return ids;
}

guint
pl_rule_rank (const char *id)
{
  guint rank = 0;
  for (guint i = 0; i < PL_N_RULE_TABLES; i++)
    for (gsize row = 0; row < pl_rule_tables[i]->n; row++, rank++)
      if (strcmp (pl_rule_tables[i]->rows[row].id, id) == 0)
        return rank;
  return rank;
}
