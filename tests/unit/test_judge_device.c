/* test_judge_device.c - the rules about one function: what it is, its driver, its screen, its reset. */
#include "judge_machine.h"

static void
set_ids (struct pl_machine *machine, const char *address, guint16 vendor, guint16 id)
{
  pl_device_set_vendor (get (machine, address), PL_KNOWN, vendor);
  pl_device_set_device (get (machine, address), PL_KNOWN, id);
}

static void
class_denied (struct pl_machine *machine)
{
  pl_device_set_class (get (machine, "00:01.1"), PL_DENIED, 0);
}

static void
quickassist (struct pl_machine *machine)
{
  set_ids (machine, "0b:00.3", 0x8086, 0x37c8);
}

static void
quickassist_allowed (struct pl_machine *machine)
{
  quickassist (machine);
  set_command_line (machine, "vfio-pci.disable_denylist=1");
}

static void
denied_by_modprobe (struct pl_machine *machine)
{
  quickassist (machine);
  pl_machine_set_vfio_options (machine, PL_KNOWN, things_of_text (machine, "vfio_pci disable_denylist=1"));
}

static void
id_denied (struct pl_machine *machine)
{
  pl_device_set_device (get (machine, "09:00.0"), PL_DENIED, 0);
}

/* 04:00.0 with two virtual functions, of which @lent is on vfio-pci and the other on no driver. */
static void
add_functions (struct pl_machine *machine, const char *driver)
{
  add (machine, "04:10.0", 0x0200, 0x10ec, 0x8169, driver, 31);
  add (machine, "04:10.1", 0x0200, 0x10ec, 0x8169, NULL, 32);
  finish (machine);
  pl_device_set_physfn (get (machine, "04:10.0"), PL_KNOWN, at ("04:00.0"));
  pl_device_set_physfn (get (machine, "04:10.1"), PL_KNOWN, at ("04:00.0"));
  pl_device_set_sriov_numvfs (get (machine, "04:00.0"), PL_KNOWN, 2);
}

static void
functions_idle (struct pl_machine *machine)
{
  add_functions (machine, NULL);
}

static void
functions_used (struct pl_machine *machine)
{
  add_functions (machine, "vfio-pci");
}

static void
function_driver_denied (struct pl_machine *machine)
{
  functions_idle (machine);
  pl_device_set_driver (get (machine, "04:10.1"), PL_DENIED, NULL);
}

static void
functions_denied (struct pl_machine *machine)
{
  functions_idle (machine);
  pl_device_set_sriov_numvfs (get (machine, "04:00.0"), PL_DENIED, 0);
}

static void
parent_on_vfio (struct pl_machine *machine)
{
  functions_idle (machine);
  pl_device_set_driver (get (machine, "04:00.0"), PL_KNOWN, "vfio-pci");
}

static void
parent_denied (struct pl_machine *machine)
{
  functions_idle (machine);
  pl_device_set_driver (get (machine, "04:00.0"), PL_DENIED, NULL);
}

static void
physfn_denied (struct pl_machine *machine)
{
  pl_device_set_physfn (get (machine, "09:00.0"), PL_DENIED, at ("00:00.0"));
}

static void
unbind (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "amdgpu");
  pl_device_set_driver (get (machine, "09:00.1"), PL_KNOWN, "snd_hda_intel");
}

static void
unbind_on_debian (struct pl_machine *machine)
{
  unbind (machine);
  pl_machine_set_distribution_id (machine, PL_KNOWN, "debian");
}

static void
no_driver (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, "09:00.0"), PL_ABSENT, NULL);
}

static void
variant_driver (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "nvgrace_gpu_vfio_pci");
}

static void
audio_on_host (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, "09:00.1"), PL_KNOWN, "snd_hda_intel");
}

static void
audio_denied (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, "09:00.1"), PL_DENIED, NULL);
}

static void
twins (struct pl_machine *machine)
{
  set_ids (machine, "06:00.0", 0x1002, 0x73df);
}

static void
twins_unbound (struct pl_machine *machine)
{
  twins (machine);
  unbind (machine);
}

