/* test_judge_peers.c - what users complained of in other tools must not happen here. Each test is named after
 * the item of the list of complaints: 1 to 12, judgement of the group and of the card, cards with the same
 * ids, forgotten functions.
 */
#include "judge_machine.h"

/* Asked about the card of group 17, a tool also wanted that of group 15. HikariKnight/quickpassthrough
 * issue 12. */
static void
test_01 (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "07:00.0", 0x0300, 0x10de, 0x1b80, "nvidia", 15);
  add (machine, "07:00.1", 0x0403, 0x10de, 0x10f0, "snd_hda_intel", 15);
  add (machine, "0a:00.0", 0x0300, 0x10de, 0x2482, "nvidia", 17);
  add (machine, "0a:00.1", 0x0403, 0x10de, 0x228b, "snd_hda_intel", 17);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "0a:00.0");
  demand_companions (judgement, "0a:00.0", "0a:00.1");
  demand_lendable (judgement, "0a:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
  demand (judgement, "group.shared", NULL, NONE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Devices of groups 10, 12 and 4 were taken for members of another, by comparing text. T-vK/MobilePassThrough
 * issue 22. */
static void
test_02 (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "00:02.0", 0x0300, 0x8086, 0x3e9b, "i915", 0);
  add (machine, "00:14.0", 0x0c03, 0x8086, 0xa36d, "xhci_hcd", 4);
  add (machine, "00:17.0", 0x0106, 0x8086, 0xa353, "ahci", 10);
  add (machine, "01:00.0", 0x0302, 0x10de, 0x1f91, "nouveau", 1);
  add (machine, "02:00.0", 0x0108, 0x144d, 0xa808, "nvme", 12);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "00:02.0 01:00.0");
  demand_companions (judgement, "00:02.0", "");
  demand_companions (judgement, "01:00.0", "");
  demand (judgement, "group.shared", NULL, NONE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* The usual port of an Intel processor: its bridge stands in the card's group. AutoVirt's vfio.sh refuses
 * that. */
static struct pl_machine *
processor_port_new (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "00:01.0", 0x0604, 0x8086, 0x1901, "pcieport", 1);
  add (machine, "00:02.0", 0x0300, 0x8086, 0x5912, "i915", 0);
  add (machine, "01:00.0", 0x0300, 0x10de, 0x1c03, "vfio-pci", 1);
  add (machine, "01:00.1", 0x0403, 0x10de, 0x10f1, "vfio-pci", 1);
  finish (machine);
  return machine;
}

static void
test_03 (void)
{
  struct pl_machine *machine = processor_port_new ();
  struct pl_judgement *judgement = judge (machine, "01:00.0");
  demand_lendable (judgement, "01:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
  demand (judgement, "group.shared", NULL, NONE);
  demand (judgement, "group.bridge-driver", NULL, NONE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* "Not isolated" because of a bridge made a user change his kernel for the ACS override. lexi-src/sGPUpt
 * issues 16, 28. */
static void
test_04 (void)
{
  struct pl_machine *machine = processor_port_new ();
  struct pl_judgement *judgement = judge (machine, "01:00.0");
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    g_assert_null (strstr (finding->text, "ACS"));
    g_assert_true (finding->remedy == NULL || strstr (finding->remedy, "ACS") == NULL);
  }
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A 3D controller (0302) was not shown and called unsupported. HikariKnight/ls-iommu issue 3. */
static void
test_05 (void)
{
  static const guint16 classes[] = { 0x0302, 0x0380 };
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++) {
    struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
    pl_device_set_class (get (machine, "09:00.0"), PL_KNOWN, classes[i]);
    pl_device_set_boot_vga (get (machine, "09:00.0"), PL_ABSENT, false);
    struct pl_judgement *judgement = judge (machine, "");
    demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_READY);
    demand_companions (judgement, "09:00.0", "09:00.1");
    g_assert_true (judgement->best->device == get (machine, "09:00.0"));
    pl_judgement_free (judgement);
    pl_machine_free (machine);
  }
}

/* vfio.conf was filled with ids that must not be bound, on a Phoenix processor with graphics. Danilop95/PECU
 * issue 33. */
static void
test_06 (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "03:00.0", 0x0300, 0x10de, 0x2684, "nvidia", 12);
  add (machine, "66:00.0", 0x0380, 0x1002, 0x1900, "amdgpu", 23);
  add (machine, "66:00.1", 0x0403, 0x1002, 0x1640, "snd_hda_intel", 24);
  add (machine, "66:00.2", 0x1080, 0x1022, 0x15c7, "ccp", 25);
  add (machine, "66:00.3", 0x0c03, 0x1022, 0x15b9, "xhci_hcd", 26);
  add (machine, "66:00.4", 0x0c03, 0x1022, 0x15ba, "xhci_hcd", 27);
  add (machine, "66:00.6", 0x0403, 0x1022, 0x15e3, "snd_hda_intel", 28);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "66:00.0");
  demand_companions (judgement, "66:00.0", "66:00.1");
  demand (judgement, "device.not-bound", "66:00.0", PL_NOTE);
  demand_text (judgement, "device.not-bound", "66:00.0", "ids=1002:1900,1002:1640\n");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A card whose group holds a device that the host stands on crashed the system. truenas/middleware, PR 13976.
 */
static void
test_07 (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_group (get (machine, "01:00.0"), PL_KNOWN, 18);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "group.shared", "09:00.0", PL_BLOCKER);
  demand_text (judgement, "group.shared", "09:00.0", "01:00.0 with the disk of /");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_NO, PL_VERDICT_IMPOSSIBLE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Any PCI device could be attached, "may crash the host". cockpit-project/cockpit-machines issue 577. */
static void
test_08 (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  struct pl_judgement *judgement = judge (machine, "00:01.1 01:00.0 04:00.0");
  demand (judgement, "device.bridge", "00:01.1", PL_BLOCKER);
  demand (judgement, "device.in-use", "01:00.0", PL_BLOCKER);
  demand (judgement, "device.in-use", "04:00.0", PL_BLOCKER);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Two identical cards: by id both are taken. HikariKnight/quickpassthrough issue 10. */
static void
test_09 (void)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "08:00.0", 0x0300, 0x1002, 0x67df, "amdgpu", 20);
  add (machine, "08:00.1", 0x0403, 0x1002, 0xaaf0, "snd_hda_intel", 20);
  add (machine, "09:00.0", 0x0300, 0x1002, 0x67df, "amdgpu", 21);
  add (machine, "09:00.1", 0x0403, 0x1002, 0xaaf0, "snd_hda_intel", 21);
  finish (machine);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "device.same-ids", "09:00.0", PL_WARNING);
  demand (judgement, "device.same-ids", "09:00.1", PL_WARNING);
  g_assert_null (strstr (find_finding (judgement, "device.not-bound", "09:00.0")->remedy, "ids="));
  demand_companions (judgement, "09:00.0", "09:00.1");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* The card's USB and UCSI functions were forgotten, and the group was not viable.
 * uwzis/GPU-Passthrough-Manager issue 21. */
