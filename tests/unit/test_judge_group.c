/* test_judge_group.c - groups and companions: who shares a group, who goes along, and what the host loses. */
#include "judge_machine.h"

static void
join (struct pl_machine *machine, const char *address, gint32 group)
{
  pl_device_set_group (get (machine, address), PL_KNOWN, group);
  finish (machine);
}

static void
with_network (struct pl_machine *machine)
{
  join (machine, "04:00.0", 18);
}

static void
with_disk (struct pl_machine *machine)
{
  join (machine, "01:00.0", 18);
}

static void
with_host_card (struct pl_machine *machine)
{
  join (machine, "06:00.0", 18);
}

static void
with_usb (struct pl_machine *machine)
{
  join (machine, "0b:00.3", 18);
  const struct pl_input inputs[]
      = { { "input3", true, at ("0b:00.3"), "Logitech K120", true, PL_KNOWN, true, false } };
  pl_machine_set_inputs (machine, PL_KNOWN, THINGS (machine, inputs));
  const struct pl_usb_device devices[] = { { "1-4", true, at ("0b:00.3"), "USB Keyboard" } };
  pl_machine_set_usb_devices (machine, PL_KNOWN, THINGS (machine, devices));
}

static void
with_idle_usb (struct pl_machine *machine)
{
  join (machine, "0b:00.3", 18);
}

static void
with_usb_unread (struct pl_machine *machine)
{
  with_idle_usb (machine);
  pl_machine_set_usb_devices (machine, PL_DENIED, NULL);
}

static void
with_idle_network (struct pl_machine *machine)
{
  with_network (machine);
  const struct pl_interface interfaces[]
      = { { "enp4s0", true, at ("04:00.0"), PL_INVALID, false, NULL, PL_ABSENT, PL_KNOWN, false, false } };
  pl_machine_set_interfaces (machine, PL_KNOWN, THINGS (machine, interfaces));
}

static void
with_network_carrier_denied (struct pl_machine *machine)
{
  with_network (machine);
  const struct pl_interface interfaces[]
      = { { "enp4s0", true, at ("04:00.0"), PL_DENIED, false, NULL, PL_ABSENT, PL_KNOWN, false, false } };
  pl_machine_set_interfaces (machine, PL_KNOWN, THINGS (machine, interfaces));
}

static void
with_bridge (struct pl_machine *machine)
{
  join (machine, "00:01.1", 18);
}

static void
with_free_network (struct pl_machine *machine)
{
  with_network (machine);
  pl_device_set_driver (get (machine, "04:00.0"), PL_ABSENT, NULL);
}

static void
with_stubbed_network (struct pl_machine *machine)
{
  with_network (machine);
  pl_device_set_driver (get (machine, "04:00.0"), PL_KNOWN, "pci-stub");
}

static void
with_variant_driver (struct pl_machine *machine)
{
  with_network (machine);
  pl_device_set_driver (get (machine, "04:00.0"), PL_KNOWN, "acme");
  pl_device_set_entries (get (machine, "04:00.0"), PL_KNOWN, words (machine, "reset vfio-dev"));
}

static void
with_smbus (struct pl_machine *machine)
{
  add (machine, "00:14.0", 0x0c05, 0x1022, 0x790b, "piix4_smbus", 18);
  finish (machine);
}

static void
member_class_denied (struct pl_machine *machine)
{
  with_smbus (machine);
  pl_device_set_class (get (machine, "00:14.0"), PL_DENIED, 0);
}

static void
member_driver_invalid (struct pl_machine *machine)
{
  with_smbus (machine);
  pl_device_set_driver (get (machine, "00:14.0"), PL_INVALID, NULL);
}

static void
listing_denied (struct pl_machine *machine)
{
  pl_machine_add_group (machine, 18)->members_state = PL_DENIED;
}

static void
group_not_read (struct pl_machine *machine)
{
  g_array_set_size (machine->groups_, 0);
}

static void
listed_stranger (struct pl_machine *machine)
{
  struct pl_address address = at ("0f:00.0");
  g_array_append_val ((GArray *) pl_machine_add_group (machine, 18)->members, address);
}

static void
listed_member_without_link (struct pl_machine *machine)
{
  struct pl_address address = at ("04:00.0");
  g_array_append_val ((GArray *) pl_machine_add_group (machine, 18)->members, address);
  pl_device_set_group (get (machine, "04:00.0"), PL_DENIED, 0);
}