static void
twins_by_subsystem (struct pl_machine *machine)
{
  twins (machine);
  unbind (machine);
  pl_device_set_subsystem_device (get (machine, "06:00.0"), PL_KNOWN, 0x2000);
}

static void
twins_subsystem_denied (struct pl_machine *machine)
{
  twins (machine);
  pl_device_set_subsystem_device (get (machine, "06:00.0"), PL_DENIED, 0);
}

static void
built_in (struct pl_machine *machine)
{
  pl_device_set_driver_module (get (machine, "0b:00.3"), PL_ABSENT, NULL);
}

static void
built_in_denied (struct pl_machine *machine)
{
  pl_device_set_driver_module (get (machine, "0b:00.3"), PL_DENIED, NULL);
}

static void
boot_vga_denied (struct pl_machine *machine)
{
  pl_device_set_boot_vga (get (machine, "06:00.0"), PL_DENIED, false);
}

static void
one_card (struct pl_machine *machine)
{
  pl_device_set_class (get (machine, "06:00.0"), PL_KNOWN, 0x0200);
}

static void
other_card_denied (struct pl_machine *machine)
{
  pl_device_set_class (get (machine, "06:00.0"), PL_DENIED, 0);
}

static void
framebuffer (struct pl_machine *machine)
{
  const struct pl_framebuffer framebuffers[] = { { "simple-framebuffer", 0xd0000000, 0xd07fffff } };
  pl_machine_set_framebuffers (machine, PL_KNOWN, THINGS (machine, framebuffers));
  const GArray *bars = NULL;
  struct pl_bar bar = { 0, 0xd0000000, 0x10000000, 0 };
  g_assert_cmpint (pl_device_get_bars (get (machine, "09:00.0"), &bars), ==, PL_KNOWN);
  g_array_append_val ((GArray *) bars, bar);
}

static void
framebuffer_early (struct pl_machine *machine)
{
  framebuffer (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.18.5-arch1-1");
}

static void
framebuffer_no_vga (struct pl_machine *machine)
{
  framebuffer (machine);
  pl_device_set_class (get (machine, "09:00.0"), PL_KNOWN, 0x0380);
  pl_device_set_boot_vga (get (machine, "09:00.0"), PL_ABSENT, false);
}

static void
framebuffer_elsewhere (struct pl_machine *machine)
{
  framebuffer (machine);
  const GArray *bars = NULL;
  pl_device_get_bars (get (machine, "09:00.0"), &bars);
  g_array_index ((GArray *) bars, struct pl_bar, 0).start = 0xe0000000;
}

static void
framebuffers_denied (struct pl_machine *machine)
{
  framebuffer (machine);
  pl_machine_set_framebuffers (machine, PL_DENIED, NULL);
}

static void
resizable (struct pl_machine *machine)
{
  pl_device_set_entries (get (machine, "09:00.0"), PL_KNOWN,
                         words (machine, "reset resource0 resource0_resize"));
}

static void
entries_denied (struct pl_machine *machine)
{
  pl_device_set_entries (get (machine, "09:00.0"), PL_DENIED, NULL);
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_ABSENT, NULL);
}

static void
navi_48 (struct pl_machine *machine)
{
  set_ids (machine, "09:00.0", 0x1002, 0x7550);
}

static void
navi_48_handled (struct pl_machine *machine)
{
  navi_48 (machine);
  set_command_line (machine, "vfio-pci.disable_idle_d3=1");
}

static void
navi_48_by_modprobe (struct pl_machine *machine)
{
  navi_48 (machine);
  const char *option = "vfio_pci disable_idle_d3=Y";
  pl_machine_set_vfio_options (machine, PL_KNOWN, things_of_text (machine, option));
}

static void
navi_48_denied (struct pl_machine *machine)
{
  navi_48 (machine);
  id_denied (machine);
}

static void
no_reset (struct pl_machine *machine)
{
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_ABSENT, NULL);
  pl_device_set_entries (get (machine, "09:00.0"), PL_KNOWN, words (machine, "class resource"));
}

