/* test_judge_iommu.c - the rules about the IOMMU and the host: each fires, does not fire, and knows what it
 * does not know. */
#include "judge_machine.h"

static void
no_groups (struct pl_machine *machine)
{
  for (guint i = 0; i < pl_machine_n_devices (machine); i++)
    pl_device_set_group (pl_machine_device (machine, i), PL_ABSENT, 0);
  finish (machine);
}

static void
intel_off (struct pl_machine *machine)
{
  no_groups (machine);
  pl_machine_set_cpu_virtualization (machine, PL_KNOWN, "vmx");
  pl_machine_set_cpu_vendor (machine, PL_KNOWN, "GenuineIntel");
  pl_machine_set_firmware_tables (machine, PL_KNOWN, words (machine, "APIC DMAR"));
}

static void
intel_off_tables_denied (struct pl_machine *machine)
{
  intel_off (machine);
  pl_machine_set_firmware_tables (machine, PL_DENIED, NULL);
}

static void
intel_off_by_parameter (struct pl_machine *machine)
{
  intel_off (machine);
  set_command_line (machine, "quiet intel_iommu=off");
}

static void
intel_off_though_on (struct pl_machine *machine)
{
  intel_off (machine);
  set_command_line (machine, "quiet intel_iommu=on");
}

static void
groups_not_listed (struct pl_machine *machine)
{
  no_groups (machine);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++)
    pl_device_set_group (pl_machine_device (machine, i), PL_DENIED, 0);
  pl_machine_set_iommu_groups (machine, PL_UNREAD, NULL);
}

static void
no_table (struct pl_machine *machine)
{
  no_groups (machine);
  pl_machine_set_firmware_tables (machine, PL_KNOWN, words (machine, "APIC"));
}

static void
no_table_no_flag (struct pl_machine *machine)
{
  no_table (machine);
  pl_machine_set_cpu_virtualization (machine, PL_ABSENT, NULL);
}

static void
no_table_flag_denied (struct pl_machine *machine)
{
  no_table (machine);
  pl_machine_set_cpu_virtualization (machine, PL_DENIED, NULL);
}

static void
no_table_in_guest (struct pl_machine *machine)
{
  no_table (machine);
  pl_machine_set_is_guest (machine, PL_KNOWN, true);
}

static void
set_log (struct pl_machine *machine, enum pl_log_kind kind, const char *address)
{
  struct pl_log_event event = { .kind = kind, .text = "a line", .line = 7 };
  if (address != NULL) {
    event.has_address = true;
    event.address = at (address);
  }
  pl_machine_set_log_events (machine, PL_KNOWN, things (machine, &event, sizeof event, 1));
}

static void
no_flag_and_log (struct pl_machine *machine)
{
  no_table_no_flag (machine);
  set_log (machine, PL_LOG_FIRMWARE_DISABLED, NULL);
}

static void
not_remapped (struct pl_machine *machine)
{
  pl_machine_set_interrupt_remapping (machine, PL_KNOWN, false);
}

static void
not_remapped_allowed (struct pl_machine *machine)
{
  not_remapped (machine);
  set_command_line (machine, "vfio_iommu_type1.allow_unsafe_interrupts=1");
}

static void
not_remapped_parameter_unknown (struct pl_machine *machine)
{
  not_remapped (machine);
  pl_machine_set_command_line (machine, PL_DENIED, NULL);
}

static void
remapping_unread_but_logged (struct pl_machine *machine)
{
  pl_machine_set_interrupt_remapping (machine, PL_UNREAD, false);
  set_log (machine, PL_LOG_REMAPPING_OFF, NULL);
}

static void
remapping_unread (struct pl_machine *machine)
{
  pl_machine_set_interrupt_remapping (machine, PL_UNREAD, false);
}

static void
not_remapped_arm (struct pl_machine *machine)
{
  not_remapped (machine);
  pl_machine_set_architecture (machine, PL_KNOWN, "aarch64");
}

static void
timeout_logged (struct pl_machine *machine)
{
  set_log (machine, PL_LOG_TIMEOUT, "06:00.0");
}

static void
acs_logged (struct pl_machine *machine)
{
  set_log (machine, PL_LOG_ACS_OVERRIDE, NULL);
}

static void
acs_parameter (struct pl_machine *machine)
{
  set_command_line (machine, "pcie_acs_override=downstream,multifunction");
}

static void
iommu_pt (struct pl_machine *machine)
{
  set_command_line (machine, "amd_iommu=force_isolation iommu=pt");
}

