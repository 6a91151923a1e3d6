/* cmd_status.c - `status`: one screen with this machine, its graphics cards, what is lent, and the next thing
 * to do. */
#include "cli/commands.h"
#include "cli/judged.h"
#include "report/status.h"

static enum pl_exit
answer (const struct pl_call *call, const struct pl_machine *machine, const struct pl_judgement *judgement,
        bool was_asked)
{
  (void) was_asked;
  if (call->options->json)
    pl_report_status_json (stdout, machine, judgement);
  else
    pl_report_status (stdout, machine, judgement, &call->style);
  return PL_EXIT_DONE;
}

static enum pl_exit
run_status (const struct pl_call *call, GError **error)
{
  return pl_judged_run (call, pl_report_status_wants (), answer, error);
}

const struct pl_command pl_command_status = {
  .name = "status",
  .arguments = "",
  .summary = "one screen: the machine, its cards, what is lent, what to do next",
  .help = "Shows this machine, whether its IOMMU is on, each graphics card with what lending it would take, "
          "what is lent now and to whom, and one next step.",
  .run = run_status,
};
