/* judge_machine.h - machines made by hand for the tests of the judgement, and what is demanded of a
 * judgement.
 *
 * The desk: an AMD desktop with the IOMMU on and everything known. 01:00.0 is the disk of /, 04:00.0 the
 * network with the default route, 06:00.0 with 06:00.1 the host's card, 09:00.0 with 09:00.1 a second card on
 * vfio-pci, 0b:00.3 a USB controller. Each stands in a group of its own; lending 09:00.0 is possible and
 * nothing is left to do.
 */
#pragma once

#include "judge/judge.h"

#include <string.h>

#define UNUSED G_GNUC_UNUSED

/* No finding of that id. */
#define NONE (PL_NOTE + 1)

static UNUSED struct pl_address
at (const char *text)
{
  struct pl_address address = { 0, 0, 0, 0 };
  g_assert_cmpuint (pl_address_parse (text, strlen (text), &address), ==, strlen (text));
  return address;
}

static UNUSED struct pl_device *
get (struct pl_machine *machine, const char *address)
{
  struct pl_device *device = pl_machine_find (machine, at (address));
  g_assert_nonnull (device);
  return device;
}

/* The blank-separated words as a list of the machine's. */
static UNUSED const GPtrArray *
words (struct pl_machine *machine, const char *text)
{
  GPtrArray *list = pl_machine_keep_list (machine, g_ptr_array_new ());
  g_auto (GStrv) parts = g_strsplit (text, " ", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_ptr_array_add (list, (char *) pl_machine_string (machine, *part, -1));
  return list;
}

/* A list of the one text. */
static UNUSED const GPtrArray *
things_of_text (struct pl_machine *machine, const char *text)
{
  GPtrArray *list = pl_machine_keep_list (machine, g_ptr_array_new ());
  g_ptr_array_add (list, (char *) pl_machine_string (machine, text, -1));
  return list;
}

/* Copies of the elements, which live as long as the machine: a list of structs of things.h. */
static UNUSED const GPtrArray *
things (struct pl_machine *machine, const void *elements, gsize size, guint n)
{
  GPtrArray *list = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (list, g_memdup2 ((const char *) elements + i * size, size));
  return list;
}
#define THINGS(machine, ...) \
  things (machine, (__VA_ARGS__), sizeof (__VA_ARGS__)[0], G_N_ELEMENTS ((__VA_ARGS__)))

/* The command line in words: "iommu=pt quiet". */
static UNUSED void
set_command_line (struct pl_machine *machine, const char *text)
{
  struct pl_command_line *line = g_new0 (struct pl_command_line, 1);
  GArray *parameters
      = pl_machine_keep_array (machine, g_array_new (FALSE, TRUE, sizeof (struct pl_parameter)));
  const GPtrArray *list = words (machine, text);
  for (guint i = 0; i < list->len; i++) {
    g_auto (GStrv) parts = g_strsplit (g_ptr_array_index (list, i), "=", 2);
    struct pl_parameter parameter = { pl_machine_string (machine, parts[0], -1),
                                      parts[1] != NULL ? pl_machine_string (machine, parts[1], -1) : NULL };
    g_array_append_val (parameters, parameter);
  }
  line->text = pl_machine_string (machine, text, -1);
  line->parameters = parameters;
  GPtrArray *keeper = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  g_ptr_array_add (keeper, line);
  pl_machine_set_command_line (machine, PL_KNOWN, line);
}

/* @driver: NULL for none; @group: -1 for none. */
static UNUSED void
add (struct pl_machine *machine, const char *address, guint16 class, guint16 vendor, guint16 id,
     const char *driver, gint32 group)
{
  struct pl_device *device = pl_machine_add_device (machine, at (address));
  pl_device_set_class (device, PL_KNOWN, class);
  pl_device_set_prog_if (device, PL_KNOWN, 0);
  pl_device_set_vendor (device, PL_KNOWN, vendor);
  pl_device_set_device (device, PL_KNOWN, id);
  pl_device_set_subsystem_vendor (device, PL_KNOWN, 0x1043);
  pl_device_set_subsystem_device (device, PL_KNOWN, 0x1000);
  pl_device_set_revision (device, PL_KNOWN, 0);
  pl_device_set_driver (device, driver != NULL ? PL_KNOWN : PL_ABSENT, driver);
  pl_device_set_group (device, group >= 0 ? PL_KNOWN : PL_ABSENT, group);
  pl_device_set_boot_vga (device, class == 0x0300 ? PL_KNOWN : PL_ABSENT, false);
  pl_device_set_numa_node (device, PL_KNOWN, -1);
  pl_device_set_driver_override (device, PL_ABSENT, NULL);
  pl_device_set_d3cold_allowed (device, PL_KNOWN, true);
  pl_device_set_power_state (device, PL_KNOWN, "D0");
  pl_device_set_reset_methods (device, PL_KNOWN, words (machine, "flr bus"));
  pl_device_set_bars (device, PL_KNOWN,
                      pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (struct pl_bar))));
  pl_device_set_entries (device, PL_KNOWN, words (machine, "class reset resource"));
  pl_device_set_physfn (device, PL_ABSENT, (struct pl_address){ 0, 0, 0, 0 });
  pl_device_set_sriov_numvfs (device, PL_ABSENT, 0);
  pl_device_set_driver_module (device, driver != NULL ? PL_KNOWN : PL_ABSENT, driver);
  pl_device_set_modules (device, PL_KNOWN, words (machine, driver != NULL ? driver : ""));
}

