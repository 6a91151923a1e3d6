/* rules_device.c - what a function is: can it be lent at all, and is it on the driver that lends it. */
#include "judge/binding.h"
#include "judge/companions.h"
#include "judge/function.h"
#include "judge/remedy.h"
#include "judge/rule.h"

#include <string.h>

/* More are not listed in a remedy. */
#define MOST_UNASKED 8

static void
judge_bridge (struct pl_case *judged)
{
  if (!pl_is_base (judged->device, PL_BASE_BRIDGE))
    return;
  struct pl_finding *finding = pl_case_add (judged, PL_BLOCKER, "%s is a bridge: bridges stay with the host",
                                            pl_case_address (judged, judged->device));
  pl_finding_set_remedy (finding, "name the device behind it; see: %s groups", pl_case_command (judged));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_class);
}

/* Source of the ids: include/linux/pci_ids.h, PCI_DEVICE_ID_INTEL_QAT_*, _DSA_SPR0, _IAX_SPR0. */
static const struct {
  guint16 device;
  const char *name;
} denylist[] = {
  { 0x0435, "QuickAssist DH895xCC" },       { 0x0443, "QuickAssist DH895xCC" },
  { 0x19e2, "QuickAssist C3xxx" },          { 0x19e3, "QuickAssist C3xxx" },
  { 0x37c8, "QuickAssist C62x" },           { 0x37c9, "QuickAssist C62x" },
  { 0x0b25, "Data Streaming Accelerator" }, { 0x0cfe, "In-Memory Analytics Accelerator" },
};

static void
judge_vfio_denylist (struct pl_case *judged)
{
  guint16 id;
  if (!pl_has_vendor (judged->device, PL_VENDOR_INTEL)
      || pl_device_get_device (judged->device, &id) != PL_KNOWN)
    return;
  const char *name = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (denylist); i++)
    if (denylist[i].device == id)
      name = denylist[i].name;
  if (name == NULL)
    return;
  bool is_off = pl_has_module_option (judged->machine, "vfio_pci", "disable_denylist");
  struct pl_finding *finding
      = pl_case_add (judged, is_off ? PL_WARNING : PL_BLOCKER,
                     "%s (Intel %s) is on vfio-pci's own list of devices that are not safe in a "
                     "guest%s",
                     pl_case_address (judged, judged->device), name,
                     is_off ? "; a parameter allows it all the same" : ", so vfio-pci does not take it");
  if (!is_off)
    pl_finding_set_remedy (
        finding,
        "with a guest that you trust: add to /etc/modprobe.d/vfio.conf: options vfio-pci disable_denylist=1");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_device);
}

static void
judge_vf_of_lent_pf (struct pl_case *judged)
{
  struct pl_address address;
  if (pl_device_get_physfn (judged->device, &address) != PL_KNOWN)
    return;
  const struct pl_device *parent = pl_machine_find (judged->machine, address);
  char text[PL_ADDRESS_SIZE];
  pl_address_format_short (address, judged->with_domain, text);
  struct pl_finding *finding;
  if (parent == NULL || pl_hold_of (parent) == PL_HOLD_UNKNOWN) {
    finding = pl_case_add (judged, PL_UNSURE,
                           "it cannot be told whether %s, the physical function of %s, is lent itself", text,
                           pl_case_address (judged, judged->device));
    pl_finding_set_remedy (finding, "see which driver it is on: lspci -nnk -s %s", text);
  } else if (g_hash_table_contains (judged->lent, parent)) {
    finding = pl_case_add (judged, PL_BLOCKER,
                           "%s is a virtual function of %s, and that is to be lent too: its virtual "
                           "functions vanish when it leaves its driver",
                           pl_case_address (judged, judged->device), text);
    pl_finding_set_remedy (finding, "lend the one or the other, not both");
  } else if (pl_hold_of (parent) == PL_HOLD_VFIO) {
    finding = pl_case_add (judged, PL_BLOCKER,
                           "%s is a virtual function of %s, and that is on a vfio driver itself",
                           pl_case_address (judged, judged->device), text);
    pl_finding_set_remedy (finding, "give %s back to its own driver first", text);
  } else {
    return;
  }
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_physfn);
  if (parent != NULL)
    pl_case_cite (judged, finding, parent, PL_DEVICE_driver);
}

