/* judge.c - the engine: asks every rule about the machine, the devices and their companions, and sums up. */
#include "judge/judge.h"

#include "judge/candidates.h"
#include "judge/companions.h"
#include "judge/function.h"
#include "judge/missing.h"
#include "judge/rule.h"

#include <string.h>

/* One judging. */
struct judging {
  const struct pl_machine *machine;
  const struct pl_goal *goal;
  struct pl_groups *groups;
  GStringChunk *words;
  bool with_domain;
  GPtrArray *candidates; /* struct pl_candidate * */
  GPtrArray *left;       /* cards that were too many */
  struct pl_missing unsure, unread;
};

static const char *const lendable_names[] = { "yes", "unknown", "no" };
static const char *const verdict_names[] = { "ready", "prepare", "unknown", "impossible" };

const char *
pl_lendable_name (enum pl_lendable lendable)
{
  return lendable_names[lendable];
}

const char *
pl_verdict_name (enum pl_verdict verdict)
{
  return verdict_names[verdict];
}

static void
run_rule (struct judging *judging, struct pl_case *judged, const struct pl_rule *rule,
          const struct pl_device *device)
{
  judged->rule = rule;
  judged->device = device;
  if (rule->applies != NULL && !rule->applies (judged))
    return;
  guint first = judged->findings->len;
  rule->judge (judged);
  pl_case_add_missing (judged, first, &judging->unsure, &judging->unread);
}

static void
run_rules (struct judging *judging, struct pl_case *judged)
{
  for (guint i = 0; i < PL_N_RULE_TABLES; i++)
    for (gsize row = 0; row < pl_rule_tables[i]->n; row++) {
      const struct pl_rule *rule = &pl_rule_tables[i]->rows[row];
      if (judged->asked == NULL) {
        if (rule->scope == PL_SCOPE_MACHINE)
          run_rule (judging, judged, rule, NULL);
        continue;
      }
      if (rule->scope == PL_SCOPE_MACHINE)
        continue;
      run_rule (judging, judged, rule, judged->asked);
      for (guint j = 0; rule->scope == PL_SCOPE_FUNCTION && j < judged->companions->len; j++)
        run_rule (judging, judged, rule, g_ptr_array_index (judged->companions, j));
    }
}

/* Who is blocked for sure needs not be told that it is unsure: the same id, the same function. */
static void
drop_needless_unsure (GPtrArray *findings)
{
  g_autoptr (GHashTable) blocked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (findings, i);
    if (finding->severity == PL_BLOCKER)
      g_hash_table_add (blocked, g_strdup_printf ("%s %p", finding->id, (const void *) finding->device));
  }
  gsize n;
  g_autofree gpointer *elements = g_ptr_array_steal (findings, &n);
  for (gsize i = 0; i < n; i++) {
    struct pl_finding *finding = elements[i];
    g_autofree char *key = g_strdup_printf ("%s %p", finding->id, (const void *) finding->device);
    if (finding->severity == PL_UNSURE && g_hash_table_contains (blocked, key))
      pl_finding_free (finding);
    else
      g_ptr_array_add (findings, finding);
  }
}

/* How often each severity occurs, and how much of it a step removes. */
struct tally {
  guint n[PL_NOTE + 1];
  guint hard; /* blockers that no step removes */
  guint steps;
};

static void
count (struct tally *tally, const GPtrArray *findings)
{
  for (guint i = 0; i < findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (findings, i);
    tally->n[finding->severity]++;
    tally->steps += finding->is_step;
    tally->hard += finding->severity == PL_BLOCKER && !finding->is_step;
  }
}

static enum pl_verdict
verdict_of (const struct tally *tally)
{
  if (tally->hard > 0)
    return PL_VERDICT_IMPOSSIBLE;
  if (tally->n[PL_UNSURE] > 0)
    return PL_VERDICT_UNKNOWN;
  return tally->steps > 0 ? PL_VERDICT_PREPARE : PL_VERDICT_READY;
}

static void
sum_up (struct pl_candidate *candidate, const struct tally *tally)
{
  candidate->lendable = tally->n[PL_BLOCKER] > 0  ? PL_LENDABLE_NO
                        : tally->n[PL_UNSURE] > 0 ? PL_LENDABLE_UNKNOWN
                                                  : PL_LENDABLE_YES;
  candidate->verdict = verdict_of (tally);
}

static void
add_set (GHashTable *into, GHashTable *from)
{
  GHashTableIter each;
  void *element;
  g_hash_table_iter_init (&each, from);
  while (g_hash_table_iter_next (&each, &element, NULL))
    g_hash_table_add (into, element);
}

