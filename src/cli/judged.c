/* judged.c - see judged.h. */
#include "cli/judged.h"

#include "cli/device.h"
#include "cli/source.h"

enum pl_exit
pl_judged_run (const struct pl_call *call, struct pl_wants wants, pl_answer_judged answer, GError **error)
{
  struct pl_opened opened;
  struct pl_goal goal = { NULL };
  enum pl_exit status = PL_EXIT_FAILED;
  if (pl_source_open (&opened, call->options, error)
      && pl_goal_from_arguments (&goal, opened.machine, call->arguments, error)) {
    pl_source_read_for (&opened, &goal, wants);
    struct pl_judgement *judgement = pl_judge (opened.machine, &goal);
    status = answer (call, opened.machine, judgement, goal.devices->len > 0);
    pl_judgement_free (judgement);
    pl_flush_answer ();
    pl_source_say_privilege (&opened);
  }
  pl_goal_clear (&goal);
  pl_source_close (&opened);
  return status;
}
