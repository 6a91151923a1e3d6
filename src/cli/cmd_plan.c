/* cmd_plan.c - `plan`: what apply would change, as a diff, with the reason of each step. */
#include "cli/commands.h"
#include "cli/planned.h"
#include "report/plan.h"

static gboolean with_companions, no_packages;

static const GOptionEntry entries[] = { { "with-companions", 0, 0, G_OPTION_ARG_NONE, &with_companions,
                                          "take along what the kernel gives away only together", NULL },
                                        { "no-packages", 0, 0, G_OPTION_ARG_NONE, &no_packages,
                                          "leave the packages, services and groups of the host alone", NULL },
                                        { NULL } };

static enum pl_exit
run_plan (const struct pl_call *call, GError **error)
{
  struct pl_planned planned;
  enum pl_exit status = PL_EXIT_FAILED;
  const struct pl_planned_options options
      = { .with_companions = with_companions, .without_packages = no_packages };
  if (pl_planned_make (&planned, call, options, error)) {
    const struct pl_machine *machine = planned.opened.machine;
    if (call->options->json)
      pl_report_plan_json (stdout, machine, planned.judgement, planned.plan);
    else
      pl_report_plan (stdout, machine, planned.judgement, planned.plan, &call->style);
    status = pl_planned_is_partly (&planned) ? PL_EXIT_UNDECIDED : PL_EXIT_DONE;
    pl_flush_answer ();
    pl_source_say_privilege (&planned.opened);
  }
  pl_planned_clear (&planned);
  return status;
}

const struct pl_command pl_command_plan = {
  .name = "plan",
  .arguments = "DEVICE...",
  .least_arguments = 1,
  .most_arguments = 64,
  .summary = "what apply would change, as a diff, with the reason of each step",
  .help = "Shows what has to be changed so that DEVICE is ready for a virtual machine after a reboot: each "
          "file as a diff, each program "
          "that must run, and why. Changes nothing. Works on a recording (--machine) and on a mounted system "
          "(--root), too.\n\nExit "
          "status: 0 there is a plan, or nothing is left to do; 3 a finding forbids it; 5 something needed "
          "could not be read.",
  .options = entries,
  .run = run_plan,
};