static void
old_kernel_with_reset (struct pl_machine *machine)
{
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_ABSENT, NULL);
}

static void
reset_switched_off (struct pl_machine *machine)
{
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_KNOWN, words (machine, ""));
}

static void
bus_only (struct pl_machine *machine)
{
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_KNOWN, words (machine, "bus"));
}

static void
methods_denied (struct pl_machine *machine)
{
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_DENIED, NULL);
}

static void
methods_denied_with_stranger (struct pl_machine *machine)
{
  add (machine, "09:04.0", 0x0106, 0x1b21, 0x0612, "ahci", 40);
  finish (machine);
  methods_denied (machine);
}

static void
navi_10 (struct pl_machine *machine)
{
  set_ids (machine, "09:00.0", 0x1002, 0x731f);
}

static void
navi_10_selected (struct pl_machine *machine)
{
  navi_10 (machine);
  pl_device_set_reset_methods (get (machine, "09:00.0"), PL_KNOWN, words (machine, "device_specific bus"));
}

static void
navi_10_not_selected (struct pl_machine *machine)
{
  navi_10 (machine);
  pl_machine_set_loaded_modules (machine, PL_KNOWN, words (machine, "vfio_pci vendor_reset"));
}

static void
navi_10_before_5_15 (struct pl_machine *machine)
{
  navi_10_not_selected (machine);
  pl_machine_set_kernel_release (machine, PL_KNOWN, "5.9.1");
}

static void
aspeed (struct pl_machine *machine)
{
  pl_device_set_vendor (get (machine, "09:00.0"), PL_KNOWN, 0x1a03);
}

