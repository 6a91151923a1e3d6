/* cmd_groups.c - `groups`: the IOMMU groups with their functions, as the guide's script prints them. */
#include "base/error.h"
#include "cli/commands.h"
#include "cli/source.h"
#include "report/groups.h"

/* How many functions have no group, and whether for one of them nobody knows. */
struct missing {
  guint none, unknown;
};

static struct missing
count_missing (const struct pl_machine *machine)
{
  struct missing missing = { 0, 0 };
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    enum pl_state state = pl_device_state (pl_machine_device (machine, i), PL_DEVICE_group);
    missing.none += state == PL_ABSENT;
    missing.unknown += state != PL_ABSENT && state != PL_KNOWN;
  }
  return missing;
}

static void
say_missing (const struct pl_machine *machine, struct missing missing)
{
  guint n = pl_machine_n_devices (machine);
  g_autofree char *command = pl_judge_command (machine);
  if (n == 0)
    g_printerr ("pcilend: this machine has no PCI function\n");
  else if (missing.none == n)
    g_printerr (
        "pcilend: none of the %u PCI functions has an IOMMU group: the IOMMU is off, or there is none\n"
        "         what to do about it: %s check\n",
        n, command);
  else if (missing.none > 0)
    g_printerr ("pcilend: %u of the %u PCI functions have no IOMMU group\n", missing.none, n);
  if (missing.unknown > 0)
    g_printerr ("pcilend: the IOMMU group of %u of the %u PCI functions is not known\n", missing.unknown, n);
}

/* Whether there is anything to print, or to be sure that there is nothing. */
static bool
is_known (const struct pl_machine *machine, struct missing missing, GError **error)
{
  guint n = pl_machine_n_devices (machine);
  bool is_text = machine->source == PL_SOURCE_TEXT;
  if (n == 0 ? !is_text : missing.unknown < n)
    return true;
  const char *origin = machine->origin != NULL ? machine->origin : "/sys/bus/pci/devices";
  const char *remedy = is_text
                           ? "paste the output of the group listing, too, or of: sudo dmesg | grep -i iommu"
                           : "run pcilend as root, on the host itself";
  if (n == 0)
    pl_error_set (error, PL_ERROR_UNDECIDED, origin, remedy, "%s: it names no PCI function", origin);
  else
    pl_error_set (error, PL_ERROR_UNDECIDED, origin, remedy,
                  "%s: it does not say the IOMMU group of any of its %u PCI functions", origin, n);
  return false;
}

static enum pl_exit
print_groups (const struct pl_call *call, const struct pl_machine *machine, GError **error)
{
  struct missing missing = count_missing (machine);
  if (!is_known (machine, missing, error))
    return PL_EXIT_UNDECIDED;
  if (call->options->json)
    pl_report_groups_json (stdout, machine);
  else
    pl_report_groups (stdout, machine, &call->style);
  pl_flush_answer ();
  say_missing (machine, missing);
  return PL_EXIT_DONE;
}

static enum pl_exit
run_groups (const struct pl_call *call, GError **error)
{
  struct pl_opened opened;
  enum pl_exit status = PL_EXIT_FAILED;
  if (pl_source_open (&opened, call->options, error))
    status = print_groups (call, opened.machine, error);
  pl_source_close (&opened);
  return status;
}

const struct pl_command pl_command_groups = {
  .name = "groups",
  .arguments = "",
  .summary = "the IOMMU groups and their devices",
  .help = "Prints each IOMMU group with its PCI functions, as `lspci -nn` names them. The devices of a group "
          "can only be lent together; bridges may stay.",
  .run = run_groups,
};