static void
link_without_listing (struct pl_machine *machine)
{
  pl_device_set_group (get (machine, "00:01.1"), PL_KNOWN, 18);
}

static void
group_absent (struct pl_machine *machine)
{
  pl_device_set_group (get (machine, "09:00.0"), PL_ABSENT, 0);
  finish (machine);
}

static void
bridge_on_shpchp (struct pl_machine *machine)
{
  with_bridge (machine);
  pl_device_set_driver (get (machine, "00:01.1"), PL_KNOWN, "shpchp");
}

static void
bridge_on_shpchp_5_18 (struct pl_machine *machine)
{
  bridge_on_shpchp (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.18.5-arch1-1");
}

static void
bridge_on_shpchp_5_9 (struct pl_machine *machine)
{
  bridge_on_shpchp (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.9.16");
}

static void
bridge_on_shpchp_kernel_unknown (struct pl_machine *machine)
{
  bridge_on_shpchp (machine);
  pl_machine_set_kernel_release (machine, PL_DENIED, NULL);
}

static void
bridge_driver_denied (struct pl_machine *machine)
{
  with_bridge (machine);
  pl_device_set_driver (get (machine, "00:01.1"), PL_DENIED, NULL);
}

static void
isa_bridge_on_lpc (struct pl_machine *machine)
{
  add (machine, "00:1f.0", 0x0601, 0x8086, 0x1234, "lpc_ich", 18);
  finish (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.10.0");
}

static void
split (struct pl_machine *machine)
{
  join (machine, "09:00.1", 19);
}

static void
split_unknown (struct pl_machine *machine)
{
  split (machine);
  pl_device_set_group (get (machine, "09:00.1"), PL_DENIED, 0);
}

static const struct desk_case cases[] = {
  { "/judge/group.shared/alone", "09:00.0", NULL, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/network", "09:00.0", with_network, "group.shared", "09:00.0", PL_BLOCKER,
    "the Ethernet card 04:00.0 with the default route (enp4s0)" },
  { "/judge/group.shared/disk", "09:00.0", with_disk, "group.shared", "09:00.0", PL_BLOCKER,
    "the NVMe disk 01:00.0 with the disk of /" },
  { "/judge/group.shared/display", "09:00.0", with_host_card, "group.shared", "09:00.0", PL_BLOCKER,
    "the graphics card 06:00.0 with the monitor on DP-1" },
  { "/judge/group.shared/keyboard", "09:00.0", with_usb, "group.shared", "09:00.0", PL_BLOCKER,
    "the USB controller 0b:00.3 with your keyboard (Logitech K120)" },
  { "/judge/group.shared/idle-usb", "09:00.0", with_idle_usb, "group.shared", "09:00.0", PL_WARNING,
    "0b:00.3" },
  { "/judge/group.shared/usb-unread", "09:00.0", with_usb_unread, "group.shared", "09:00.0", PL_BLOCKER,
    "not known" },
  { "/judge/group.shared/idle-network", "09:00.0", with_idle_network, "group.shared", "09:00.0", PL_WARNING,
    "04:00.0" },
  { "/judge/group.shared/carrier-denied", "09:00.0", with_network_carrier_denied, "group.shared", "09:00.0",
    PL_BLOCKER, NULL },
  { "/judge/group.shared/bridge", "09:00.0", with_bridge, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/no-driver", "09:00.0", with_free_network, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/pci-stub", "09:00.0", with_stubbed_network, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/variant-driver", "09:00.0", with_variant_driver, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/other-endpoint", "09:00.0", with_smbus, "group.shared", "09:00.0", PL_WARNING,
    "the SMBus controller 00:14.0" },
  { "/judge/group.shared/asked-too", "09:00.0 04:00.0", with_network, "group.shared", NULL, NONE, NULL },
  { "/judge/group.shared/class-denied", "09:00.0", member_class_denied, "group.shared", "09:00.0", PL_UNSURE,
    "class of 00:14.0" },
  { "/judge/group.shared/driver-invalid", "09:00.0", member_driver_invalid, "group.shared", "09:00.0",
    PL_UNSURE, "driver of 00:14.0" },
  { "/judge/group.shared/listing-denied", "09:00.0", listing_denied, "group.shared", "09:00.0", PL_UNSURE,
    "/sys/kernel/iommu_groups/18/devices" },
  { "/judge/group.shared/not-read", "09:00.0", group_not_read, "group.shared", "09:00.0", PL_UNSURE,
    "was not read" },
  { "/judge/group.shared/stranger", "09:00.0", listed_stranger, "group.shared", "09:00.0", PL_UNSURE,
    "0f:00.0" },
  { "/judge/group.shared/link-denied", "09:00.0", listed_member_without_link, "group.shared", "09:00.0",
    PL_BLOCKER, "04:00.0" },
  { "/judge/group.shared/contradiction", "09:00.0", link_without_listing, "group.shared", "09:00.0",
    PL_UNSURE, "00:01.1", true },
  { "/judge/group.none/absent", "09:00.0", group_absent, "group.none", "09:00.0", PL_BLOCKER, NULL },
  { "/judge/group.none/there", "09:00.0", NULL, "group.none", NULL, NONE, NULL },
  { "/judge/group.bridge-driver/shpchp-6.1", "09:00.0", bridge_on_shpchp, "group.bridge-driver", "09:00.0",
    PL_BLOCKER, "echo 0000:00:01.1 | sudo tee /sys/bus/pci/drivers/shpchp/unbind" },
  { "/judge/group.bridge-driver/shpchp-5.18", "09:00.0", bridge_on_shpchp_5_18, "group.bridge-driver", NULL,
    NONE, NULL },
  { "/judge/group.bridge-driver/shpchp-5.9", "09:00.0", bridge_on_shpchp_5_9, "group.bridge-driver", NULL,
    NONE, NULL },
  { "/judge/group.bridge-driver/kernel-unknown", "09:00.0", bridge_on_shpchp_kernel_unknown,
    "group.bridge-driver", "09:00.0", PL_UNSURE, NULL },
  { "/judge/group.bridge-driver/driver-unknown", "09:00.0", bridge_driver_denied, "group.shared", "09:00.0",
    PL_UNSURE, "driver of 00:01.1" },
  { "/judge/group.bridge-driver/isa", "09:00.0", isa_bridge_on_lpc, "group.bridge-driver", "09:00.0",
    PL_BLOCKER, "lpc_ich" },
  { "/judge/group.bridge-driver/pcieport", "09:00.0", with_bridge, "group.bridge-driver", NULL, NONE, NULL },
  { "/judge/group.split-functions/split", "09:00.0", split, "group.split-functions", "09:00.0", PL_WARNING,
    "09:00.1 in group 19" },
  { "/judge/group.split-functions/together", "09:00.0", NULL, "group.split-functions", NULL, NONE, NULL },
  { "/judge/group.split-functions/unknown", "09:00.0", split_unknown, "group.split-functions", NULL, NONE,
    NULL },
};

/* A member whose kind or driver is not known is a warning by what is known, and unsure by what is not. */
static void
test_both (void)
{
  static void (*const changes[]) (struct pl_machine *) = { member_class_denied, member_driver_invalid };
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
    changes[i](machine);
    struct pl_judgement *judgement = judge (machine, "09:00.0");
    demand_lendable (judgement, "09:00.0", PL_LENDABLE_UNKNOWN, PL_VERDICT_UNKNOWN);
    pl_judgement_free (judgement);
    pl_machine_free (machine);
  }
}

/* Functions and what must go along with the device asked about. */
struct slot_function {
  const char *address;
  guint16 class, vendor;
  const char *driver;
  gint32 group;
};

static const struct slot_function nvidia[] = {
  { "05:00.0", 0x0300, 0x10de, "nvidia", 20 },   { "05:00.1", 0x0403, 0x10de, "snd_hda_intel", 21 },
  { "05:00.2", 0x0c03, 0x10de, "xhci_hcd", 22 }, { "05:00.3", 0x0c80, 0x10de, "nvidia-gpu", 23 },
  { "06:00.0", 0x0c03, 0x1912, "xhci_hcd", 24 },
};

static const struct slot_function raphael[] = {
  { "15:00.0", 0x0300, 0x1002, "amdgpu", 50 },   { "15:00.1", 0x0403, 0x1002, "snd_hda_intel", 51 },
  { "15:00.2", 0x1080, 0x1022, "ccp", 52 },      { "15:00.3", 0x0c03, 0x1022, "xhci_hcd", 53 },
  { "15:00.4", 0x0c03, 0x1022, "xhci_hcd", 54 }, { "15:00.6", 0x0403, 0x1022, "snd_hda_intel", 55 },
};

static const struct slot_function intel[] = {
  { "00:02.0", 0x0300, 0x8086, "i915", 0 },
  { "00:02.1", 0x0300, 0x8086, NULL, 1 },
  { "00:1f.3", 0x0403, 0x8086, "snd_hda_intel", 9 },
  { "00:1f.4", 0x0c05, 0x8086, "i801_smbus", 9 },
};

static const struct slot_function one_group[] = {
  { "00:01.0", 0x0604, 0x8086, "pcieport", 1 }, { "00:14.3", 0x0601, 0x8086, NULL, 1 },
  { "01:00.0", 0x0300, 0x10de, "nvidia", 1 },   { "01:00.1", 0x0403, 0x10de, "snd_hda_intel", 1 },
  { "02:00.0", 0x0300, 0x1002, "vfio-pci", 1 }, { "02:00.1", 0x0403, 0x1002, "vfio-pci", 1 },
  { "03:00.0", 0x0200, 0x8086, NULL, 1 },       { "04:00.0", 0x0c03, 0x1912, "xhci_hcd", 1 },
};

static const struct slot_function dual_class[] = {
  { "c3:00.0", 0x0380, 0x1002, "amdgpu", 17 },
  { "c3:00.1", 0x0403, 0x1002, "snd_hda_intel", 18 },
};

static const struct {
  const char *name;
  const struct slot_function *functions;
  guint n;
  const char *ask;
  const char *bus_only; /* the function whose only reset is that of the bus, or NULL */
  const char *virtual;  /* the function that is a virtual one, or NULL */
  const char *companions;
} slots[] = {
  { "/judge/companions/card", nvidia, G_N_ELEMENTS (nvidia), "05:00.0", NULL, NULL,
    "05:00.1 05:00.2 05:00.3" },
  { "/judge/companions/card-by-audio", nvidia, G_N_ELEMENTS (nvidia), "05:00.1", NULL, NULL,
    "05:00.0 05:00.2 05:00.3" },
  { "/judge/companions/card-by-ucsi", nvidia, G_N_ELEMENTS (nvidia), "05:00.3", NULL, NULL,
    "05:00.0 05:00.1 05:00.2" },
  { "/judge/companions/usb-alone", nvidia, G_N_ELEMENTS (nvidia), "06:00.0", NULL, NULL, "" },
  { "/judge/companions/amd-integrated", raphael, G_N_ELEMENTS (raphael), "15:00.0", NULL, NULL, "15:00.1" },
  { "/judge/companions/amd-integrated-usb", raphael, G_N_ELEMENTS (raphael), "15:00.3", NULL, NULL, "" },
  { "/judge/companions/amd-integrated-audio", raphael, G_N_ELEMENTS (raphael), "15:00.6", NULL, NULL, "" },
  { "/judge/companions/intel-integrated", intel, G_N_ELEMENTS (intel), "00:02.0", NULL, "00:02.1", "" },
  { "/judge/companions/intel-audio", intel, G_N_ELEMENTS (intel), "00:1f.3", NULL, NULL, "00:1f.4" },
  { "/judge/companions/group", one_group, G_N_ELEMENTS (one_group), "02:00.0", NULL, NULL,
    "01:00.0 01:00.1 02:00.1 04:00.0" },
  { "/judge/companions/bus-reset", raphael, G_N_ELEMENTS (raphael), "15:00.0", "15:00.0", NULL,
    "15:00.1 15:00.2 15:00.3 15:00.4 15:00.6" },
  { "/judge/companions/virtual-function", nvidia, G_N_ELEMENTS (nvidia), "05:00.1", NULL, "05:00.1", "" },
  { "/judge/companions/virtual-mate", nvidia, G_N_ELEMENTS (nvidia), "05:00.0", NULL, "05:00.2",
    "05:00.1 05:00.3" },
  { "/judge/companions/class-0380", dual_class, G_N_ELEMENTS (dual_class), "c3:00.0", NULL, NULL, "c3:00.1" },
};

static void
test_slot (const void *data)
{
  guint row = GPOINTER_TO_UINT (data);
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  for (guint i = 0; i < slots[row].n; i++) {
    const struct slot_function *function = &slots[row].functions[i];
    add (machine, function->address, function->class, function->vendor, (guint16) (0x1000 + i),
         function->driver, function->group);
  }
  finish (machine);
  if (slots[row].bus_only != NULL)
    pl_device_set_reset_methods (get (machine, slots[row].bus_only), PL_KNOWN, words (machine, "bus"));
  if (slots[row].virtual != NULL)
    pl_device_set_physfn (get (machine, slots[row].virtual), PL_KNOWN, at ("00:00.0"));
  struct pl_judgement *judgement = judge (machine, slots[row].ask);
  demand_companions (judgement, slots[row].ask, slots[row].companions);
  demand_unknown_is_not_fine (machine, slots[row].ask, judgement);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A companion's blockers count for the device asked about. */
static void
test_companion_blocks (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  join (machine, "09:00.1", 15); /* the group of the network */
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_companions (judgement, "09:00.0", "04:00.0 09:00.1");
  demand (judgement, "group.shared", "09:00.1", PL_BLOCKER);
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_NO, PL_VERDICT_IMPOSSIBLE);
  demand_unknown_is_not_fine (machine, "09:00.0", judgement);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A companion of which nobody can say whether it is one is taken for one. */
static void
test_companion_unknown (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  join (machine, "09:00.1", 15);
  pl_device_set_class (get (machine, "09:00.1"), PL_DENIED, 0);
  pl_device_set_vendor (get (machine, "09:00.1"), PL_DENIED, 0);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_companions (judgement, "09:00.0", "04:00.0 09:00.1");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_NO, PL_VERDICT_IMPOSSIBLE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* The host's keyboard hangs on a function of the same slot: it is not taken along unasked. */
static void
test_same_slot_keyboard (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  add (machine, "0b:00.0", 0x0108, 0x1022, 0x7901, "nvme", 23);
  finish (machine);
  with_usb (machine);
  join (machine, "0b:00.0", 18);
  join (machine, "09:00.0", 16);
  join (machine, "09:00.1", 16);
  struct pl_judgement *judgement = judge (machine, "0b:00.0");
  demand (judgement, "group.shared", "0b:00.0", PL_BLOCKER);
  demand_text (judgement, "group.shared", "0b:00.0",
               "one device that would have to go along: the USB controller");
  demand_text (judgement, "group.shared", "0b:00.0",
               "To give it away as well: pcilend check 0b:00.0 0b:00.3");
  pl_judgement_free (judgement);
  judgement = judge (machine, "0b:00.0 0b:00.3");
  demand (judgement, "group.shared", "0b:00.0", NONE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* What is said to give all away names the idle ones too, and where the machine comes from. */
static void
test_give_all (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_RECORDING);
  join (machine, "01:00.0", 18);
  join (machine, "0b:00.3", 18);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_text (judgement, "group.shared", "09:00.0",
               "one device of another slot that would have to go along");
  demand_text (judgement, "group.shared", "09:00.0",
               "all of them away as well: pcilend --machine 'a test' check 09:00.0 01:00.0 0b:00.3");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Hundreds of cards in one group: a bounded number is judged, and the rest is said. */
static void
test_many_cards (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_TEXT);
  for (guint i = 0; i < 4096; i++) {
    g_autofree char *address = g_strdup_printf ("%02x:%02x.%x", 1 + i / 256, i / 8 % 32, i % 8);
    add (machine, address, 0x0300, 0x10de, (guint16) i, "nouveau", 0);
  }
  finish (machine);
  gint64 begin = g_get_monotonic_time ();
  struct pl_judgement *judgement = judge (machine, "");
  g_assert_cmpuint (judgement->candidates->len, <=, 64);
  demand (judgement, "host.many-cards", "", PL_NOTE);
  /* A second is a hundred times what it takes; before it was minutes. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20 * G_USEC_PER_SEC);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_desk_cases (cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/judge/group.shared/warning-and-unsure", test_both);
  for (guint i = 0; i < G_N_ELEMENTS (slots); i++)
    g_test_add_data_func (slots[i].name, GUINT_TO_POINTER (i), test_slot);
  g_test_add_func ("/judge/companions/blocks", test_companion_blocks);
  g_test_add_func ("/judge/companions/unknown", test_companion_unknown);
  g_test_add_func ("/judge/group.shared/same-slot-keyboard", test_same_slot_keyboard);
  g_test_add_func ("/judge/group.shared/give-all", test_give_all);
  g_test_add_func ("/judge/host.many-cards", test_many_cards);
  return g_test_run ();
}
