/* rules_iommu.c - is there an IOMMU, is it on, and does it do what vfio needs of it. */
#include "judge/firmware_names.h"
#include "judge/function.h"
#include "judge/judge.h"
#include "judge/rule.h"

#include <string.h>

#define MACHINE(wanted) PL_WANT_MACHINE (wanted)

static const char *
parameter (const struct pl_machine *machine, const char *name)
{
  const struct pl_command_line *line;
  return pl_machine_get_command_line (machine, &line) == PL_KNOWN ? pl_command_line_value (line, name) : NULL;
}

/* Whether one of the comma-separated words of the parameter is @word. */
static bool
parameter_has (const struct pl_machine *machine, const char *name, const char *word)
{
  const char *value = parameter (machine, name);
  gsize length = strlen (word);
  while (value != NULL) {
    if (strncmp (value, word, length) == 0 && (value[length] == '\0' || value[length] == ','))
      return true;
    value = strchr (value, ',');
    value = value != NULL ? value + 1 : NULL;
  }
  return false;
}

/* Why it is off. */
enum off_reason {
  OFF_WITHOUT_PARAMETER,       /* Intel: the kernel waits for intel_iommu=on */
  OFF_MAYBE_WITHOUT_PARAMETER, /* the same, but how the kernel was built is not known */
  OFF_THOUGH_DEFAULT_ON,
  OFF_THOUGH_THERE, /* the firmware has its table, and the kernel uses it not */
  OFF_IN_FIRMWARE,
  OFF_IN_GUEST,
  OFF_UNSUPPORTED,
  OFF_FOR_UNKNOWN_REASON
};

/* Whose IOMMU it may be: the firmware's table tells; without one AMD's also in Hygon's processors, Intel's in
 * all others; true where the vendor is not known. An emulated host may have an AMD processor with an Intel
 * IOMMU (seen in the lab). */
static bool
may_be_vendor (const struct pl_machine *machine, bool wants_amd)
{
  const char *vendor;
  const GPtrArray *tables;
  if (pl_machine_get_firmware_tables (machine, &tables) == PL_KNOWN
      && (pl_names_have (tables, "DMAR") || pl_names_have (tables, "IVRS")))
    return pl_names_have (tables, wants_amd ? "IVRS" : "DMAR");
  if (pl_machine_get_cpu_vendor (machine, &vendor) != PL_KNOWN)
    return true;
  return (strcmp (vendor, "AuthenticAMD") == 0 || strcmp (vendor, "HygonGenuine") == 0) == wants_amd;
}

/* Each vendor's parameter counts with its own IOMMU alone. */
static const char *
off_parameter (const struct pl_machine *machine)
{
  if (may_be_vendor (machine, false) && parameter_has (machine, "intel_iommu", "off"))
    return "intel_iommu=off";
  if (may_be_vendor (machine, true) && parameter_has (machine, "amd_iommu", "off"))
    return "amd_iommu=off";
  return parameter_has (machine, "iommu", "off") ? "iommu=off" : NULL;
}

/* Without the firmware's table the kernel knows of no IOMMU. A guest has one only where its host gives it.
 * The flag vmx or svm shows a processor of the kind that has one; both flags vanish where the firmware
 * switched virtualization off, which the kernel then says in its log. */
static enum off_reason
reason_without_table (const struct pl_machine *machine)
{
  bool is_guest;
  const char *virtualization;
  enum pl_state guest_state = pl_machine_get_is_guest (machine, &is_guest);
  if (guest_state == PL_KNOWN && is_guest)
    return OFF_IN_GUEST;
  if (!pl_is_x86 (machine))
    return OFF_UNSUPPORTED;
  enum pl_state state = pl_machine_get_cpu_virtualization (machine, &virtualization);
  if (pl_log_find (machine, PL_LOG_FIRMWARE_DISABLED, NULL) != NULL)
    return OFF_IN_FIRMWARE;
  if (pl_is_missing (guest_state) || pl_is_missing (state))
    return OFF_FOR_UNKNOWN_REASON;
  return state == PL_KNOWN ? OFF_IN_FIRMWARE : OFF_UNSUPPORTED;
}