/* Counts the virtual functions of the device that are known to be on no driver. */
static gint64
count_idle_functions (const struct pl_case *judged)
{
  gint64 n = 0;
  for (guint i = 0; i < pl_machine_n_devices (judged->machine); i++) {
    const struct pl_device *other = pl_machine_device (judged->machine, i);
    struct pl_address parent;
    if (pl_device_get_physfn (other, &parent) == PL_KNOWN
        && pl_address_compare (parent, judged->device->address) == 0 && pl_hold_of (other) == PL_HOLD_NONE)
      n++;
  }
  return n;
}

/* A virtual function of which nobody knows the driver counts as used. */
static void
judge_pf_with_vfs (struct pl_case *judged)
{
  gint64 n;
  if (pl_device_get_sriov_numvfs (judged->device, &n) != PL_KNOWN || n <= 0)
    return;
  bool is_idle = count_idle_functions (judged) >= n;
  const char *address = pl_case_address (judged, judged->device);
  struct pl_finding *finding = pl_case_add (
      judged, is_idle ? PL_WARNING : PL_BLOCKER,
      "%s has %" G_GINT64_FORMAT " virtual %s switched on%s; they vanish when it leaves its driver", address,
      n, n == 1 ? "function" : "functions",
      is_idle ? ", none on a driver" : ", and they are or may be in use");
  char path[PL_ADDRESS_SIZE];
  pl_finding_set_remedy (finding,
                         "lend a virtual function instead; or switch them off: echo 0 | sudo tee "
                         "/sys/bus/pci/devices/%s/sriov_numvfs",
                         pl_address_format (judged->device->address, path));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_sriov_numvfs);
}

/* The functions that must be on vfio-pci and are not; those that group.shared calls in the way are no step of
 * ours. */
static GPtrArray *
list_unbound (const struct pl_case *judged, GPtrArray *unknown)
{
  GPtrArray *unbound = g_ptr_array_new ();
  for (guint i = 0; i <= judged->companions->len; i++) {
    struct pl_device *device
        = i == 0 ? (void *) judged->device : g_ptr_array_index (judged->companions, i - 1);
    enum pl_hold hold = pl_hold_of (device);
    if (!g_hash_table_contains (judged->own, device) || hold == PL_HOLD_VFIO
        || pl_is_base (device, PL_BASE_BRIDGE))
      continue;
    g_ptr_array_add (hold == PL_HOLD_UNKNOWN ? unknown : unbound, device);
  }
  g_ptr_array_sort (unbound, pl_compare_devices);
  g_ptr_array_sort (unknown, pl_compare_devices);
  return unbound;
}

static const char *
describe_hold (const struct pl_case *judged, const struct pl_device *device)
{
  const char *driver;
  if (pl_device_get_driver (device, &driver) == PL_KNOWN)
    return pl_case_format (judged, "%s is on %s", pl_case_address (judged, device), driver);
  return pl_case_format (judged, "%s is on no driver", pl_case_address (judged, device));
}

/* Companions that belong to no card asked about, and are not known to be off the host's drivers: the kernel
 * gives the group away only with them, and to take them along is for a person to say (group.shared). */
static GPtrArray *
list_unasked (const struct pl_case *judged)
{
  GPtrArray *unasked = g_ptr_array_new ();
  for (guint i = 0; i < judged->companions->len; i++) {
    struct pl_device *device = g_ptr_array_index (judged->companions, i);
    if (!g_hash_table_contains (judged->own, device) && pl_may_be_on_host (device))
      g_ptr_array_add (unasked, device);
  }
  return unasked;
}

