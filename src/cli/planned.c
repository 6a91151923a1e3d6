/* planned.c - see planned.h. */
#include "cli/planned.h"

#include "base/error.h"
#include "cli/ask.h"
#include "cli/device.h"
#include "report/wrap.h"

#include <string.h>

void
pl_planned_clear (struct pl_planned *planned)
{
  pl_plan_free (planned->plan);
  pl_judgement_free (planned->judgement);
  pl_goal_clear (&planned->goal);
  pl_source_close (&planned->opened);
}

static void
judge (struct pl_planned *planned)
{
  pl_judgement_free (planned->judgement);
  pl_source_read_for (&planned->opened, &planned->goal, pl_plan_wants ());
  planned->judgement = pl_judge (planned->opened.machine, &planned->goal);
}

/* The finding that stands in the way most, of that severity. */
static const struct pl_finding *
find_worst (const struct pl_judgement *judgement, enum pl_severity severity)
{
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (finding->severity == severity && !finding->is_step)
      return finding;
  }
  return NULL;
}

/* Why there is no plan: the worst finding, and where the rest is. */
static void
set_refused (const struct pl_planned *planned, GError **error)
{
  const struct pl_machine *machine = planned->opened.machine;
  bool is_impossible = planned->judgement->verdict == PL_VERDICT_IMPOSSIBLE;
  const struct pl_finding *worst = find_worst (planned->judgement, is_impossible ? PL_BLOCKER : PL_UNSURE);
  g_autofree char *command = pl_judge_command (machine);
  g_autofree char *names = pl_machine_join_addresses (machine, planned->goal.devices, " ", " ");
  g_autofree char *remedy = g_strdup_printf (
      "%s%sall of it: %s check %s", worst != NULL && worst->remedy != NULL ? worst->remedy : "",
      worst != NULL && worst->remedy != NULL ? "\n" : "", command, names);
  pl_error_set (error, is_impossible ? PL_ERROR_FORBIDDEN : PL_ERROR_UNDECIDED, NULL, remedy,
                "%s: there is no plan to lend %s: %s", names, planned->goal.devices->len == 1 ? "it" : "them",
                worst != NULL   ? worst->text
                : is_impossible ? "a finding forbids it"
                                : "something needed could not be read");
}

/* Says what the host loses with them, and asks; -y is no answer to that: they are never taken silently. */
static bool
ask_along (const struct pl_planned *planned, const struct pl_call *call, const char *names,
           const char *unasked)
{
  g_autoptr (GString) text = g_string_new (NULL);
  bool yes = false;
  if (call->options->json || call->options->yes || !pl_ask_is_possible ())
    return false;
  for (guint i = 0; i < planned->judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (planned->judgement->findings, i);
    if (strcmp (finding->id, "group.shared") == 0)
      pl_wrap_append (text, finding->text, 0, 2, &call->style);
  }
  fputs (text->str, stderr);
  g_autofree char *question = g_strdup_printf ("Lend %s together with %s?", names, unasked);
  return pl_ask_yes (question, &yes, NULL) && yes;
}

static void
set_unasked (const struct pl_planned *planned, const char *names, const char *unasked, GError **error)
{
  g_autofree char *command = pl_judge_command (planned->opened.machine);
  g_autofree char *remedy
      = g_strdup_printf ("see what the host loses with %s: %s check %s %s; then say --with-companions",
                         planned->judgement->unasked->len == 1 ? "it" : "them", command, names, unasked);
  pl_error_set (error, PL_ERROR_FORBIDDEN, NULL, remedy,
                "%s: the kernel gives %s to a guest only together with %s", names,
                planned->goal.devices->len == 1 ? "it" : "them", unasked);
}

/* Functions of other cards: what the host loses with them is said by group.shared. */
static bool
take_along (struct pl_planned *planned, const struct pl_call *call, bool with_companions, GError **error)
{
  const struct pl_machine *machine = planned->opened.machine;
  while (planned->judgement->unasked->len > 0) {
    g_autofree char *unasked = pl_machine_join_addresses (machine, planned->judgement->unasked, " ", " ");
    g_autofree char *names = pl_machine_join_addresses (machine, planned->goal.devices, " ", " ");
    if (!with_companions && !ask_along (planned, call, names, unasked)) {
      set_unasked (planned, names, unasked, error);
      return false;
    }
    g_ptr_array_extend (planned->goal.devices, planned->judgement->unasked, NULL, NULL);
    judge (planned);
  }
  return true;
}

/* Of another machine nobody knows who will work with its guests. */
static void
make_plan (struct pl_planned *planned, bool without_packages)
{
  struct pl_person person = { 0 };
  bool is_known = planned->opened.machine->source == PL_SOURCE_LIVE && pl_person_find (&person);
  const struct pl_plan_wishes wishes
      = { .without_packages = without_packages, .person = is_known ? &person : NULL };
  planned->plan = pl_plan_make (planned->opened.machine, planned->judgement, &wishes);
  pl_person_clear (&person);
}

bool
pl_planned_make (struct pl_planned *planned, const struct pl_call *call, struct pl_planned_options options,
                 GError **error)
{
  *planned = (struct pl_planned){ .opened = PL_OPENED_INIT };
  if (!pl_source_open (&planned->opened, call->options, error)
      || !pl_goal_from_arguments (&planned->goal, planned->opened.machine, call->arguments, error))
    return false;
  judge (planned);
  enum pl_verdict verdict = planned->judgement->verdict;
  /* Without the IOMMU nobody knows what goes along: that is for the plan behind its first stage. */
  bool is_planned = (verdict == PL_VERDICT_READY || verdict == PL_VERDICT_PREPARE)
                    && pl_judge_iommu_state (planned->opened.machine) != PL_IOMMU_OFF;
  if (is_planned && !take_along (planned, call, options.with_companions, error))
    return false;
  verdict = planned->judgement->verdict;
  if (verdict != PL_VERDICT_READY && verdict != PL_VERDICT_PREPARE) {
    set_refused (planned, error);
    return false;
  }
  make_plan (planned, options.without_packages);
  return true;
}

bool
pl_planned_is_partly (const struct pl_planned *planned)
{
  for (guint i = 0; i < planned->plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (planned->plan->remarks, i);
    if (remark->kind == PL_REMARK_UNKNOWN)
      return true;
  }
  return false;
}