/* Source: drivers/iommu/intel/Kconfig, INTEL_IOMMU_DEFAULT_ON. */
static enum off_reason
reason_without_parameter (const struct pl_machine *machine)
{
  bool is_default;
  if (pl_machine_get_intel_iommu_default_on (machine, &is_default) != PL_KNOWN)
    return OFF_MAYBE_WITHOUT_PARAMETER;
  return is_default ? OFF_THOUGH_DEFAULT_ON : OFF_WITHOUT_PARAMETER;
}

/* The reason beside a parameter that switches it off. */
static enum off_reason
off_reason (const struct pl_machine *machine)
{
  const GPtrArray *tables;
  enum pl_state state = pl_machine_get_firmware_tables (machine, &tables);
  bool has_dmar = state == PL_KNOWN && pl_names_have (tables, "DMAR");
  bool has_ivrs = state == PL_KNOWN && pl_names_have (tables, "IVRS");
  bool is_given = parameter_has (machine, "intel_iommu", "on");
  bool may_be_given = is_given || pl_is_missing (pl_machine_state (machine, PL_MACHINE_command_line));
  if (has_dmar && off_parameter (machine) != NULL)
    return OFF_THOUGH_THERE;
  if (has_dmar && !is_given && may_be_given)
    return OFF_FOR_UNKNOWN_REASON;
  if (has_dmar)
    return is_given ? OFF_THOUGH_THERE : reason_without_parameter (machine);
  if (has_ivrs)
    return OFF_THOUGH_THERE;
  if (!pl_is_missing (state))
    return reason_without_table (machine);
  bool is_guest;
  const char *virtualization;
  if (pl_machine_get_is_guest (machine, &is_guest) == PL_KNOWN && is_guest)
    return OFF_IN_GUEST;
  if (pl_log_find (machine, PL_LOG_FIRMWARE_DISABLED, NULL) != NULL)
    return OFF_IN_FIRMWARE;
  return pl_machine_get_cpu_virtualization (machine, &virtualization) == PL_KNOWN
                 && strcmp (virtualization, "vmx") == 0 && !may_be_given
             ? reason_without_parameter (machine)
             : OFF_FOR_UNKNOWN_REASON;
}

/* Whether the firmware is known to give the kernel no IOMMU: then no parameter helps. */
static bool
is_without_table (const struct pl_machine *machine)
{
  const GPtrArray *tables = NULL;
  enum pl_state state = pl_machine_get_firmware_tables (machine, &tables);
  return !pl_is_missing (state)
         && !(state == PL_KNOWN && (pl_names_have (tables, "DMAR") || pl_names_have (tables, "IVRS")));
}

/* Whether more than the parameter that switches it off is to be said. */
static bool
is_reason_wanted (const struct pl_machine *machine)
{
  return off_parameter (machine) == NULL || is_without_table (machine);
}

static void
cite_off (struct pl_case *judged, struct pl_finding *finding)
{
  pl_case_cite_machine (judged, finding, PL_MACHINE_iommu_groups);
  pl_case_cite_machine (judged, finding, PL_MACHINE_firmware_tables);
  pl_case_cite_machine (judged, finding, PL_MACHINE_command_line);
  pl_case_cite_machine (judged, finding, PL_MACHINE_cpu_virtualization);
}

static bool
may_be_off (const struct pl_case *judged)
{
  return pl_judge_iommu_state (judged->machine) != PL_IOMMU_ON;
}

static bool
may_be_on (const struct pl_case *judged)
{
  return pl_judge_iommu_state (judged->machine) != PL_IOMMU_OFF;
}

static bool
is_off (const struct pl_case *judged)
{
  return pl_judge_iommu_state (judged->machine) == PL_IOMMU_OFF;
}