static void
judge_not_bound (struct pl_case *judged)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  g_autoptr (GPtrArray) unbound = list_unbound (judged, unknown);
  bool is_bound = pl_hold_of (judged->device) == PL_HOLD_VFIO;
  if (is_bound || (unbound->len == 0 && unknown->len == 0))
    return;
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  for (guint i = 0; i < unbound->len; i++)
    g_ptr_array_add (words, (char *) describe_hold (judged, g_ptr_array_index (unbound, i)));
  if (unknown->len > 0)
    g_ptr_array_add (words, (char *) pl_case_format (judged, "the driver of %s is not known",
                                                     pl_case_addresses (judged, unknown, ", ")));
  struct pl_finding *finding = pl_case_add (
      judged, PL_NOTE, "%s: before a guest can have %s, vfio-pci must hold %s", pl_case_join (judged, words),
      unbound->len + unknown->len == 1 ? "it" : "them", unbound->len + unknown->len == 1 ? "it" : "them");
  finding->is_step = true;
  g_ptr_array_extend (unbound, unknown, NULL, NULL);
  g_autoptr (GPtrArray) unasked = list_unasked (judged);
  const char *bind = pl_remedy_bind (judged, unbound);
  if (unasked->len == 0)
    pl_finding_set_remedy (finding, "%s", bind);
  else if (unasked->len <= MOST_UNASKED)
    pl_finding_set_remedy (finding,
                           "%s\nalone that is not enough, see group.shared; for all of it: %s check %s %s",
                           bind, pl_case_command (judged), pl_case_address (judged, judged->device),
                           pl_case_addresses (judged, unasked, " "));
  else
    pl_finding_set_remedy (finding, "%s\nalone that is not enough: see group.shared", bind);
  for (guint i = 0; i < unbound->len; i++)
    pl_case_cite (judged, finding, g_ptr_array_index (unbound, i), PL_DEVICE_driver);
}

static void
judge_missing_companion (struct pl_case *judged)
{
  if (pl_hold_of (judged->device) != PL_HOLD_VFIO)
    return;
  g_autoptr (GPtrArray) unknown = g_ptr_array_new ();
  g_autoptr (GPtrArray) unbound = list_unbound (judged, unknown);
  for (guint i = 0; i < unbound->len; i++) {
    struct pl_device *mate = g_ptr_array_index (unbound, i);
    g_autoptr (GPtrArray) one = g_ptr_array_new ();
    g_ptr_array_add (one, mate);
    struct pl_finding *finding = pl_case_add (
        judged, PL_WARNING,
        "%s is on vfio-pci, but of the same card %s: a guest that gets only the one starts once "
        "and fails at the next start",
        pl_case_address (judged, judged->device), describe_hold (judged, mate));
    finding->is_step = true;
    pl_finding_set_remedy (finding, "%s", pl_remedy_bind (judged, one));
    pl_case_cite (judged, finding, judged->device, PL_DEVICE_driver);
    pl_case_cite (judged, finding, mate, PL_DEVICE_driver);
  }
  if (unknown->len == 0)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING, "the driver of %s is not known; of the same card as %s, %s must be on vfio-pci too",
      pl_case_addresses (judged, unknown, ", "), pl_case_address (judged, judged->device),
      unknown->len == 1 ? "it" : "they");
  finding->is_step = true;
  pl_finding_set_remedy (finding, "see which driver has %s: lspci -nnk; where it is not vfio-pci: %s",
                         unknown->len == 1 ? "it" : "them", pl_remedy_bind (judged, unknown));
  for (guint i = 0; i < unknown->len; i++)
    pl_case_cite (judged, finding, g_ptr_array_index (unknown, i), PL_DEVICE_driver);
}

static void
judge_same_ids (struct pl_case *judged)
{
  if (pl_is_base (judged->device, PL_BASE_BRIDGE) || !g_hash_table_contains (judged->own, judged->device))
    return;
  g_autoptr (GPtrArray) twins = pl_twins_of (judged->machine, judged->lent, judged->device);
  if (twins->len == 0)
    return;
  guint16 vendor = 0, id = 0;
  pl_device_get_vendor (judged->device, &vendor);
  pl_device_get_device (judged->device, &id);
  bool is_known;
  bool differ = pl_differs_by_subsystem (judged->device, twins, &is_known);
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "%s has the same ids %04x:%04x as %s, which %s: ids=%04x:%04x would take them all%s",
      pl_case_address (judged, judged->device), vendor, id, pl_case_addresses (judged, twins, ", "),
      twins->len == 1 ? "stays with the host" : "stay with the host", vendor, id,
      !is_known ? ""
      : differ  ? "; their subsystem ids tell them apart"
                : "; their subsystem ids do not tell them apart");
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, (void *) judged->device);
  g_autofree char *whole = pl_binding_id (judged->device, true);
  if (differ)
    pl_finding_set_remedy (finding, "name the subsystem too: ids=%s", whole);
  else
    pl_finding_set_remedy (finding, "choose it by address, not by id: %s", pl_remedy_override (judged, one));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_device);
  for (guint i = 0; i < twins->len; i++)
    pl_case_cite (judged, finding, g_ptr_array_index (twins, i), PL_DEVICE_device);
}