static const struct desk_case cases[] = {
  { "/judge/device.bridge/bridge", "00:01.1", NULL, "device.bridge", "00:01.1", PL_BLOCKER, " groups" },
  { "/judge/device.bridge/card", "09:00.0", NULL, "device.bridge", NULL, NONE, NULL },
  { "/judge/device.bridge/unknown", "00:01.1", class_denied, "device.bridge", "00:01.1", PL_UNSURE, "class" },
  { "/judge/device.vfio-denylist/listed", "0b:00.3", quickassist, "device.vfio-denylist", "0b:00.3",
    PL_BLOCKER, "modprobe.d/vfio.conf: options vfio-pci disable_denylist=1" },
  { "/judge/device.vfio-denylist/allowed", "0b:00.3", quickassist_allowed, "device.vfio-denylist", "0b:00.3",
    PL_WARNING, NULL },
  { "/judge/device.vfio-denylist/not", "09:00.0", NULL, "device.vfio-denylist", NULL, NONE, NULL },
  { "/judge/device.vfio-denylist/unknown", "09:00.0", id_denied, "device.vfio-denylist", "09:00.0", PL_UNSURE,
    "device" },
  { "/judge/device.vf-of-lent-pf/both", "04:10.0 04:00.0", functions_idle, "device.vf-of-lent-pf", "04:10.0",
    PL_BLOCKER, "not both" },
  { "/judge/device.vf-of-lent-pf/parent-on-vfio", "04:10.0", parent_on_vfio, "device.vf-of-lent-pf",
    "04:10.0", PL_BLOCKER, NULL },
  { "/judge/device.vf-of-lent-pf/alone", "04:10.0", functions_idle, "device.vf-of-lent-pf", NULL, NONE,
    NULL },
  { "/judge/device.vf-of-lent-pf/parent-unknown", "04:10.0", parent_denied, "device.vf-of-lent-pf", "04:10.0",
    PL_UNSURE, NULL },
  { "/judge/device.vf-of-lent-pf/unknown", "09:00.0", physfn_denied, "device.vf-of-lent-pf", "09:00.0",
    PL_UNSURE, "physfn" },
  { "/judge/device.pf-with-vfs/used", "04:00.0", functions_used, "device.pf-with-vfs", "04:00.0", PL_BLOCKER,
    "sriov_numvfs" },
  { "/judge/device.pf-with-vfs/idle", "04:00.0", functions_idle, "device.pf-with-vfs", "04:00.0", PL_WARNING,
    NULL },
  { "/judge/device.pf-with-vfs/driver-unknown", "04:00.0", function_driver_denied, "device.pf-with-vfs",
    "04:00.0", PL_BLOCKER, NULL },
  { "/judge/device.pf-with-vfs/unknown", "04:00.0", functions_denied, "device.pf-with-vfs", "04:00.0",
    PL_UNSURE, NULL },
  { "/judge/device.pf-with-vfs/none", "04:00.0", NULL, "device.pf-with-vfs", NULL, NONE, NULL },
  { "/judge/device.not-bound/bound", "09:00.0", NULL, "device.not-bound", NULL, NONE, NULL },
  { "/judge/device.not-bound/amdgpu", "09:00.0", unbind, "device.not-bound", "09:00.0", PL_NOTE,
    "options vfio-pci ids=1002:73df,1002:ab28" },
  { "/judge/device.not-bound/arch", "09:00.0", unbind, "device.not-bound", "09:00.0", PL_NOTE,
    "sudo mkinitcpio -P" },
  { "/judge/device.not-bound/debian", "09:00.0", unbind_on_debian, "device.not-bound", "09:00.0", PL_NOTE,
    "sudo update-initramfs -u -k all (with dracut in its place: sudo dracut --force)" },
  { "/judge/device.not-bound/none", "09:00.0", no_driver, "device.not-bound", "09:00.0", PL_NOTE,
    "no driver" },
  { "/judge/device.not-bound/variant", "09:00.0", variant_driver, "device.not-bound", NULL, NONE, NULL },
  { "/judge/device.not-bound/twin", "09:00.0", twins_unbound, "device.not-bound", "09:00.0", PL_NOTE,
    "driverctl --noprobe set-override 0000:09:00.0 vfio-pci" },
  { "/judge/device.not-bound/twin-by-subsystem", "09:00.0", twins_by_subsystem, "device.not-bound", "09:00.0",
    PL_NOTE, "ids=1002:73df:1043:1000" },
  { "/judge/device.missing-companion/audio", "09:00.0", audio_on_host, "device.missing-companion", "09:00.0",
    PL_WARNING, "09:00.1 is on snd_hda_intel" },
  { "/judge/device.missing-companion/none", "09:00.0", NULL, "device.missing-companion", NULL, NONE, NULL },
  { "/judge/device.missing-companion/unknown", "09:00.0", audio_denied, "device.missing-companion", NULL,
    PL_WARNING, "the driver of 09:00.1 is not known" },
  { "/judge/device.same-ids/twins", "09:00.0", twins, "device.same-ids", "09:00.0", PL_WARNING,
    "do not tell them apart" },
  { "/judge/device.same-ids/by-subsystem", "09:00.0", twins_by_subsystem, "device.same-ids", "09:00.0",
    PL_WARNING, "ids=1002:73df:1043:1000" },
  { "/judge/device.same-ids/both-lent", "09:00.0 06:00.0", twins, "device.same-ids", NULL, NONE, NULL },
  { "/judge/device.same-ids/unknown", "09:00.0", twins_subsystem_denied, "device.same-ids", "09:00.0",
    PL_WARNING, "driverctl" },
  { "/judge/device.same-ids/none", "09:00.0", NULL, "device.same-ids", NULL, NONE, NULL },
  { "/judge/device.built-in-driver/built-in", "0b:00.3", built_in, "device.built-in-driver", "0b:00.3",
    PL_WARNING, "xhci_hcd" },
  { "/judge/device.built-in-driver/module", "0b:00.3", NULL, "device.built-in-driver", NULL, NONE, NULL },
  { "/judge/device.built-in-driver/unknown", "0b:00.3", built_in_denied, "device.built-in-driver", NULL, NONE,
    NULL },
  { "/judge/device.boot-gpu/boot", "06:00.0", NULL, "device.boot-gpu", "06:00.0", PL_WARNING,
    "Primary Display" },
  { "/judge/device.boot-gpu/other", "09:00.0", NULL, "device.boot-gpu", NULL, NONE, NULL },
  { "/judge/device.boot-gpu/unknown", "06:00.0", boot_vga_denied, "device.boot-gpu", NULL, NONE, NULL },
  { "/judge/device.boot-gpu/no-vga", "09:00.0", framebuffer_no_vga, "device.boot-gpu", "09:00.0", PL_WARNING,
    NULL },
  { "/judge/device.only-gpu/only", "09:00.0", one_card, "device.only-gpu", "09:00.0", PL_WARNING, "sshd" },
  { "/judge/device.only-gpu/two", "09:00.0", NULL, "device.only-gpu", NULL, NONE, NULL },
  { "/judge/device.only-gpu/both-lent", "09:00.0 06:00.0", NULL, "device.only-gpu", "09:00.0", PL_WARNING,
    NULL },
  { "/judge/device.only-gpu/unknown", "09:00.0", other_card_denied, "device.only-gpu", NULL, NONE, NULL },
  { "/judge/device.framebuffer-held/vga-6.1", "09:00.0", framebuffer, "device.framebuffer-held", "09:00.0",
    PL_WARNING, "takes it away by itself" },
  { "/judge/device.framebuffer-held/vga-5.18", "09:00.0", framebuffer_early, "device.framebuffer-held",
    "09:00.0", PL_WARNING, "/sys/bus/platform/drivers/simple-framebuffer/unbind" },
  { "/judge/device.framebuffer-held/0380", "09:00.0", framebuffer_no_vga, "device.framebuffer-held",
    "09:00.0", PL_WARNING, "no VGA class" },
  { "/judge/device.framebuffer-held/elsewhere", "09:00.0", framebuffer_elsewhere, "device.framebuffer-held",
    NULL, NONE, NULL },
  { "/judge/device.framebuffer-held/unknown", "09:00.0", framebuffers_denied, "device.framebuffer-held", NULL,
    NONE, NULL },
  { "/judge/device.resizable-bar/there", "09:00.0", resizable, "device.resizable-bar", "09:00.0", PL_NOTE,
    "resource0_resize" },
  { "/judge/device.resizable-bar/none", "09:00.0", NULL, "device.resizable-bar", NULL, NONE, NULL },
  { "/judge/device.resizable-bar/unknown", "09:00.0", entries_denied, "device.resizable-bar", NULL, NONE,
    NULL },
  { "/judge/device.d3cold/navi-48", "09:00.0", navi_48, "device.d3cold", "09:00.0", PL_WARNING,
    "disable_idle_d3=1" },
  { "/judge/device.d3cold/modprobe.d", "09:00.0", navi_48_by_modprobe, "device.d3cold", NULL, NONE, NULL },
  { "/judge/device.vfio-denylist/modprobe.d", "0b:00.3", denied_by_modprobe, "device.vfio-denylist",
    "0b:00.3", PL_WARNING, "all the same" },
  { "/judge/device.management-screen/aspeed", "09:00.0", aspeed, "device.management-screen", "09:00.0",
    PL_NOTE, "BMC" },
  { "/judge/device.management-screen/other", "09:00.0", NULL, "device.management-screen", NULL, NONE, NULL },
  { "/judge/device.d3cold/handled", "09:00.0", navi_48_handled, "device.d3cold", NULL, NONE, NULL },
  { "/judge/device.d3cold/other", "09:00.0", NULL, "device.d3cold", NULL, NONE, NULL },
  { "/judge/device.d3cold/unknown", "09:00.0", navi_48_denied, "device.d3cold", NULL, NONE, NULL },
  { "/judge/device.no-reset/none", "09:00.0", no_reset, "device.no-reset", "09:00.0", PL_WARNING, NULL },
  { "/judge/device.no-reset/switched-off", "09:00.0", reset_switched_off, "device.no-reset", "09:00.0",
    PL_WARNING, NULL },
  { "/judge/device.no-reset/before-5.15", "09:00.0", old_kernel_with_reset, "device.no-reset", NULL, NONE,
    NULL },
  { "/judge/device.no-reset/there", "09:00.0", NULL, "device.no-reset", NULL, NONE, NULL },
  { "/judge/device.no-reset/unknown", "09:00.0", entries_denied, "device.no-reset", NULL, NONE, NULL },
  { "/judge/device.stale-reset/bus", "09:00.0", bus_only, "device.stale-reset", "09:00.0", PL_WARNING,
    "09:00.1" },
  { "/judge/device.stale-reset/flr", "09:00.0", NULL, "device.stale-reset", NULL, NONE, NULL },
  { "/judge/device.stale-reset/unknown", "09:00.0", methods_denied, "device.stale-reset", NULL, NONE, NULL },
  { "/judge/device.stale-reset/unknown-with-stranger", "09:00.0", methods_denied_with_stranger,
    "device.stale-reset", "09:00.0", PL_UNSURE, "reset_methods" },
  { "/judge/device.needs-vendor-reset/navi-10", "09:00.0", navi_10, "device.needs-vendor-reset", "09:00.0",
    PL_WARNING, "gnif/vendor-reset" },
  { "/judge/device.needs-vendor-reset/selected", "09:00.0", navi_10_selected, "device.needs-vendor-reset",
    NULL, NONE, NULL },
  { "/judge/device.needs-vendor-reset/not-selected", "09:00.0", navi_10_not_selected,
    "device.needs-vendor-reset", "09:00.0", PL_WARNING, "echo device_specific" },
  { "/judge/device.needs-vendor-reset/before-5.15", "09:00.0", navi_10_before_5_15,
    "device.needs-vendor-reset", NULL, NONE, NULL },
  { "/judge/device.needs-vendor-reset/other", "09:00.0", NULL, "device.needs-vendor-reset", NULL, NONE,
    NULL },
  { "/judge/device.needs-vendor-reset/unknown", "09:00.0", id_denied, "device.needs-vendor-reset", NULL, NONE,
    NULL },
};

