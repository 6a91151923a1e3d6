/* cmd_status.c - `status`: one screen with this machine, its graphics cards, what is lent, and the next thing
 * to do. */
#include "cli/commands.h"
#include "cli/device.h"
#include "cli/source.h"
#include "report/status.h"

static enum pl_exit
run_status (const struct pl_call *call, GError **error)
{
  struct pl_opened opened;
  struct pl_goal goal = { NULL };
  enum pl_exit status = PL_EXIT_FAILED;
  if (pl_source_open (&opened, call->options, error)
      && pl_goal_from_arguments (&goal, opened.machine, call->arguments, error)) {
    pl_source_read_for (&opened, &goal, pl_report_status_wants ());
    struct pl_judgement *judgement = pl_judge (opened.machine, &goal);
    if (call->options->json)
      pl_report_status_json (stdout, opened.machine, judgement);
    else
      pl_report_status (stdout, opened.machine, judgement, &call->style);
    pl_judgement_free (judgement);
    pl_source_say_privilege (&opened);
    status = PL_EXIT_DONE;
  }
  pl_goal_clear (&goal);
  pl_source_close (&opened);
  return status;
}

const struct pl_command pl_command_status = {
  .name = "status",
  .arguments = "",
  .summary = "one screen: the machine, its cards, what is lent, what to do next",
  .help = "Shows this machine, whether its IOMMU is on, each graphics card with what lending it would take, "
          "what is lent\n"
          "now and to whom, and one next step.",
  .run = run_status,
};
