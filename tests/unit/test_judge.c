/* test_judge.c - the engine: what is summed up from the findings, and what is said where a fact is not known.
 */
#include "judge_machine.h"

static void
test_ready (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
  demand_companions (judgement, "09:00.0", "09:00.1");
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_READY);
  g_assert_null (judgement->best);
  g_assert_cmpuint (judgement->not_looked_at->len, ==, 0);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_best_card (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  struct pl_judgement *judgement = judge (machine, "");
  g_assert_cmpuint (judgement->candidates->len, ==, 2);
  g_assert_nonnull (judgement->best);
  g_assert_true (judgement->best->device == get (machine, "09:00.0"));
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_READY);
  demand_lendable (judgement, "06:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
  demand_unknown_is_not_fine (machine, "", judgement);
  pl_judgement_free (judgement);

  /* Both on their host drivers: then the one that the firmware did not draw on. */
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "amdgpu");
  pl_device_set_driver (get (machine, "09:00.1"), PL_KNOWN, "snd_hda_intel");
  judgement = judge (machine, "");
  g_assert_true (judgement->best->device == get (machine, "09:00.0"));
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_PREPARE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Of several devices the worst counts, and both are lent together. */
static void
test_worst_of_several (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  struct pl_judgement *judgement = judge (machine, "09:00.0 01:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
  demand_lendable (judgement, "01:00.0", PL_LENDABLE_NO, PL_VERDICT_IMPOSSIBLE);
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_IMPOSSIBLE);
  demand_unknown_is_not_fine (machine, "09:00.0 01:00.0", judgement);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_worst_first (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_machine_set_interrupt_remapping (machine, PL_UNREAD, false);
  struct pl_judgement *judgement = judge (machine, "01:00.0 06:00.0");
  g_assert_cmpuint (judgement->findings->len, >, 3);
  for (guint i = 1; i < judgement->findings->len; i++) {
    const struct pl_finding *before = g_ptr_array_index (judgement->findings, i - 1);
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    g_assert_cmpint (before->severity, <=, finding->severity);
  }
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A fact that may not be read makes the rule unsure; the text names fact, path and state, the remedy is root.
 */
static void
test_denied (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_group (get (machine, "09:00.0"), PL_DENIED, 0);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "group.shared", "09:00.0", PL_UNSURE);
  demand_text (judgement, "group.shared", "09:00.0", "group of 09:00.0");
  demand_text (judgement, "group.shared", "09:00.0", "/sys/bus/pci/devices/0000:09:00.0/iommu_group");
  demand_text (judgement, "group.shared", "09:00.0", "may not be read");
  demand_text (judgement, "group.shared", "09:00.0", "sudo pcilend check 09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
  const struct pl_finding *finding = find_finding (judgement, "group.shared", "09:00.0");
  g_assert_cmpuint (finding->evidence->len, ==, 1);
  g_assert_cmpint (g_array_index (finding->evidence, struct pl_evidence, 0).state, ==, PL_DENIED);
  pl_judgement_free (judgement);

  machine->is_privileged = true;
  judgement = judge (machine, "09:00.0");
  demand_text (judgement, "group.shared", "09:00.0", "outside of any container");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_unread_and_invalid (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_RECORDING);
  pl_machine_set_interrupt_remapping (machine, PL_UNREAD, false);
  pl_device_set_class (get (machine, "09:00.0"), PL_INVALID, 0);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "iommu.no-interrupt-remapping", "", PL_UNSURE);
  demand_text (judgement, "iommu.no-interrupt-remapping", "", "was not read");
  demand_text (judgement, "iommu.no-interrupt-remapping", "", "sudo pcilend record");
  demand (judgement, "device.bridge", "09:00.0", PL_UNSURE);
  demand_text (judgement, "device.bridge", "09:00.0", "without sense");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Where a blocker of the same rule stands nobody needs to hear that it is also unsure. */
static void
test_blocker_before_unsure (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_group (get (machine, "04:00.0"), PL_KNOWN, 18);
  pl_device_set_group (get (machine, "0b:00.3"), PL_KNOWN, 18);
  finish (machine);
  pl_device_set_class (get (machine, "0b:00.3"), PL_DENIED, 0);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "group.shared", "09:00.0", PL_BLOCKER);
  guint n = 0;
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    n += strcmp (finding->id, "group.shared") == 0 && finding->device == get (machine, "09:00.0");
  }
  g_assert_cmpuint (n, ==, 1);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static bool
is_listed (const struct pl_judgement *judgement, const char *fact)
{
  for (guint i = 0; i < judgement->not_looked_at->len; i++)
    if (strcmp (g_ptr_array_index (judgement->not_looked_at, i), fact) == 0)
      return true;
  return false;
}

/* What only a warning rests on is listed, once, sorted. */
static void
test_not_looked_at (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_machine_set_framebuffers (machine, PL_DENIED, NULL);
  pl_machine_set_log_events (machine, PL_DENIED, NULL);
  pl_device_set_boot_vga (get (machine, "09:00.0"), PL_UNREAD, false);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
  g_assert_cmpuint (judgement->not_looked_at->len, ==, 3);
  g_assert_true (is_listed (judgement, "framebuffers") && is_listed (judgement, "log_events")
                 && is_listed (judgement, "boot_vga"));
  for (guint i = 1; i < judgement->not_looked_at->len; i++)
    g_assert_cmpstr (g_ptr_array_index (judgement->not_looked_at, i - 1), <,
                     g_ptr_array_index (judgement->not_looked_at, i));
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A text is no machine: what it does not tell is listed, but for the group and the kinds of its members. */
static void
test_text (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_TEXT);
  static const char *const addresses[] = { "09:00.0", "09:00.1", "0a:00.0" };
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
    struct pl_device *device = pl_machine_add_device (machine, at (addresses[i]));
    pl_device_set_class (device, PL_KNOWN, i == 0 ? 0x0300 : 0x0403);
    if (i < 2)
      pl_device_set_group (device, PL_KNOWN, 18);
  }
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
  demand (judgement, "device.not-bound", "09:00.0", PL_NOTE);
  g_assert_true (is_listed (judgement, "interrupt_remapping") && is_listed (judgement, "driver")
                 && is_listed (judgement, "group_reserved_regions"));
  pl_judgement_free (judgement);

  judgement = judge (machine, "0a:00.0");
  demand (judgement, "group.shared", "0a:00.0", PL_UNSURE);
  demand_lendable (judgement, "0a:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
  demand_text (judgement, "group.shared", "0a:00.0", "find /sys/kernel/iommu_groups");
  pl_judgement_free (judgement);

  pl_device_set_class (get (machine, "09:00.1"), PL_UNREAD, 0);
  judgement = judge (machine, "09:00.0");
  demand (judgement, "group.shared", "09:00.0", PL_UNSURE);
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A function of which nobody knows the kind may be a card: it is judged, and nothing about it is fine. */
static void
test_class_unknown (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_class (get (machine, "06:00.0"), PL_DENIED, 0);
  struct pl_judgement *judgement = judge (machine, "");
  demand_lendable (judgement, "06:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_no_devices (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  machine->devices_state = PL_ABSENT;
  struct pl_judgement *judgement = judge (machine, "");
  demand (judgement, "host.devices-unknown", "", PL_UNSURE);
  demand (judgement, "iommu.off", "", PL_UNSURE);
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_UNKNOWN);
  pl_judgement_free (judgement);

  machine->devices_state = PL_KNOWN;
  set_host_facts (machine);
  judgement = judge (machine, "");
  demand (judgement, "host.no-card", "", PL_BLOCKER);
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_IMPOSSIBLE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A machine whose only cards share a group with the host's network; then one without any card. */
static void
test_nothing_to_lend (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_group (get (machine, "04:00.0"), PL_KNOWN, 18);
  pl_device_set_group (get (machine, "06:00.0"), PL_KNOWN, 18);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "");
  g_assert_cmpint (judgement->verdict, ==, PL_VERDICT_IMPOSSIBLE);
  demand_unknown_is_not_fine (machine, "", judgement);
  pl_judgement_free (judgement);
  pl_device_set_class (get (machine, "06:00.0"), PL_KNOWN, 0x1200);
  pl_device_set_class (get (machine, "09:00.0"), PL_KNOWN, 0x1200);
  judgement = judge (machine, "");
  demand (judgement, "host.no-card", "", PL_BLOCKER);
  demand_unknown_is_not_fine (machine, "", judgement);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static void
test_domains (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  add (machine, "10000:e1:00.0", 0x0108, 0x8086, 0xf1a8, "nvme", 40);
  finish (machine);
  pl_device_set_group (get (machine, "04:00.0"), PL_KNOWN, 18);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_text (judgement, "group.shared", "09:00.0", "0000:04:00.0");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Every id once, sorted, in the form that common.json demands. */
static void
test_ids (void)
{
  const char *const *ids = pl_judge_ids ();
  g_assert_nonnull (ids[0]);
  for (guint i = 0; ids[i] != NULL; i++) {
    g_assert_true (g_str_has_prefix (ids[i], "iommu.") || g_str_has_prefix (ids[i], "group.")
                   || g_str_has_prefix (ids[i], "device.") || g_str_has_prefix (ids[i], "host."));
    g_assert_cmpuint (strspn (ids[i], "abcdefghijklmnopqrstuvwxyz0123456789-."), ==, strlen (ids[i]));
    if (i > 0)
      g_assert_cmpstr (ids[i - 1], <, ids[i]);
  }
  g_assert_cmpstr (pl_severity_name (PL_UNSURE), ==, "unsure");
}

/* The facts that are asked for hold for who is asked about, its companions and who is around them. */
static void
test_subjects (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_group (get (machine, "04:00.0"), PL_KNOWN, 18);
  finish (machine);
  struct pl_goal goal = { g_ptr_array_new () };
  g_ptr_array_add (goal.devices, get (machine, "09:00.1"));
  g_autoptr (GPtrArray) subjects = pl_judge_subjects (machine, &goal);
  g_assert_cmpuint (subjects->len, ==, 3);
  g_assert_true (g_ptr_array_index (subjects, 0) == get (machine, "04:00.0"));
  g_assert_true (g_ptr_array_index (subjects, 1) == get (machine, "09:00.0"));
  g_assert_true (g_ptr_array_index (subjects, 2) == get (machine, "09:00.1"));
  struct pl_wants wants = pl_judge_wants ();
  g_assert_true ((wants.machine & PL_WANT_MACHINE (interrupt_remapping)) != 0
                 && (wants.device & PL_WANT (physfn)) != 0);
  g_ptr_array_unref (goal.devices);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge/engine/ready", test_ready);
  g_test_add_func ("/judge/engine/best-card", test_best_card);
  g_test_add_func ("/judge/engine/worst-of-several", test_worst_of_several);
  g_test_add_func ("/judge/engine/worst-first", test_worst_first);
  g_test_add_func ("/judge/engine/denied", test_denied);
  g_test_add_func ("/judge/engine/unread-and-invalid", test_unread_and_invalid);
  g_test_add_func ("/judge/engine/blocker-before-unsure", test_blocker_before_unsure);
  g_test_add_func ("/judge/engine/not-looked-at", test_not_looked_at);
  g_test_add_func ("/judge/engine/text", test_text);
  g_test_add_func ("/judge/engine/class-unknown", test_class_unknown);
  g_test_add_func ("/judge/engine/no-devices", test_no_devices);
  g_test_add_func ("/judge/engine/nothing-to-lend", test_nothing_to_lend);
  g_test_add_func ("/judge/engine/domains", test_domains);
  g_test_add_func ("/judge/engine/ids", test_ids);
  g_test_add_func ("/judge/engine/subjects", test_subjects);
  return g_test_run ();
}