static void
judge_built_in_driver (struct pl_case *judged)
{
  const char *driver;
  if (pl_device_get_driver (judged->device, &driver) != PL_KNOWN
      || !pl_is_built_in (judged->machine, judged->device)
      || !g_hash_table_contains (judged->own, judged->device))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "the driver %s of %s is built into the kernel: it takes the device before vfio-pci can be "
      "loaded, so neither ids= nor softdep holds it back",
      driver, pl_case_address (judged, judged->device));
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_ptr_array_add (one, (void *) judged->device);
  pl_finding_set_remedy (finding, "choose it by address, which also takes it off a driver that was first: %s",
                         pl_remedy_override (judged, one));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_driver);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_driver_module);
}

static const struct pl_rule rules[] = {
  /* vfio-pci takes no bridge, and what is behind it stays the host's. */
  { .id = "device.bridge",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (class),
    .question = "whether it is a bridge",
    .judge = judge_bridge,
    .source = "Documentation/driver-api/vfio.rst: vfio-pci does not support bridges" },
  /* Some accelerators can be made to attack the host from a guest; vfio-pci refuses them by id. */
  { .id = "device.vfio-denylist",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (vendor) | PL_WANT (device),
    .question = "whether vfio-pci refuses it by its id",
    .judge = judge_vfio_denylist,
    .source = "drivers/vfio/pci/vfio_pci.c, vfio_pci_dev_in_denylist()" },
  /* Virtual functions live only as long as their physical function keeps its driver. */
  { .id = "device.vf-of-lent-pf",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (physfn),
    .question = "whether it is a virtual function of a device that is lent",
    .judge = judge_vf_of_lent_pf,
    .source
    = "Documentation/PCI/pci-iov-howto.rst; drivers/vfio/pci/vfio_pci_core.c, vfio_pci_validate_vf_token()" },
  /* Lending a physical function takes its virtual functions from whoever uses them. */
  { .id = "device.pf-with-vfs",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (sriov_numvfs),
    .question = "whether it has virtual functions in use",
    .judge = judge_pf_with_vfs,
    .source = "Documentation/PCI/pci-iov-howto.rst; Documentation/ABI/testing/sysfs-bus-pci, sriov_numvfs" },
  /* By id vfio-pci takes every function with that id, the host's twin card too. */
  { .id = "device.same-ids",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device
    = PL_WANT (vendor) | PL_WANT (device) | PL_WANT (subsystem_vendor) | PL_WANT (subsystem_device),
    .judge = judge_same_ids,
    .source = "drivers/vfio/pci/vfio_pci.c, vfio_pci_fill_ids(); Documentation/ABI/testing/sysfs-bus-pci, "
              "driver_override" },
  /* What is built in binds before any module is loaded. */
  { .id = "device.built-in-driver",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (driver) | PL_WANT (driver_module),
    .wants.machine = PL_WANT_MACHINE (loaded_modules),
    .judge = judge_built_in_driver,
    .source
    = "man 5 modprobe.d (softdep concerns modules only); Documentation/driver-api/driver-model/binding.rst" },
  /* A card is lent with all its functions: a hot reset needs every one of them in the same guest. */
  { .id = "device.missing-companion",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (driver),
    .judge = judge_missing_companion,
    .source = "drivers/vfio/pci/vfio_pci_core.c, vfio_pci_ioctl_pci_hot_reset()" },
  /* The step that is still to do on a machine that is good otherwise. */
  { .id = "device.not-bound",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (driver) | PL_WANT (modules),
    .wants.machine = PL_WANT_MACHINE (distribution_id),
    .names_all = true,
    .judge = judge_not_bound,
    .source
    = "Documentation/driver-api/vfio.rst, VFIO Usage Example; drivers/vfio/pci/vfio_pci.c, parameter ids" },
};

const struct pl_rule_table pl_rules_device = { rules, G_N_ELEMENTS (rules) };