static void
set_region (struct pl_machine *machine, const char *type)
{
  struct pl_group *group = pl_machine_add_group (machine, 18);
  struct pl_region region = { 0x1000, 0x1fff, type };
  g_array_append_val ((GArray *) group->regions, region);
}

static void
direct_region (struct pl_machine *machine)
{
  set_region (machine, "direct");
}

static void
harmless_regions (struct pl_machine *machine)
{
  set_region (machine, "direct-relaxable");
  set_region (machine, "msi");
  set_region (machine, "reserved");
  set_log (machine, PL_LOG_RMRR, "09:00.0");
}

static void
regions_denied (struct pl_machine *machine)
{
  pl_machine_add_group (machine, 18)->regions_state = PL_DENIED;
}

static void
regions_denied_but_logged (struct pl_machine *machine)
{
  regions_denied (machine);
  set_log (machine, PL_LOG_RMRR, "09:00.0");
}

static void
is_guest (struct pl_machine *machine)
{
  pl_machine_set_is_guest (machine, PL_KNOWN, true);
}

static void
is_container (struct pl_machine *machine)
{
  pl_machine_set_container (machine, PL_KNOWN, "docker");
}

static void
container_denied (struct pl_machine *machine)
{
  pl_machine_set_container (machine, PL_DENIED, NULL);
}

static void
is_arm (struct pl_machine *machine)
{
  pl_machine_set_architecture (machine, PL_KNOWN, "aarch64");
}

static void
no_kvm (struct pl_machine *machine)
{
  pl_machine_set_dev_kvm (machine, PL_KNOWN, words (machine, "vfio"));
}

static void
kvm_denied (struct pl_machine *machine)
{
  pl_machine_set_dev_kvm (machine, PL_DENIED, NULL);
}

static void
no_flag (struct pl_machine *machine)
{
  pl_machine_set_cpu_virtualization (machine, PL_ABSENT, NULL);
}

static void
flag_denied (struct pl_machine *machine)
{
  pl_machine_set_cpu_virtualization (machine, PL_DENIED, NULL);
}

static void
no_module (struct pl_machine *machine)
{
  pl_machine_set_available_modules (machine, PL_KNOWN, words (machine, "amdgpu"));
  pl_machine_set_loaded_modules (machine, PL_KNOWN, words (machine, "amdgpu"));
}

static void
modules_denied (struct pl_machine *machine)
{
  no_module (machine);
  pl_machine_set_available_modules (machine, PL_DENIED, NULL);
}

static void
amd_iommu_on (struct pl_machine *machine)
{
  set_command_line (machine, "amd_iommu=on");
}

static void
efifb_off (struct pl_machine *machine)
{
  set_command_line (machine, "video=efifb:off");
}