/* After the last add(): the functions in order, and each group listed as the functions say. */
static UNUSED void
finish (struct pl_machine *machine)
{
  pl_machine_sort_devices (machine);
  GArray *ids = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (gint32)));
  g_array_set_size (machine->groups_, 0);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    gint32 id;
    if (pl_device_get_group (device, &id) != PL_KNOWN)
      continue;
    struct pl_group *group = pl_machine_add_group (machine, id);
    if (group->members == NULL) {
      group->members
          = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (struct pl_address)));
      group->regions = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (struct pl_region)));
      group->members_state = group->regions_state = group->type_state = PL_KNOWN;
      group->type = "DMA";
      g_array_append_val (ids, id);
    }
    g_array_append_val ((GArray *) group->members, device->address);
  }
  pl_machine_set_iommu_groups (machine, PL_KNOWN, ids);
}

static UNUSED struct pl_machine *
machine_new (enum pl_source source)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  struct pl_machine *machine
      = pl_machine_new (source, source == PL_SOURCE_LIVE ? NULL : "a test", pl_names_new_for_text (none));
  machine->devices_state = PL_KNOWN;
  return machine;
}

static UNUSED void
set_host_facts (struct pl_machine *machine)
{
  pl_machine_set_kernel_release (machine, PL_KNOWN, "6.1.0-18-amd64");
  pl_machine_set_architecture (machine, PL_KNOWN, "x86_64");
  set_command_line (machine, "ro quiet");
  pl_machine_set_distribution (machine, PL_KNOWN, "Arch Linux");
  pl_machine_set_distribution_id (machine, PL_KNOWN, "arch");
  pl_machine_set_cpu_vendor (machine, PL_KNOWN, "AuthenticAMD");
  pl_machine_set_cpu_virtualization (machine, PL_KNOWN, "svm");
  pl_machine_set_is_guest (machine, PL_KNOWN, false);
  pl_machine_set_container (machine, PL_ABSENT, NULL);
  pl_machine_set_firmware_tables (machine, PL_KNOWN, words (machine, "IVRS"));
  pl_machine_set_iommu_units (machine, PL_KNOWN, words (machine, "ivhd0"));
  pl_machine_set_interrupt_remapping (machine, PL_KNOWN, true);
  pl_machine_set_log_events (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_loaded_modules (machine, PL_KNOWN, words (machine, "vfio vfio_pci"));
  pl_machine_set_available_modules (machine, PL_KNOWN, words (machine, "vfio vfio_pci amdgpu"));
  pl_machine_set_vfio_options (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_intel_iommu_default_on (machine, PL_KNOWN, false);
  pl_machine_set_dev_kvm (machine, PL_KNOWN, words (machine, "kvm vfio"));
  pl_machine_set_blocks (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_mounts (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_interfaces (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_connectors (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_swaps (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_framebuffers (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_usb_devices (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_inputs (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_holders (machine, PL_KNOWN, words (machine, ""));
}

static UNUSED struct pl_machine *
desk_new (enum pl_source source)
{
  struct pl_machine *machine = machine_new (source);
  set_host_facts (machine);
  add (machine, "00:01.1", 0x0604, 0x1022, 0x1483, "pcieport", 1);
  add (machine, "01:00.0", 0x0108, 0xc0a9, 0x5403, "nvme", 14);
  add (machine, "04:00.0", 0x0200, 0x10ec, 0x8168, "r8169", 15);
  add (machine, "06:00.0", 0x0300, 0x1002, 0x7480, "amdgpu", 16);
  add (machine, "06:00.1", 0x0403, 0x1002, 0xab30, "snd_hda_intel", 17);
  add (machine, "09:00.0", 0x0300, 0x1002, 0x73df, "vfio-pci", 18);
  add (machine, "09:00.1", 0x0403, 0x1002, 0xab28, "vfio-pci", 18);
  add (machine, "0b:00.3", 0x0c03, 0x1022, 0x149c, "xhci_hcd", 23);
  finish (machine);
  pl_device_set_boot_vga (get (machine, "06:00.0"), PL_KNOWN, true);
  const struct pl_block blocks[]
      = { { "nvme0n1", true, at ("01:00.0"), 259, 0, NULL, PL_ABSENT, NULL, PL_ABSENT },
          { "nvme0n1p2", true, at ("01:00.0"), 259, 2, NULL, PL_ABSENT, NULL, PL_ABSENT } };
  pl_machine_set_blocks (machine, PL_KNOWN, THINGS (machine, blocks));
  const struct pl_mount mounts[]
      = { { 259, 2, "/", "ext4", "/dev/nvme0n1p2" }, { 0, 22, "/proc", "proc", "proc" } };
  pl_machine_set_mounts (machine, PL_KNOWN, THINGS (machine, mounts));
  const struct pl_interface interfaces[]
      = { { "enp4s0", true, at ("04:00.0"), PL_KNOWN, true, NULL, PL_ABSENT, PL_KNOWN, true, true } };
  pl_machine_set_interfaces (machine, PL_KNOWN, THINGS (machine, interfaces));
  const struct pl_connector connectors[] = { { "card0-DP-1", true, at ("06:00.0"), PL_KNOWN, true },
                                             { "card0-DP-2", true, at ("06:00.0"), PL_KNOWN, false } };
  pl_machine_set_connectors (machine, PL_KNOWN, THINGS (machine, connectors));
  return machine;
}

/* @addresses: blank-separated; "" asks about nothing. */
static UNUSED struct pl_judgement *
judge (struct pl_machine *machine, const char *addresses)
{
  struct pl_goal goal = { g_ptr_array_new () };
  g_auto (GStrv) parts = g_strsplit (addresses, " ", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0')
      g_ptr_array_add (goal.devices, get (machine, *part));
  struct pl_judgement *judgement = pl_judge (machine, &goal);
  g_ptr_array_unref (goal.devices);
  return judgement;
}

/* The worst finding of that id, about @device ("": about the machine; NULL: about anything). */
static UNUSED const struct pl_finding *
find_finding (const struct pl_judgement *judgement, const char *id, const char *device)
{
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (strcmp (finding->id, id) != 0)
      continue;
    if (device == NULL || (device[0] == '\0' && finding->device == NULL)
        || (device[0] != '\0' && finding->device != NULL
            && pl_address_compare (finding->device->address, at (device)) == 0))
      return finding;
  }
  return NULL;
}

static UNUSED void
print_findings (const struct pl_judgement *judgement)
{
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    g_test_message ("%s %s: %s", pl_severity_name (finding->severity), finding->id, finding->text);
  }
}

/* @severity: NONE where there must be no such finding. */
static UNUSED void
demand (const struct pl_judgement *judgement, const char *id, const char *device, guint severity)
{
  const struct pl_finding *finding = find_finding (judgement, id, device);
  if ((finding == NULL) != (severity == NONE) || (finding != NULL && finding->severity != severity))
    print_findings (judgement);
  if (severity == NONE) {
    g_assert_null (finding);
    return;
  }
  g_assert_nonnull (finding);
  g_assert_cmpuint (finding->severity, ==, severity);
  g_assert_cmpuint (strlen (finding->text), >, 20);
  g_assert_false (g_str_has_suffix (finding->text, "."));
  g_assert_nonnull (finding->source);
}

static UNUSED void
demand_text (const struct pl_judgement *judgement, const char *id, const char *device, const char *part)
{
  const struct pl_finding *finding = find_finding (judgement, id, device);
  g_assert_nonnull (finding);
  if (strstr (finding->text, part) == NULL
      && (finding->remedy == NULL || strstr (finding->remedy, part) == NULL))
    g_error ("%s has not \"%s\": %s > %s", id, part, finding->text, finding->remedy);
}

static UNUSED const struct pl_candidate *
candidate_of (const struct pl_judgement *judgement, const char *address)
{
  for (guint i = 0; i < judgement->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, i);
    if (pl_address_compare (candidate->device->address, at (address)) == 0)
      return candidate;
  }
  return NULL;
}

static UNUSED void
demand_lendable (const struct pl_judgement *judgement, const char *address, enum pl_lendable lendable,
                 enum pl_verdict verdict)
{
  const struct pl_candidate *candidate = candidate_of (judgement, address);
  g_assert_nonnull (candidate);
  if (candidate->lendable != lendable || candidate->verdict != verdict)
    print_findings (judgement);
  g_assert_cmpstr (pl_lendable_name (candidate->lendable), ==, pl_lendable_name (lendable));
  g_assert_cmpstr (pl_verdict_name (candidate->verdict), ==, pl_verdict_name (verdict));
}

/* The companions as "09:00.1 0a:00.0". */
static UNUSED void
demand_companions (const struct pl_judgement *judgement, const char *address, const char *companions)
{
  const struct pl_candidate *candidate = candidate_of (judgement, address);
  g_assert_nonnull (candidate);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < candidate->companions->len; i++) {
    const struct pl_device *companion = g_ptr_array_index (candidate->companions, i);
    char short_text[PL_ADDRESS_SIZE];
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                            pl_address_format_short (companion->address, false, short_text));
  }
  g_assert_cmpstr (text->str, ==, companions);
}

static UNUSED bool
is_in (const struct pl_judgement *judgement, const struct pl_finding *wanted, bool or_unsure)
{
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    if (strcmp (finding->id, wanted->id) == 0 && finding->device == wanted->device
        && (finding->severity == wanted->severity || (or_unsure && finding->severity == PL_UNSURE)))
      return true;
  }
  return false;
}

/* Whether a blocker or something unsure is said that was not said before. */
static UNUSED bool
has_new (const struct pl_judgement *harmed, const struct pl_judgement *whole)
{
  for (guint i = 0; i < harmed->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (harmed->findings, i);
    if (finding->severity <= PL_UNSURE && !is_in (whole, finding, false))
      return true;
  }
  return false;
}

/* @what: the fact that is not known in @harmed. */
static UNUSED void
demand_not_better (const struct pl_judgement *whole, const struct pl_judgement *harmed, const char *what)
{
  for (guint i = 0; i < harmed->candidates->len; i++) {
    const struct pl_candidate *after = g_ptr_array_index (harmed->candidates, i);
    for (guint j = 0; j < whole->candidates->len; j++) {
      const struct pl_candidate *before = g_ptr_array_index (whole->candidates, j);
      if (before->device == after->device && before->lendable != PL_LENDABLE_YES
          && after->lendable == PL_LENDABLE_YES)
        g_error ("%s: without %s it became lendable", g_test_get_path (), what);
      if (before->device == after->device && before->verdict > PL_VERDICT_PREPARE
          && after->verdict <= PL_VERDICT_PREPARE)
        g_error ("%s: without %s the verdict became %s", g_test_get_path (), what,
                 pl_verdict_name (after->verdict));
    }
  }
  for (guint i = 0; i < whole->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (whole->findings, i);
    if (finding->severity == PL_BLOCKER && !is_in (harmed, finding, true) && !has_new (harmed, whole))
      g_error ("%s: without %s the blocker %s is gone: %s", g_test_get_path (), what, finding->id,
               finding->text);
  }
}

/* Judges once more with the one state changed. */
static UNUSED void
harm (struct pl_machine *machine, const char *ask, const struct pl_judgement *whole, guint8 *state,
      const char *what)
{
  guint8 before = *state;
  if (before == PL_UNREAD)
    return;
  *state = PL_UNREAD;
  struct pl_judgement *harmed = judge (machine, ask);
  demand_not_better (whole, harmed, what);
  pl_judgement_free (harmed);
  *state = before;
}

/* Unknown is never fine: each fact in turn is made one that nobody asked for. */
static UNUSED void
demand_unknown_is_not_fine (struct pl_machine *machine, const char *ask, const struct pl_judgement *whole)
{
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    harm (machine, ask, whole, &machine->state_[fact], pl_machine_facts[fact].name);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    struct pl_device *device = pl_machine_device (machine, i);
    for (guint fact = 0; fact < PL_N_DEVICE_FACTS; fact++)
      harm (machine, ask, whole,
            fact < PL_N_DEVICE_IDENTITY ? &device->state_[fact]
                                        : &pl_device_further (device)->state_[fact - PL_N_DEVICE_IDENTITY],
            pl_device_facts[fact].name);
  }
  for (guint i = 0; i < machine->groups_->len; i++) {
    struct pl_group *group = &g_array_index (machine->groups_, struct pl_group, i);
    const struct pl_group before = *group;
    for (guint j = 0; j < 2; j++) {
      *(j == 0 ? &group->members_state : &group->regions_state) = PL_UNREAD;
      struct pl_judgement *harmed = judge (machine, ask);
      demand_not_better (whole, harmed, j == 0 ? "a group's listing" : "a group's regions");
      pl_judgement_free (harmed);
      *group = before;
    }
  }
}

/* One change of the desk and what is then said. */
struct desk_case {
  const char *name;
  const char *ask;
  void (*change) (struct pl_machine *machine); /* NULL: none */
  const char *id;
  const char *device; /* "": the machine */
  guint severity;
  const char *text;   /* a part of the text or of the remedy, or NULL */
  bool is_impossible; /* the facts contradict each other: with one of them away they no longer do */
};

static UNUSED void
run_desk_case (const void *data)
{
  const struct desk_case *row = data;
  struct pl_machine *machine = desk_new (PL_SOURCE_RECORDING);
  if (row->change != NULL)
    row->change (machine);
  struct pl_judgement *judgement = judge (machine, row->ask);
  demand (judgement, row->id, row->device, row->severity);
  if (row->text != NULL)
    demand_text (judgement, row->id, row->device, row->text);
  if (!row->is_impossible)
    demand_unknown_is_not_fine (machine, row->ask, judgement);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

static UNUSED void
add_desk_cases (const struct desk_case *rows, guint n)
{
  for (guint i = 0; i < n; i++)
    g_test_add_data_func (rows[i].name, &rows[i], run_desk_case);
}