/* Of "off" the last word counts, so "on" in its place, or behind it, turns it on. amd_iommu= and iommu= have
 * no word that does. Source: drivers/iommu/intel/iommu.c, intel_iommu_setup(). */
const char *
pl_judge_iommu_parameter (const struct pl_machine *machine)
{
  if (pl_judge_iommu_state (machine) != PL_IOMMU_OFF)
    return NULL;
  const char *name = off_parameter (machine);
  if (name != NULL)
    return strcmp (name, "intel_iommu=off") == 0 && !is_without_table (machine) ? "intel_iommu=on" : NULL;
  enum off_reason reason = off_reason (machine);
  return reason == OFF_WITHOUT_PARAMETER || reason == OFF_MAYBE_WITHOUT_PARAMETER ? "intel_iommu=on" : NULL;
}

static void
say_off_by_parameter (struct pl_case *judged)
{
  const char *name = off_parameter (judged->machine);
  struct pl_finding *finding
      = pl_case_add (judged, PL_BLOCKER, "the IOMMU is switched off by %s on the kernel command line", name);
  pl_finding_set_remedy (finding, "remove %s from the kernel command line and reboot", name);
  finding->is_step = true;
  cite_off (judged, finding);
}

static void
judge_off (struct pl_case *judged)
{
  if (!is_off (judged))
    return;
  struct pl_finding *finding;
  if (off_parameter (judged->machine) != NULL)
    say_off_by_parameter (judged);
  if (!is_reason_wanted (judged->machine))
    return;
  switch (off_reason (judged->machine)) {
  case OFF_WITHOUT_PARAMETER:
    finding
        = pl_case_add (judged, PL_BLOCKER,
                       "the IOMMU is off: there are no IOMMU groups, and this kernel waits for a parameter");
    pl_finding_set_remedy (finding,
                           "add intel_iommu=on to the kernel command line and reboot; if there are still no "
                           "groups, switch on %s %s",
                           pl_firmware_name (judged->machine, PL_FIRMWARE_IOMMU), pl_firmware_place (judged));
    finding->is_step = true;
    break;
  case OFF_MAYBE_WITHOUT_PARAMETER:
    finding = pl_case_add (
        judged, PL_BLOCKER,
        "the IOMMU is off: there are no IOMMU groups, maybe for want of intel_iommu=on: whether "
        "this kernel needs it is not known");
    pl_finding_set_remedy (finding,
                           "add intel_iommu=on to the kernel command line and reboot; if there are still no "
                           "groups, see: dmesg | grep -i -e dmar -e iommu");
    /* Known not to be told by this distribution: the parameter is what is to be tried. What could not be read
     * may say that it would not help. */
    finding->is_step = pl_machine_state (judged->machine, PL_MACHINE_intel_iommu_default_on) == PL_ABSENT;
    break;
  case OFF_THOUGH_DEFAULT_ON:
    finding = pl_case_add (
        judged, PL_BLOCKER,
        "the IOMMU is off: there are no IOMMU groups, though this kernel needs no parameter for "
        "them");
    pl_finding_set_remedy (
        finding, "see why the kernel did not take it: dmesg | grep -i -e dmar -e iommu; and switch on %s %s",
        pl_firmware_name (judged->machine, PL_FIRMWARE_IOMMU), pl_firmware_place (judged));
    break;
  case OFF_THOUGH_THERE:
    finding = pl_case_add (judged, PL_BLOCKER,
                           "the IOMMU is off: the firmware offers one, but the kernel built no IOMMU groups");
    pl_finding_set_remedy (finding,
                           "see why the kernel did not take it: dmesg | grep -i -e dmar -e amd-vi -e iommu");
    break;
  case OFF_FOR_UNKNOWN_REASON:
    if (off_parameter (judged->machine) != NULL)
      return; /* iommu.disabled-in-firmware says that there is no table */
    finding = pl_case_add (judged, PL_BLOCKER,
                           "the IOMMU is off: there are no IOMMU groups; why cannot be told from "
                           "what could be read");
    pl_finding_set_remedy (finding, "%s switch on %s, and see: dmesg | grep -i -e dmar -e amd-vi -e iommu",
                           pl_firmware_place (judged), pl_firmware_name (judged->machine, PL_FIRMWARE_IOMMU));
    break;
  default:
    return;
  }
  cite_off (judged, finding);
}