static void
add_to_sets (const struct judging *judging, const struct pl_candidate *candidate, struct pl_case *judged)
{
  g_autoptr (GHashTable) card = pl_card_of (judging->machine, candidate->device);
  add_set (judged->own, card);
  add_set (judged->lent, card);
  for (guint i = 0; i < candidate->companions->len; i++)
    g_hash_table_add (judged->lent, g_ptr_array_index (candidate->companions, i));
}

static void
add_first (struct pl_case *judged, const struct pl_device *device)
{
  gint32 group;
  if (pl_device_get_group (device, &group) == PL_KNOWN
      && !g_hash_table_contains (judged->firsts, GINT_TO_POINTER (group + 1)))
    g_hash_table_insert (judged->firsts, GINT_TO_POINTER (group + 1), (void *) device);
}

/* A group is judged once: with the device asked about, else with a function of its card, else with the first
 * companion in it. Seen from a companion that is in the way itself the group would look good. */
static void
find_firsts (struct pl_case *judged)
{
  g_hash_table_remove_all (judged->firsts);
  add_first (judged, judged->asked);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < judged->companions->len; i++) {
      const struct pl_device *companion = g_ptr_array_index (judged->companions, i);
      if (pass == 1 || g_hash_table_contains (judged->own, companion))
        add_first (judged, companion);
    }
}

static struct pl_case
new_case (const struct judging *judging)
{
  return (struct pl_case){ .machine = judging->machine,
                           .groups = judging->groups,
                           .own = g_hash_table_new (NULL, NULL),
                           .lent = g_hash_table_new (NULL, NULL),
                           .findings = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_finding_free),
                           .words = judging->words,
                           .is_asked = judging->goal->devices->len > 0,
                           .all_asked = judging->goal->devices,
                           .n_candidates = judging->candidates->len,
                           .left = judging->left,
                           .firsts = g_hash_table_new (NULL, NULL),
                           .with_domain = judging->with_domain };
}

/* Moves the findings to @all but those that are there already. */
static void
give_findings (GPtrArray *findings, GPtrArray *all, GHashTable *known)
{
  gsize n;
  g_autofree gpointer *elements = g_ptr_array_steal (findings, &n);
  for (gsize i = 0; i < n; i++) {
    struct pl_finding *finding = elements[i];
    const void *device = finding->names_all ? NULL : finding->device;
    char *key = g_strdup_printf ("%s %p %d %s", finding->id, device, (int) finding->severity, finding->text);
    if (g_hash_table_add (known, key))
      g_ptr_array_add (all, finding);
    else
      pl_finding_free (finding);
  }
}

static int
compare_findings (const void *left, const void *right, void *data)
{
  GHashTable *ranks = data;
  const struct pl_finding *first = *(const struct pl_finding *const *) left;
  const struct pl_finding *second = *(const struct pl_finding *const *) right;
  if (first->severity != second->severity)
    return first->severity < second->severity ? -1 : 1;
  int one = GPOINTER_TO_INT (g_hash_table_lookup (ranks, first->id));
  int other = GPOINTER_TO_INT (g_hash_table_lookup (ranks, second->id));
  return (one > other) - (one < other);
}

/* Worst first; g_ptr_array_sort_with_data() is stable, so equal ones stay in the order of the devices. */
static void
sort_findings (GPtrArray *findings)
{
  g_autoptr (GHashTable) ranks = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (findings, i);
    if (!g_hash_table_contains (ranks, finding->id))
      g_hash_table_insert (ranks, (char *) finding->id, GUINT_TO_POINTER (pl_rule_rank (finding->id)));
  }
  g_ptr_array_sort_with_data (findings, compare_findings, ranks);
}

/* Whether the left one is the better card to lend: that it is a graphics card at all, its verdict, then that
 * the host's screen is not on it, then that it is a card of its own, then how little there is to say. */
static bool
is_better (const struct pl_machine *machine, const struct pl_candidate *left, const struct tally *left_tally,
           const struct pl_candidate *right, const struct tally *right_tally)
{
  bool is_left_managed = pl_is_management_screen (left->device);
  if (is_left_managed != pl_is_management_screen (right->device))
    return !is_left_managed;
  if (left->verdict != right->verdict)
    return left->verdict < right->verdict;
  bool left_boot = false, right_boot = false;
  pl_device_get_boot_vga (left->device, &left_boot);
  pl_device_get_boot_vga (right->device, &right_boot);
  if (left_boot != right_boot)
    return right_boot;
  bool left_integrated = pl_is_integrated (machine, left->device);
  bool right_integrated = pl_is_integrated (machine, right->device);
  if (left_integrated != right_integrated)
    return right_integrated;
  for (guint severity = PL_BLOCKER; severity <= PL_NOTE; severity++)
    if (left_tally->n[severity] != right_tally->n[severity])
      return left_tally->n[severity] < right_tally->n[severity];
  return false;
}

