/* cmd_show.c - `show`: all that is known of one device and its companions. */
#include "cli/commands.h"
#include "cli/judged.h"
#include "report/show.h"

static enum pl_exit
answer (const struct pl_call *call, const struct pl_machine *machine, const struct pl_judgement *judgement,
        bool was_asked)
{
  (void) was_asked;
  const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, 0);
  if (call->options->json)
    pl_report_show_json (stdout, machine, candidate);
  else
    pl_report_show (stdout, machine, candidate, &call->style);
  return PL_EXIT_DONE;
}

static enum pl_exit
run_show (const struct pl_call *call, GError **error)
{
  return pl_judged_run (call, (struct pl_wants){ 0, G_MAXUINT64 }, answer, error);
}

const struct pl_command pl_command_show = {
  .name = "show",
  .arguments = "DEVICE",
  .least_arguments = 1,
  .most_arguments = 1,
  .summary = "all that is known of one device and its companions",
  .help = "Shows every fact of DEVICE, with its state where it is not known, what would be lent together "
          "with it, and who shares its IOMMU group.",
  .run = run_show,
};