static void
judge_not_supported (struct pl_case *judged)
{
  struct pl_finding *finding;
  if (!is_reason_wanted (judged->machine))
    return;
  switch (off_reason (judged->machine)) {
  case OFF_IN_GUEST:
    finding = pl_case_add (judged, PL_BLOCKER,
                           "there is no IOMMU: this machine is itself a guest, and its host gives it none");
    pl_finding_set_remedy (finding,
                           "run pcilend on the host; to lend on from this guest, its host must give it an "
                           "IOMMU (libvirt: <iommu model='intel'/>)");
    break;
  case OFF_UNSUPPORTED:
    finding = pl_case_add (judged, PL_BLOCKER,
                           "there is no IOMMU: the firmware describes none and the processor has no "
                           "virtualization, so that no device can be lent");
    pl_finding_set_remedy (
        finding, "look in the firmware's setup for virtualization (VT-x and VT-d, or SVM and IOMMU): "
                 "switched off they look the same as missing");
    break;
  default:
    return;
  }
  cite_off (judged, finding);
  pl_case_cite_machine (judged, finding, PL_MACHINE_is_guest);
}

/* Beside a step that may not be enough. */
static void
say_tables_unknown (struct pl_case *judged)
{
  struct pl_finding *finding = pl_case_add (
      judged, PL_UNSURE,
      "it cannot be told whether the IOMMU is there once %s is removed: the firmware's tables are "
      "not known",
      off_parameter (judged->machine));
  pl_finding_set_remedy (finding,
                         "see, as root, whether there is DMAR or IVRS: sudo ls /sys/firmware/acpi/tables");
  pl_case_cite_machine (judged, finding, PL_MACHINE_firmware_tables);
}

static void
judge_disabled_in_firmware (struct pl_case *judged)
{
  if (off_parameter (judged->machine) != NULL
      && pl_is_missing (pl_machine_state (judged->machine, PL_MACHINE_firmware_tables))) {
    say_tables_unknown (judged);
    return;
  }
  enum off_reason reason = off_reason (judged->machine);
  /* Beside a parameter that is a step, what the firmware does not give must be said, whyever it is so. */
  bool is_unknown = reason == OFF_FOR_UNKNOWN_REASON && off_parameter (judged->machine) != NULL;
  if (!is_reason_wanted (judged->machine) || (reason != OFF_IN_FIRMWARE && !is_unknown))
    return;
  bool may_be_amd = may_be_vendor (judged->machine, true),
       may_be_intel = may_be_vendor (judged->machine, false);
  struct pl_finding *finding = pl_case_add (
      judged, PL_BLOCKER,
      is_unknown ? "the firmware gives the kernel no %s table: switched off there, or there is no IOMMU"
                 : "the IOMMU is switched off in the firmware: it gives the kernel no %s table",
      !may_be_amd     ? "DMAR"
      : !may_be_intel ? "IVRS"
                      : "DMAR or IVRS");
  pl_finding_set_remedy (finding, "%s", pl_firmware_remedy (judged));
  cite_off (judged, finding);
  const struct pl_log_event *event = pl_log_find (judged->machine, PL_LOG_FIRMWARE_DISABLED, NULL);
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
}

static void
judge_passthrough (struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  const struct pl_log_event *event = pl_log_find (machine, PL_LOG_PASSTHROUGH, NULL);
  const char *value = parameter (machine, "iommu.passthrough");
  bool by_parameter = parameter_has (machine, "iommu", "pt") || (value != NULL && strcmp (value, "1") == 0);
  if (event == NULL && !by_parameter)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_NOTE,
                     "the host's own devices bypass the IOMMU (iommu=pt): a matter of speed for the "
                     "host, never needed for lending; what is lent is translated all the same");
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
  if (by_parameter)
    pl_case_cite_machine (judged, finding, PL_MACHINE_command_line);
}