static struct pl_machine *
turing_new (const char *driver, const char *usb_driver)
{
  struct pl_machine *machine = machine_new (PL_SOURCE_LIVE);
  set_host_facts (machine);
  add (machine, "00:02.0", 0x0300, 0x8086, 0x3e92, "i915", 0);
  add (machine, "01:00.0", 0x0300, 0x10de, 0x1e84, driver, 1);
  add (machine, "01:00.1", 0x0403, 0x10de, 0x10f8, driver, 1);
  add (machine, "01:00.2", 0x0c03, 0x10de, 0x1ad8, usb_driver, 1);
  add (machine, "01:00.3", 0x0c80, 0x10de, 0x1ad9, usb_driver, 1);
  finish (machine);
  return machine;
}

static void
test_10 (void)
{
  struct pl_machine *machine = turing_new ("vfio-pci", "xhci_hcd");
  struct pl_judgement *judgement = judge (machine, "01:00.0");
  demand_companions (judgement, "01:00.0", "01:00.1 01:00.2 01:00.3");
  demand (judgement, "device.missing-companion", "01:00.0", PL_WARNING);
  demand_text (judgement, "device.missing-companion", "01:00.0", "01:00.2 is on xhci_hcd");
  demand_lendable (judgement, "01:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* xhci_hcd is built in: ids and softdep cannot hold the card's USB function. 64kramsystem/vga-passthrough
 * issue 34. */
static void
test_11 (void)
{
  struct pl_machine *machine = turing_new ("vfio-pci", "xhci_hcd");
  pl_device_set_driver_module (get (machine, "01:00.2"), PL_ABSENT, NULL);
  struct pl_judgement *judgement = judge (machine, "01:00.0");
  demand (judgement, "device.built-in-driver", "01:00.2", PL_WARNING);
  demand_text (judgement, "device.built-in-driver", "01:00.2", "softdep");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* The HDMI audio function stayed on snd_hda_intel, and detaching it hung. joeknock90/Single-GPU-Passthrough
 * issue 21. */
static void
test_12 (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_driver (get (machine, "09:00.1"), PL_KNOWN, "snd_hda_intel");
  pl_device_set_driver_module (get (machine, "09:00.1"), PL_KNOWN, "snd_hda_intel");
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand (judgement, "device.missing-companion", "09:00.0", PL_WARNING);
  demand_text (judgement, "device.missing-companion", "09:00.0", "softdep snd_hda_intel pre: vfio-pci");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge/peers/01-asks-one-group-gets-another", test_01);
  g_test_add_func ("/judge/peers/02-groups-compared-as-text", test_02);
  g_test_add_func ("/judge/peers/03-processor-port-refused", test_03);
  g_test_add_func ("/judge/peers/04-bridge-called-not-isolated", test_04);
  g_test_add_func ("/judge/peers/05-class-0302-not-shown", test_05);
  g_test_add_func ("/judge/peers/06-ids-that-must-not-be-bound", test_06);
  g_test_add_func ("/judge/peers/07-group-with-the-hosts-disk", test_07);
  g_test_add_func ("/judge/peers/08-any-device-may-be-attached", test_08);
  g_test_add_func ("/judge/peers/09-identical-cards", test_09);
  g_test_add_func ("/judge/peers/10-usb-and-ucsi-forgotten", test_10);
  g_test_add_func ("/judge/peers/11-built-in-xhci", test_11);
  g_test_add_func ("/judge/peers/12-audio-not-released", test_12);
  return g_test_run ();
}