/* What is still to do is "prepare", and says so. */
static void
test_steps (void)
{
  static void (*const changes[]) (struct pl_machine *) = { unbind, no_driver, audio_on_host };
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
    changes[i](machine);
    struct pl_judgement *judgement = judge (machine, "09:00.0");
    demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
    pl_judgement_free (judgement);
    pl_machine_free (machine);
  }
}

/* The board's own screen is never the best card, however little stands in its way. */
static void
test_best_is_no_management_screen (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  aspeed (machine);
  struct pl_judgement *judgement = judge (machine, "");
  g_assert_true (judgement->best->device == get (machine, "06:00.0"));
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* Where the driver of a companion is not known nothing is ready. */
static void
test_companion_driver_unknown (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_TEXT);
  pl_device_set_driver (get (machine, "09:00.1"), PL_UNREAD, NULL);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_lendable (judgement, "09:00.0", PL_LENDABLE_YES, PL_VERDICT_PREPARE);
  demand_text (judgement, "device.missing-companion", "09:00.0", "the driver of 09:00.1 is not known");
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

/* A driver that is built in is not held back by modprobe.d, and softdep wants the names of modules. */
static void
test_remedies_agree (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "amdgpu");
  pl_device_set_driver_module (get (machine, "09:00.0"), PL_ABSENT, NULL);
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  demand_text (judgement, "device.not-bound", "09:00.0", "driverctl");
  pl_judgement_free (judgement);

  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "nvidia-gpu");
  pl_device_set_driver_module (get (machine, "09:00.0"), PL_KNOWN, "i2c_nvidia_gpu");
  judgement = judge (machine, "09:00.0");
  demand_text (judgement, "device.not-bound", "09:00.0", "softdep i2c_nvidia_gpu pre: vfio-pci");
  g_assert_null (strstr (find_finding (judgement, "device.not-bound", "09:00.0")->remedy, "nvidia-gpu"));
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_desk_cases (cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/judge/device/steps", test_steps);
  g_test_add_func ("/judge/device/best-is-no-management-screen", test_best_is_no_management_screen);
  g_test_add_func ("/judge/device/companion-driver-unknown", test_companion_driver_unknown);
  g_test_add_func ("/judge/device/remedies-agree", test_remedies_agree);
  return g_test_run ();
}