static void
judge_machine (struct judging *judging, GPtrArray *all, GHashTable *known, struct tally *tally)
{
  struct pl_case judged = new_case (judging);
  run_rules (judging, &judged);
  drop_needless_unsure (judged.findings);
  count (tally, judged.findings);
  give_findings (judged.findings, all, known);
  g_hash_table_unref (judged.own);
  g_hash_table_unref (judged.lent);
  g_hash_table_unref (judged.firsts);
  g_ptr_array_unref (judged.findings);
}

/* What a plan is about: what goes to the guest, and what would have to and was not asked about. */
static void
list_lent (const struct judging *judging, const struct pl_case *judged, struct pl_judgement *judgement)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GHashTableIter iterator;
  gpointer device;
  g_hash_table_iter_init (&iterator, judged->own);
  while (g_hash_table_iter_next (&iterator, &device, NULL))
    g_ptr_array_add (judgement->lent, device);
  for (guint i = 0; i < judging->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judging->candidates, i);
    for (guint j = 0; j < candidate->companions->len; j++) {
      device = g_ptr_array_index (candidate->companions, j);
      if (!g_hash_table_contains (judged->own, device) && pl_may_be_on_host (device)
          && g_hash_table_add (seen, device))
        g_ptr_array_add (judgement->unasked, device);
    }
  }
  g_ptr_array_sort (judgement->lent, pl_compare_devices);
  g_ptr_array_sort (judgement->unasked, pl_compare_devices);
}

static void
judge_candidates (struct judging *judging, const struct tally *machine_tally, struct pl_judgement *judgement,
                  GHashTable *known)
{
  struct pl_case judged = new_case (judging);
  struct tally best_tally = { { 0 }, 0, 0 };
  for (guint i = 0; judged.is_asked && i < judging->candidates->len; i++)
    add_to_sets (judging, g_ptr_array_index (judging->candidates, i), &judged);
  for (guint i = 0; i < judging->candidates->len; i++) {
    struct pl_candidate *candidate = g_ptr_array_index (judging->candidates, i);
    if (!judged.is_asked) {
      /* One card or another, not all of them. */
      g_hash_table_remove_all (judged.own);
      g_hash_table_remove_all (judged.lent);
      add_to_sets (judging, candidate, &judged);
    }
    judged.asked = candidate->device;
    judged.companions = candidate->companions;
    find_firsts (&judged);
    run_rules (judging, &judged);
    drop_needless_unsure (judged.findings);
    struct tally tally = *machine_tally;
    count (&tally, judged.findings);
    sum_up (candidate, &tally);
    give_findings (judged.findings, judgement->findings, known);
    if (judgement->best == NULL
        || is_better (judging->machine, candidate, &tally, judgement->best, &best_tally)) {
      judgement->best = candidate;
      best_tally = tally;
    }
    if (i == 0 || candidate->verdict > judgement->verdict)
      judgement->verdict = candidate->verdict;
  }
  if (judged.is_asked)
    list_lent (judging, &judged, judgement);
  if (judged.is_asked)
    judgement->best = NULL;
  else
    judgement->verdict = judgement->best != NULL ? judgement->best->verdict : verdict_of (machine_tally);
  g_hash_table_unref (judged.own);
  g_hash_table_unref (judged.lent);
  g_hash_table_unref (judged.firsts);
  g_ptr_array_unref (judged.findings);
}

struct pl_judgement *
pl_judge (const struct pl_machine *machine, const struct pl_goal *goal)
{
  struct judging judging = { .machine = machine, .goal = goal };
  judging.groups = pl_groups_new (machine);
  judging.words = g_string_chunk_new (4096);
  judging.left = g_ptr_array_new ();
  judging.candidates = pl_candidates_new (machine, goal, judging.groups, judging.left);
  judging.with_domain = pl_machine_needs_domain (machine);
  struct pl_judgement *judgement = g_new0 (struct pl_judgement, 1);
  judgement->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_finding_free);
  judgement->lent = g_ptr_array_new ();
  judgement->unasked = g_ptr_array_new ();
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  struct tally tally = { { 0 }, 0, 0 };
  judge_machine (&judging, judgement->findings, known, &tally);
  judge_candidates (&judging, &tally, judgement, known);
  sort_findings (judgement->findings);
  judgement->candidates = g_steal_pointer (&judging.candidates);
  judgement->not_looked_at = pl_missing_names (&judging.unread, &judging.unsure);
  g_ptr_array_unref (judging.left);
  pl_groups_free (judging.groups);
  g_string_chunk_free (judging.words);
  return judgement;
}

void
pl_judgement_free (struct pl_judgement *judgement)
{
  if (judgement == NULL)
    return;
  g_ptr_array_unref (judgement->findings);
  g_ptr_array_unref (judgement->candidates);
  g_ptr_array_unref (judgement->not_looked_at);
  g_ptr_array_unref (judgement->lent);
  g_ptr_array_unref (judgement->unasked);
  g_free (judgement);
}