static void
efifb_off_early (struct pl_machine *machine)
{
  efifb_off (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.18.5-arch1-1");
}

static void
efifb_off_kernel_unknown (struct pl_machine *machine)
{
  efifb_off (machine);
  pl_machine_set_kernel_release (machine, PL_DENIED, NULL);
}

static void
command_line_denied (struct pl_machine *machine)
{
  pl_machine_set_command_line (machine, PL_DENIED, NULL);
}

static void
not_remapped_by_modprobe (struct pl_machine *machine)
{
  not_remapped (machine);
  pl_machine_set_vfio_options (machine, PL_KNOWN,
                               things_of_text (machine, "vfio_iommu_type1 allow_unsafe_interrupts=1"));
}

/* What the running kernel has decides. */
static void
not_remapped_running_no (struct pl_machine *machine)
{
  not_remapped_allowed (machine);
  pl_machine_set_vfio_options (machine, PL_KNOWN,
                               things_of_text (machine, "vfio_iommu_type1 allow_unsafe_interrupts=N"));
}

/* The log names the audio function of the card, in a text without the group's regions. */
static void
regions_unread_and_member_logged (struct pl_machine *machine)
{
  regions_denied (machine);
  set_log (machine, PL_LOG_RMRR, "09:00.1");
}

static void
intel_off_default_on (struct pl_machine *machine)
{
  intel_off (machine);
  pl_machine_set_intel_iommu_default_on (machine, PL_KNOWN, true);
}

static void
intel_off_default_unknown (struct pl_machine *machine)
{
  intel_off (machine);
  pl_machine_set_intel_iommu_default_on (machine, PL_ABSENT, false);
}

/* The parameter of the other vendor does nothing. */
static void
intel_off_by_amd_parameter (struct pl_machine *machine)
{
  intel_off (machine);
  set_command_line (machine, "quiet amd_iommu=off");
}

/* Removing the parameter does not help where the firmware gives no table. */
static void
off_by_parameter_without_table (struct pl_machine *machine)
{
  no_table (machine);
  set_command_line (machine, "quiet amd_iommu=off");
}

static const struct desk_case cases[] = {
  { "/judge/iommu.reserved-region/member-logged", "09:00.0", regions_unread_and_member_logged,
    "iommu.reserved-region", "09:00.0", PL_BLOCKER, "RMRR" },
  { "/judge/iommu.off/default-on", "09:00.0", intel_off_default_on, "iommu.off", "", PL_BLOCKER,
    "needs no parameter" },
  { "/judge/iommu.off/default-unknown", "09:00.0", intel_off_default_unknown, "iommu.off", "", PL_BLOCKER,
    "is not known" },
  { "/judge/iommu.off/other-vendor", "09:00.0", intel_off_by_amd_parameter, "iommu.off", "", PL_BLOCKER,
    "waits for a parameter" },
  { "/judge/iommu.disabled-in-firmware/and-parameter", "09:00.0", off_by_parameter_without_table,
    "iommu.disabled-in-firmware", "", PL_BLOCKER, "IVRS" },
  { "/judge/iommu.off/on", "09:00.0", NULL, "iommu.off", NULL, NONE, NULL },
  { "/judge/iommu.off/parameter-missing", "09:00.0", intel_off, "iommu.off", "", PL_BLOCKER,
    "intel_iommu=on" },
  { "/judge/iommu.off/tables-denied", "09:00.0", intel_off_tables_denied, "iommu.off", "", PL_BLOCKER,
    "VT-d" },
  { "/judge/iommu.off/by-parameter", "09:00.0", intel_off_by_parameter, "iommu.off", "", PL_BLOCKER,
    "intel_iommu=off" },
  { "/judge/iommu.off/though-asked-for", "09:00.0", intel_off_though_on, "iommu.off", "", PL_BLOCKER,
    "dmesg" },
  { "/judge/iommu.off/amd-with-table", "09:00.0", no_groups, "iommu.off", "", PL_BLOCKER, "dmesg" },
  { "/judge/iommu.off/unknown", "09:00.0", groups_not_listed, "iommu.off", "", PL_UNSURE, "iommu_groups" },
  { "/judge/iommu.off/reason-unknown", "09:00.0", no_table_flag_denied, "iommu.off", "", PL_BLOCKER, NULL },
  { "/judge/iommu.disabled-in-firmware/no-table", "09:00.0", no_table, "iommu.disabled-in-firmware", "",
    PL_BLOCKER, "SVM" },
  { "/judge/iommu.disabled-in-firmware/logged", "09:00.0", no_flag_and_log, "iommu.disabled-in-firmware", "",
    PL_BLOCKER, NULL },
  { "/judge/iommu.disabled-in-firmware/on", "09:00.0", NULL, "iommu.disabled-in-firmware", NULL, NONE, NULL },
  { "/judge/iommu.disabled-in-firmware/unknown", "09:00.0", no_table_flag_denied,
    "iommu.disabled-in-firmware", NULL, NONE, NULL },
  { "/judge/iommu.not-supported/no-flag", "09:00.0", no_table_no_flag, "iommu.not-supported", "", PL_BLOCKER,
    NULL },
  { "/judge/iommu.not-supported/guest", "09:00.0", no_table_in_guest, "iommu.not-supported", "", PL_BLOCKER,
    "its host" },
  { "/judge/iommu.not-supported/on", "09:00.0", NULL, "iommu.not-supported", NULL, NONE, NULL },
  { "/judge/iommu.not-supported/unknown", "09:00.0", no_table_flag_denied, "iommu.not-supported", NULL, NONE,
    NULL },
  { "/judge/iommu.no-interrupt-remapping/off", "09:00.0", not_remapped, "iommu.no-interrupt-remapping", "",
    PL_BLOCKER, "options vfio_iommu_type1 allow_unsafe_interrupts=1" },
  { "/judge/iommu.no-interrupt-remapping/modprobe.d", "09:00.0", not_remapped_by_modprobe,
    "iommu.no-interrupt-remapping", "", PL_WARNING, "allows lending" },
  { "/judge/iommu.no-interrupt-remapping/running-says-no", "09:00.0", not_remapped_running_no,
    "iommu.no-interrupt-remapping", "", PL_BLOCKER, NULL },
  { "/judge/iommu.no-interrupt-remapping/allowed", "09:00.0", not_remapped_allowed,
    "iommu.no-interrupt-remapping", "", PL_WARNING, NULL },
  { "/judge/iommu.no-interrupt-remapping/parameter-unknown", "09:00.0", not_remapped_parameter_unknown,
    "iommu.no-interrupt-remapping", "", PL_BLOCKER, NULL },
  { "/judge/iommu.no-interrupt-remapping/logged", "09:00.0", remapping_unread_but_logged,
    "iommu.no-interrupt-remapping", "", PL_BLOCKER, NULL },
  { "/judge/iommu.no-interrupt-remapping/unknown", "09:00.0", remapping_unread,
    "iommu.no-interrupt-remapping", "", PL_UNSURE, "/proc/interrupts" },
  { "/judge/iommu.no-interrupt-remapping/on", "09:00.0", NULL, "iommu.no-interrupt-remapping", NULL, NONE,
    NULL },
  { "/judge/iommu.no-interrupt-remapping/iommu-off", "09:00.0", intel_off, "iommu.no-interrupt-remapping",
    NULL, NONE, NULL },
  { "/judge/iommu.no-interrupt-remapping/arm", "09:00.0", not_remapped_arm, "iommu.no-interrupt-remapping",
    NULL, NONE, NULL },
  { "/judge/iommu.timeouts-logged/logged", "09:00.0", timeout_logged, "iommu.timeouts-logged", "06:00.0",
    PL_WARNING, "06:00.0" },
  { "/judge/iommu.timeouts-logged/none", "09:00.0", acs_logged, "iommu.timeouts-logged", NULL, NONE, NULL },
  { "/judge/iommu.acs-overridden/logged", "09:00.0", acs_logged, "iommu.acs-overridden", "", PL_WARNING,
    NULL },
  { "/judge/iommu.acs-overridden/parameter", "09:00.0", acs_parameter, "iommu.acs-overridden", "", PL_WARNING,
    NULL },
  { "/judge/iommu.acs-overridden/none", "09:00.0", NULL, "iommu.acs-overridden", NULL, NONE, NULL },
  { "/judge/iommu.acs-overridden/unknown", "09:00.0", command_line_denied, "iommu.acs-overridden", NULL, NONE,
    NULL },
  { "/judge/iommu.passthrough/parameter", "09:00.0", iommu_pt, "iommu.passthrough", "", PL_NOTE, NULL },
  { "/judge/iommu.passthrough/none", "09:00.0", NULL, "iommu.passthrough", NULL, NONE, NULL },
  { "/judge/iommu.reserved-region/direct", "09:00.0", direct_region, "iommu.reserved-region", "09:00.0",
    PL_BLOCKER, "reserved_regions" },
  { "/judge/iommu.reserved-region/relaxable", "09:00.0", harmless_regions, "iommu.reserved-region", NULL,
    NONE, NULL },
  { "/judge/iommu.reserved-region/unknown", "09:00.0", regions_denied, "iommu.reserved-region", "09:00.0",
    PL_UNSURE, "/sys/kernel/iommu_groups/18/reserved_regions" },
  { "/judge/iommu.reserved-region/logged", "09:00.0", regions_denied_but_logged, "iommu.reserved-region",
    "09:00.0", PL_BLOCKER, NULL },
  { "/judge/host.is-guest/guest", "09:00.0", is_guest, "host.is-guest", "", PL_WARNING, NULL },
  { "/judge/host.is-guest/none", "09:00.0", NULL, "host.is-guest", NULL, NONE, NULL },
  { "/judge/host.container/container", "09:00.0", is_container, "host.container", "", PL_UNSURE, "docker" },
  { "/judge/host.container/unknown", "09:00.0", container_denied, "host.container", "", PL_UNSURE,
    "container" },
  { "/judge/host.container/none", "09:00.0", NULL, "host.container", NULL, NONE, NULL },
  { "/judge/host.architecture/arm", "09:00.0", is_arm, "host.architecture", "", PL_WARNING, "aarch64" },
  { "/judge/host.architecture/x86", "09:00.0", NULL, "host.architecture", NULL, NONE, NULL },
  { "/judge/host.kvm-missing/missing", "09:00.0", no_kvm, "host.kvm-missing", "", PL_WARNING,
    "modprobe kvm_amd" },
  { "/judge/host.kvm-missing/there", "09:00.0", NULL, "host.kvm-missing", NULL, NONE, NULL },
  { "/judge/host.kvm-missing/unknown", "09:00.0", kvm_denied, "host.kvm-missing", NULL, NONE, NULL },
  { "/judge/host.virtualization-disabled/no-flag", "09:00.0", no_flag, "host.virtualization-disabled", "",
    PL_WARNING, "SVM" },
  { "/judge/host.virtualization-disabled/flag", "09:00.0", NULL, "host.virtualization-disabled", NULL, NONE,
    NULL },
  { "/judge/host.virtualization-disabled/unknown", "09:00.0", flag_denied, "host.virtualization-disabled",
    NULL, NONE, NULL },
  { "/judge/host.module-missing/missing", "09:00.0", no_module, "host.module-missing", "", PL_WARNING, NULL },
  { "/judge/host.module-missing/there", "09:00.0", NULL, "host.module-missing", NULL, NONE, NULL },
  { "/judge/host.module-missing/unknown", "09:00.0", modules_denied, "host.module-missing", NULL, NONE,
    NULL },
  { "/judge/host.obsolete-parameter/amd_iommu", "09:00.0", amd_iommu_on, "host.obsolete-parameter", "",
    PL_NOTE, "amd_iommu=on" },
  { "/judge/host.obsolete-parameter/efifb", "09:00.0", efifb_off, "host.obsolete-parameter", "", PL_NOTE,
    "efifb" },
  { "/judge/host.obsolete-parameter/efifb-5.18", "09:00.0", efifb_off_early, "host.obsolete-parameter", NULL,
    NONE, NULL },
  { "/judge/host.obsolete-parameter/unknown", "09:00.0", efifb_off_kernel_unknown, "host.obsolete-parameter",
    NULL, NONE, NULL },
};

/* Only where a parameter is all that is missing the verdict says that a step helps. */
static void
test_verdicts (void)
{
  static const struct {
    void (*change) (struct pl_machine *machine);
    enum pl_verdict verdict;
  } rows[] = {
    { intel_off, PL_VERDICT_PREPARE },
    { intel_off_by_parameter, PL_VERDICT_PREPARE },
    { intel_off_though_on, PL_VERDICT_IMPOSSIBLE },
    { no_table, PL_VERDICT_IMPOSSIBLE },
    { no_table_in_guest, PL_VERDICT_IMPOSSIBLE },
    { groups_not_listed, PL_VERDICT_UNKNOWN },
    { is_container, PL_VERDICT_UNKNOWN },
    { remapping_unread, PL_VERDICT_UNKNOWN },
    { direct_region, PL_VERDICT_IMPOSSIBLE },
    { not_remapped_allowed, PL_VERDICT_READY },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = desk_new (PL_SOURCE_RECORDING);
    rows[i].change (machine);
    struct pl_judgement *judgement = judge (machine, "09:00.0");
    if (judgement->verdict != rows[i].verdict)
      print_findings (judgement);
    g_assert_cmpstr (pl_verdict_name (judgement->verdict), ==, pl_verdict_name (rows[i].verdict));
    pl_judgement_free (judgement);
    pl_machine_free (machine);
  }
}

/* Only what a step removes is "prepare". */
static void
test_off_verdicts (void)
{
  static const struct {
    void (*change) (struct pl_machine *);
    enum pl_verdict verdict;
  } rows[] = { { intel_off, PL_VERDICT_PREPARE },
               { intel_off_by_parameter, PL_VERDICT_PREPARE },
               { intel_off_default_on, PL_VERDICT_IMPOSSIBLE },
               { intel_off_default_unknown, PL_VERDICT_PREPARE },
               { off_by_parameter_without_table, PL_VERDICT_IMPOSSIBLE } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = desk_new (PL_SOURCE_RECORDING);
    rows[i].change (machine);
    struct pl_judgement *judgement = judge (machine, "09:00.0");
    demand_lendable (judgement, "09:00.0", PL_LENDABLE_NO, rows[i].verdict);
    g_assert_cmpint (pl_judge_iommu_state (machine), ==, PL_IOMMU_OFF);
    pl_judgement_free (judgement);
    pl_machine_free (machine);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_desk_cases (cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/judge/iommu/verdicts", test_verdicts);
  g_test_add_func ("/judge/iommu.off/verdicts", test_off_verdicts);
  return g_test_run ();
}