/* One finding for each function that the log names, not one for each line. */
static void
judge_timeouts_logged (struct pl_case *judged)
{
  const GPtrArray *events;
  if (pl_machine_get_log_events (judged->machine, &events) != PL_KNOWN)
    return;
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);
  bool is_nameless_done = false;
  for (guint i = 0; i < events->len; i++) {
    const struct pl_log_event *event = g_ptr_array_index (events, i);
    if (event->kind != PL_LOG_TIMEOUT)
      continue;
    struct pl_device *device = event->has_address ? pl_machine_find (judged->machine, event->address) : NULL;
    if (device == NULL ? is_nameless_done : !g_hash_table_add (done, device))
      continue;
    is_nameless_done = is_nameless_done || device == NULL;
    char address[PL_ADDRESS_SIZE];
    struct pl_finding *finding;
    if (event->has_address) {
      finding = pl_case_add (
          judged, PL_WARNING,
          "the IOMMU logged that %s does not answer it in time: that device has trouble under it",
          pl_address_format_short (event->address, judged->with_domain, address));
      pl_finding_set_remedy (finding,
                             "see all of them: dmesg | grep -e IOTLB_INV_TIMEOUT -e COMPLETION_WAIT; a newer "
                             "firmware of the board or another slot for %s often helps",
                             address);
    } else {
      finding
          = pl_case_add (judged, PL_WARNING, "the IOMMU logged that a command was not carried out in time");
      pl_finding_set_remedy (
          finding, "see: dmesg | grep -i -e 'completion-wait' -e 'invalidation time-out'; look for a "
                   "newer firmware of the board");
    }
    finding->device = device;
    pl_case_cite_log (judged, finding, event);
  }
}

static bool
needs_remapping (const struct pl_case *judged)
{
  return pl_judge_iommu_state (judged->machine) != PL_IOMMU_OFF && pl_is_x86 (judged->machine);
}

static void
judge_no_interrupt_remapping (struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  bool is_on;
  enum pl_state state = pl_machine_get_interrupt_remapping (machine, &is_on);
  const struct pl_log_event *event = pl_log_find (machine, PL_LOG_REMAPPING_OFF, NULL);
  if (state == PL_KNOWN ? is_on : state != PL_ABSENT && event == NULL)
    return;
  if (state != PL_KNOWN && state != PL_ABSENT && pl_log_find (machine, PL_LOG_REMAPPING_ON, NULL) != NULL)
    return; /* both are said: of two IOMMUs one */
  bool is_allowed = pl_has_module_option (machine, "vfio_iommu_type1", "allow_unsafe_interrupts");
  struct pl_finding *finding
      = pl_case_add (judged, is_allowed ? PL_WARNING : PL_BLOCKER,
                     is_allowed ? "interrupts are not remapped; a parameter allows lending all the same, so "
                                  "a guest could send the host "
                                  "false interrupts"
                                : "interrupts are not remapped by the IOMMU, so vfio refuses to lend: a "
                                  "guest could send the host false "
                                  "interrupts");
  if (!is_allowed)
    pl_finding_set_remedy (
        finding, "switch on interrupt remapping or x2APIC in the firmware's setup, remove intremap=off "
                 "and nointremap from the kernel command line; with a guest that you trust: add to "
                 "/etc/modprobe.d/vfio.conf: options vfio_iommu_type1 allow_unsafe_interrupts=1");
  pl_case_cite_machine (judged, finding, PL_MACHINE_interrupt_remapping);
  if (is_allowed)
    pl_case_cite_machine (judged, finding, PL_MACHINE_vfio_options);
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
}

