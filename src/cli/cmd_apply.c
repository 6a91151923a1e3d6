/* cmd_apply.c - `apply`: carries the plan out, with a journal. */
#include "base/error.h"
#include "cli/ask.h"
#include "cli/changing.h"
#include "cli/commands.h"
#include "cli/plan_file.h"
#include "cli/stop.h"
#include "report/change.h"
#include "report/plan.h"

static gboolean with_companions, no_trial, no_packages;
static char *plan_name;

static const GOptionEntry entries[]
    = { { "with-companions", 0, 0, G_OPTION_ARG_NONE, &with_companions,
          "take along what the kernel gives away only together", NULL },
        { "no-packages", 0, 0, G_OPTION_ARG_NONE, &no_packages,
          "leave the packages, services and groups of the host alone", NULL },
        { "plan", 0, 0, G_OPTION_ARG_FILENAME, &plan_name,
          "carry out a plan of pcilend --json plan, of a machine of the same make", "FILE" },
        { "no-trial", 0, 0, G_OPTION_ARG_NONE, &no_trial,
          "change the running system for good, without a trial boot", NULL },
        { NULL } };

/* A trial boot comes back by itself, and this version cannot make one. */
static bool
check_trial (const struct pl_call *call, GError **error)
{
  if (no_trial || call->options->root != NULL)
    return true;
  pl_error_set (error, PL_ERROR_FORBIDDEN, NULL,
                "see what would be done: pcilend plan; --no-trial does it at once, so that the next boot is "
                "the new system. pcilend undo takes it back",
                "this version cannot try the new system in a trial boot, and changes a running one only with "
                "--no-trial; nothing was changed");
  return false;
}

/* Of a mounted system only files are changed. Free with g_ptr_array_unref(). */
static GPtrArray *
choose_steps (const struct pl_plan *plan, bool is_tree, GPtrArray *left)
{
  GPtrArray *steps = g_ptr_array_new ();
  for (guint i = 0; i < plan->steps->len; i++) {
    struct pl_step *step = g_ptr_array_index (plan->steps, i);
    g_ptr_array_add (is_tree && step->kind != PL_STEP_FILE ? left : steps, step);
  }
  return steps;
}

/* Whether it is to be carried out. A plan that is not whole is not. */
static bool
is_wanted (const struct pl_call *call, const struct pl_planned *planned, bool *yes, GError **error)
{
  *yes = true;
  if (pl_planned_is_partly (planned)) {
    g_autofree char *command = pl_judge_command (planned->opened.machine);
    g_autofree char *names
        = pl_machine_join_addresses (planned->opened.machine, planned->goal.devices, " ", " ");
    g_autofree char *remedy = g_strdup_printf ("see what is not known: %s plan %s", command, names);
    pl_error_set (error, PL_ERROR_UNDECIDED, NULL, remedy,
                  "something that the plan needs could not be read, so nothing was changed");
    return false;
  }
  return planned->plan->steps->len == 0 || call->options->yes || pl_ask_yes ("Carry it out?", yes, error);
}

static enum pl_exit
carry_out (const struct pl_call *call, const struct pl_planned *planned, struct pl_changing *changing,
           GError **error)
{
  g_autofree char *id = NULL;
  g_autofree char *command = pl_judge_command (planned->opened.machine);
  g_autoptr (GPtrArray) left = g_ptr_array_new ();
  g_autoptr (GPtrArray) steps = choose_steps (planned->plan, call->options->root != NULL, left);
  pl_stop_catch ();
  if (steps->len > 0 && !pl_change_apply (changing->writer, &changing->actions, steps, &id, error))
    return PL_EXIT_FAILED;
  if (id != NULL)
    pl_mark_changed ();
  if (call->options->json)
    pl_report_applied_json (stdout, planned->plan, id, left);
  else
    pl_report_applied (stdout, planned->plan, id, left, command, &call->style);
  return PL_EXIT_DONE;
}

/* Devices, or a plan that names them. */
static bool
check_call (const struct pl_call *call, GError **error)
{
  bool has_devices = call->n_arguments > 0;
  if (has_devices == (plan_name == NULL))
    return true;
  pl_error_set (error, PL_ERROR_USAGE, NULL, "usage: pcilend apply DEVICE... or: pcilend apply --plan FILE",
                has_devices ? "apply: a plan names its devices itself" : "apply: an argument is missing");
  return false;
}

/* The plan of the devices, or of those that the plan in the file names, which must be the same. */
static bool
make_plan (struct pl_planned *planned, const struct pl_call *call, GError **error)
{
  const struct pl_planned_options options
      = { .with_companions = with_companions, .without_packages = no_packages };
  if (plan_name == NULL)
    return pl_planned_make (planned, call, options, error);
  struct pl_plan_file *file = pl_plan_file_read (plan_name, error);
  if (file == NULL)
    return false;
  struct pl_call own = *call;
  own.arguments = pl_plan_file_devices (file);
  own.n_arguments = g_strv_length (own.arguments);
  g_autoptr (GString) differences = g_string_new (NULL);
  bool done = pl_planned_make (planned, &own, options, error)
              && pl_plan_file_check (file, planned, differences, &call->style, error);
  if (!call->options->json)
    fwrite (differences->str, 1, differences->len, stderr);
  pl_plan_file_free (file);
  return done;
}

static enum pl_exit
run_apply (const struct pl_call *call, GError **error)
{
  struct pl_planned planned = { .opened = PL_OPENED_INIT };
  struct pl_changing changing = { 0 };
  enum pl_exit status = PL_EXIT_FAILED;
  bool yes = false;
  if (check_call (call, error) && pl_changing_open (&changing, call, "apply", error)
      && check_trial (call, error) && make_plan (&planned, call, error)) {
    if (!call->options->json)
      pl_report_plan (stdout, planned.opened.machine, planned.judgement, planned.plan, &call->style);
    pl_flush_answer ();
    if (is_wanted (call, &planned, &yes, error) && yes)
      status = carry_out (call, &planned, &changing, error);
    else if (*error == NULL)
      pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "nothing was changed");
  }
  pl_planned_clear (&planned);
  pl_changing_close (&changing);
  return status;
}

const struct pl_command pl_command_apply = {
  .name = "apply",
  .arguments = "[DEVICE...]",
  .most_arguments = 64,
  .summary = "carry the plan out, with a journal from which it can be taken back",
  .help = "Shows the plan of `pcilend plan`, asks, and carries it out: files are replaced whole, programs "
          "run with what they say shown, and "
          "a journal in /var/lib/pcilend keeps what was there before. Whatever fails, or Ctrl-C, takes back "
          "what was done.\n\nOn a "
          "running system only with --no-trial: there is no trial boot yet. With --root DIR the files of a "
          "mounted system are changed, "
          "and the programs that must run in it are named.\n\nExit status: 0 done; 1 failed, nothing is "
          "changed; 3 a finding forbids it; 4 "
          "failed, and what is left changed is named; 5 something needed could not be read.",
  .options = entries,
  .run = run_apply,
};
