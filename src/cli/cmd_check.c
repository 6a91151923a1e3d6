/* cmd_check.c - `check`: every finding about the machine and the devices asked about, and a verdict. */
#include "cli/commands.h"
#include "cli/judged.h"
#include "report/check.h"

static gboolean verbose;

static const GOptionEntry entries[] = { { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
                                          "with the evidence and the source of each finding", NULL },
                                        { NULL } };

static enum pl_exit
answer (const struct pl_call *call, const struct pl_machine *machine, const struct pl_judgement *judgement,
        bool was_asked)
{
  static const enum pl_exit statuses[] = { PL_EXIT_DONE, PL_EXIT_DONE, PL_EXIT_UNDECIDED, PL_EXIT_FORBIDDEN };
  if (call->options->json)
    pl_report_check_json (stdout, machine, judgement, was_asked);
  else
    pl_report_check (stdout, machine, judgement, was_asked, verbose, &call->style);
  return statuses[judgement->verdict];
}

static enum pl_exit
run_check (const struct pl_call *call, GError **error)
{
  return pl_judged_run (call, (struct pl_wants){ 0, 0 }, answer, error);
}

const struct pl_command pl_command_check = {
  .name = "check",
  .arguments = "[DEVICE...]",
  .most_arguments = 64,
  .summary = "what stands in the way of lending, and what to do",
  .help = "Judges whether DEVICE can be lent to a virtual machine, with its companions: every finding, worst "
          "first, with what to do about it. Without DEVICE: every graphics card, and the best choice "
          "decides.\n\nExit status: 0 ready, or lendable after preparation; 3 impossible; 5 not decided.",
  .options = entries,
  .run = run_check,
};
