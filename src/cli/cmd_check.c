/* cmd_check.c - `check`: every finding about the machine and the devices asked about, and a verdict. */
#include "cli/commands.h"
#include "cli/device.h"
#include "cli/source.h"
#include "judge/judge.h"
#include "report/check.h"

static gboolean verbose;

static const GOptionEntry entries[] = { { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
                                          "with the evidence and the source of each finding", NULL },
                                        { NULL } };

static enum pl_exit
judge (const struct pl_call *call, struct pl_opened *opened, const struct pl_goal *goal)
{
  static const enum pl_exit statuses[] = { PL_EXIT_DONE, PL_EXIT_DONE, PL_EXIT_UNDECIDED, PL_EXIT_FORBIDDEN };
  pl_source_read_for (opened, goal, (struct pl_wants){ 0, 0 });
  struct pl_judgement *judgement = pl_judge (opened->machine, goal);
  bool was_asked = goal->devices->len > 0;
  if (call->options->json)
    pl_report_check_json (stdout, opened->machine, judgement, was_asked);
  else
    pl_report_check (stdout, opened->machine, judgement, was_asked, verbose, &call->style);
  enum pl_exit status = statuses[judgement->verdict];
  pl_judgement_free (judgement);
  return status;
}

static enum pl_exit
run_check (const struct pl_call *call, GError **error)
{
  struct pl_opened opened;
  struct pl_goal goal = { NULL };
  enum pl_exit status = PL_EXIT_FAILED;
  if (pl_source_open (&opened, call->options, error)
      && pl_goal_from_arguments (&goal, opened.machine, call->arguments, error)) {
    status = judge (call, &opened, &goal);
    pl_source_say_privilege (&opened);
  }
  pl_goal_clear (&goal);
  pl_source_close (&opened);
  return status;
}

const struct pl_command pl_command_check = {
  .name = "check",
  .arguments = "[DEVICE...]",
  .most_arguments = 64,
  .summary = "what stands in the way of lending, and what to do",
  .help = "Judges whether DEVICE can be lent to a virtual machine, with its companions: every finding, worst "
          "first, with\n"
          "what to do about it. Without DEVICE: every graphics card, and the best choice decides.\n\n"
          "Exit status: 0 ready, or lendable after preparation; 3 impossible; 5 not decided.",
  .options = entries,
  .run = run_check,
};