static void
judge_acs_overridden (struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  const struct pl_log_event *event = pl_log_find (machine, PL_LOG_ACS_OVERRIDE, NULL);
  bool by_parameter = parameter (machine, "pcie_acs_override") != NULL;
  if (event == NULL && !by_parameter)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING,
                     "the IOMMU groups are split by pcie_acs_override: the kernel was told that devices "
                     "are isolated, nobody checked it; a guest may reach other devices");
  pl_finding_set_remedy (
      finding, "look whether the groups are good without it: remove pcie_acs_override from the kernel "
               "command line, reboot, pcilend groups");
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
  if (by_parameter)
    pl_case_cite_machine (judged, finding, PL_MACHINE_command_line);
}

static const struct pl_rule rules[] = {
  /* Without an IOMMU that is on, the kernel makes no groups and vfio has nothing to give. */
  { .id = "iommu.off",
    .scope = PL_SCOPE_MACHINE,
    .can_block = true,
    .wants.machine = MACHINE (iommu_groups) | MACHINE (firmware_tables) | MACHINE (command_line)
                     | MACHINE (intel_iommu_default_on),
    .question = "whether the IOMMU is on",
    .applies = may_be_off,
    .judge = judge_off,
    .source
    = "Documentation/ABI/testing/sysfs-kernel-iommu_groups; Documentation/admin-guide/kernel-parameters.txt, "
      "intel_iommu, amd_iommu" },
  /* A machine whose processor or host has no IOMMU cannot be helped by a setting of the kernel. Asked only
   * where the IOMMU is known to be off: where the reason cannot be told, iommu.off blocks instead. */
  { .id = "iommu.not-supported",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = MACHINE (firmware_tables) | MACHINE (cpu_virtualization) | MACHINE (is_guest),
    .applies = is_off,
    .judge = judge_not_supported,
    .source = "Documentation/driver-api/vfio.rst; Documentation/arch/x86/iommu.rst" },
  /* The kernel finds the IOMMU only through the firmware's DMAR or IVRS table. */
  { .id = "iommu.disabled-in-firmware",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = MACHINE (firmware_tables) | MACHINE (cpu_virtualization) | MACHINE (is_guest)
                     | MACHINE (cpu_vendor) | MACHINE (system_vendor) | MACHINE (product_name)
                     | MACHINE (board_name),
    .applies = is_off,
    .judge = judge_disabled_in_firmware,
    .source
    = "Documentation/arch/x86/iommu.rst (ACPI tables DMAR and IVRS); arch/x86/kernel/cpu/feat_ctl.c" },
  /* vfio refuses a device whose guest could raise any interrupt of the host. */
  { .id = "iommu.no-interrupt-remapping",
    .scope = PL_SCOPE_MACHINE,
    .can_block = true,
    .wants.machine = MACHINE (interrupt_remapping),
    .question = "whether the IOMMU remaps interrupts",
    .applies = needs_remapping,
    .judge = judge_no_interrupt_remapping,
    .source = "drivers/vfio/vfio_iommu_type1.c, vfio_iommu_type1_attach_group(): allow_unsafe_interrupts" },
  /* Log lines of an IOMMU that waits in vain announce a device that fails under it. */
  { .id = "iommu.timeouts-logged",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = MACHINE (log_events),
    .judge = judge_timeouts_logged,
    .source
    = "drivers/iommu/amd/iommu.c, iommu_print_event(): IOTLB_INV_TIMEOUT; drivers/iommu/intel/dmar.c" },
  /* Groups that a parameter made small are not isolated by anything. */
  { .id = "iommu.acs-overridden",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = MACHINE (command_line) | MACHINE (log_events),
    .judge = judge_acs_overridden,
    .source
    = "the ACS override patch of drivers/pci/quirks.c that distributions carry; not in Linux itself" },
  /* Many guides call iommu=pt a requirement, and it is none. */
  { .id = "iommu.passthrough",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = MACHINE (command_line) | MACHINE (log_events),
    .applies = may_be_on,
    .judge = judge_passthrough,
    .source = "Documentation/admin-guide/kernel-parameters.txt, iommu.passthrough" },
};

const struct pl_rule_table pl_rules_iommu = { rules, G_N_ELEMENTS (rules) };
