/* cmd_show.c - `show`: all that is known of one device and its companions. */
#include "cli/commands.h"
#include "cli/device.h"
#include "cli/source.h"
#include "report/show.h"

static enum pl_exit
run_show (const struct pl_call *call, GError **error)
{
  struct pl_opened opened;
  struct pl_goal goal = { NULL };
  enum pl_exit status = PL_EXIT_FAILED;
  if (pl_source_open (&opened, call->options, error)
      && pl_goal_from_arguments (&goal, opened.machine, call->arguments, error)) {
    pl_source_read_for (&opened, &goal, (struct pl_wants){ 0, G_MAXUINT64 });
    struct pl_judgement *judgement = pl_judge (opened.machine, &goal);
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, 0);
    if (call->options->json)
      pl_report_show_json (stdout, opened.machine, candidate);
    else
      pl_report_show (stdout, opened.machine, candidate, &call->style);
    pl_judgement_free (judgement);
    pl_source_say_privilege (&opened);
    status = PL_EXIT_DONE;
  }
  pl_goal_clear (&goal);
  pl_source_close (&opened);
  return status;
}

const struct pl_command pl_command_show = {
  .name = "show",
  .arguments = "DEVICE",
  .least_arguments = 1,
  .most_arguments = 1,
  .summary = "all that is known of one device and its companions",
  .help = "Shows every fact of DEVICE, with its state where it is not known, what would be lent together "
          "with it, and who\n"
          "shares its IOMMU group.",
  .run = run_show,
};
