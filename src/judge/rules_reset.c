/* rules_reset.c - can the device be brought back to a fresh state between two guests. */
#include "judge/companions.h"
#include "judge/function.h"
#include "judge/judge.h"
#include "judge/rule.h"

#include <string.h>

/* The attribute "reset" is there only where the kernel has a way to reset the function. */
static void
judge_no_reset (struct pl_case *judged)
{
  const GPtrArray *methods, *entries;
  enum pl_state state = pl_device_get_reset_methods (judged->device, &methods);
  bool is_none = (state == PL_KNOWN && methods->len == 0)
                 || (state == PL_ABSENT && pl_device_get_entries (judged->device, &entries) == PL_KNOWN
                     && !pl_names_have (entries, "reset"));
  if (!is_none)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "the kernel has no way to reset %s alone: between two guests only a reset of its whole bus is left, "
      "and that needs all functions on it in the same guest",
      pl_case_address (judged, judged->device));
  pl_finding_set_remedy (
      finding, "lend all of the card; if the second start of a guest fails, the host must be rebooted");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_reset_methods);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_entries);
}

static bool
has_foreign_mates (const struct pl_case *judged)
{
  if (judged->device->address.bus == 0)
    return false; /* a root bus cannot be reset */
  struct pl_device *bus;
  guint n = pl_bus_of (judged->machine, judged->device, &bus);
  for (guint i = 0; i < n; i++)
    if (&bus[i] != judged->device && !pl_is_base (&bus[i], PL_BASE_BRIDGE)
        && !g_hash_table_contains (judged->own, &bus[i]))
      return true;
  return false;
}

/* Where the methods are not known they matter only if strangers on the bus might have to go along. */
static bool
may_reset_others (const struct pl_case *judged)
{
  return !pl_is_missing (pl_device_state (judged->device, PL_DEVICE_reset_methods))
         || has_foreign_mates (judged);
}

/* The function, and those of @mates that were asked about and have no other reset either, which are taken out
 * of it. Free with g_ptr_array_unref(). */
static GPtrArray *
take_asked (const struct pl_case *judged, GPtrArray *mates)
{
  GPtrArray *together = g_ptr_array_new ();
  g_ptr_array_add (together, (void *) judged->device);
  for (guint i = mates->len; i-- > 0;) {
    const struct pl_device *mate = g_ptr_array_index (mates, i);
    if (!g_ptr_array_find ((GPtrArray *) judged->all_asked, mate, NULL) || !pl_is_reset_by_bus_only (mate))
      continue;
    g_ptr_array_add (together, (void *) mate);
    g_ptr_array_remove_index (mates, i);
  }
  g_ptr_array_sort (together, pl_compare_devices);
  return together;
}

/* The kernel looks for the methods when function 0 is found, before it knows that the bus has a second one.
 */
static void
judge_stale_reset (struct pl_case *judged)
{
  if (!pl_is_reset_by_bus_only (judged->device) || judged->device->address.bus == 0)
    return;
  /* Of one bus it is said once, with the device asked about. */
  if (judged->device != judged->asked && pl_is_reset_by_bus_only (judged->asked)
      && judged->device->address.domain == judged->asked->address.domain
      && judged->device->address.bus == judged->asked->address.bus)
    return;
  g_autoptr (GPtrArray) mates = pl_bus_mates_of (judged->machine, judged->device);
  if (mates->len == 0)
    return;
  g_autoptr (GPtrArray) together = take_asked (judged, mates);
  bool is_one = together->len == 1;
  const char *sharing
      = mates->len == 0 ? ""
                        : pl_case_format (judged, ", which %s %s", pl_case_addresses (judged, mates, ", "),
                                          mates->len == 1 ? "shares" : "share");
  g_autofree char *names = pl_machine_join_addresses (judged->machine, together, ", ", " and ");
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "the only reset of %s is that of %s bus%s: it works only while one guest has all of them", names,
      is_one ? "its" : "their", sharing);
  g_ptr_array_extend (together, mates, NULL, NULL);
  g_autofree char *all = pl_machine_join_addresses (judged->machine, together, ", ", " and ");
  pl_finding_set_remedy (finding, "give the same guest %s", all);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_reset_methods);
}

/* Chips that the kernel's own resets do not bring back.
 * Source: gnif/vendor-reset, src/device-db.h, read at commit 03e525d3. Its ids of integrated graphics are
 * left out: they stand there under the reset of Navi 10. */
static const struct {
  guint16 device;
  const char *name;
} stubborn[] = {
  { 0x67c0, "Polaris 10" }, { 0x67c1, "Polaris 10" }, { 0x67c2, "Polaris 10" }, { 0x67c4, "Polaris 10" },
  { 0x67c7, "Polaris 10" }, { 0x67c8, "Polaris 10" }, { 0x67c9, "Polaris 10" }, { 0x67ca, "Polaris 10" },
  { 0x67cc, "Polaris 10" }, { 0x67cf, "Polaris 10" }, { 0x67d0, "Polaris 10" }, { 0x67df, "Polaris 10" },
  { 0x6fdf, "Polaris 10" }, { 0x67e0, "Polaris 11" }, { 0x67e1, "Polaris 11" }, { 0x67e3, "Polaris 11" },
  { 0x67e7, "Polaris 11" }, { 0x67e8, "Polaris 11" }, { 0x67e9, "Polaris 11" }, { 0x67eb, "Polaris 11" },
  { 0x67ef, "Polaris 11" }, { 0x67ff, "Polaris 11" }, { 0x6980, "Polaris 12" }, { 0x6981, "Polaris 12" },
  { 0x6985, "Polaris 12" }, { 0x6986, "Polaris 12" }, { 0x6987, "Polaris 12" }, { 0x6995, "Polaris 12" },
  { 0x6997, "Polaris 12" }, { 0x699f, "Polaris 12" }, { 0x6860, "Vega 10" },    { 0x6861, "Vega 10" },
  { 0x6862, "Vega 10" },    { 0x6863, "Vega 10" },    { 0x6864, "Vega 10" },    { 0x6867, "Vega 10" },
  { 0x6868, "Vega 10" },    { 0x6869, "Vega 10" },    { 0x686a, "Vega 10" },    { 0x686b, "Vega 10" },
  { 0x686c, "Vega 10" },    { 0x686d, "Vega 10" },    { 0x686e, "Vega 10" },    { 0x686f, "Vega 10" },
  { 0x687f, "Vega 10" },    { 0x66a0, "Vega 20" },    { 0x66a1, "Vega 20" },    { 0x66a2, "Vega 20" },
  { 0x66a3, "Vega 20" },    { 0x66a4, "Vega 20" },    { 0x66a7, "Vega 20" },    { 0x66af, "Vega 20" },
  { 0x738c, "Arcturus" },   { 0x7310, "Navi 10" },    { 0x7312, "Navi 10" },    { 0x7318, "Navi 10" },
  { 0x7319, "Navi 10" },    { 0x731a, "Navi 10" },    { 0x731b, "Navi 10" },    { 0x731e, "Navi 10" },
  { 0x731f, "Navi 10" },    { 0x7340, "Navi 14" },    { 0x7341, "Navi 14" },    { 0x7347, "Navi 14" },
  { 0x734f, "Navi 14" },    { 0x7360, "Navi 12" },    { 0x7362, "Navi 12" },    { 0x73ff, "Navi 23" },
};

static bool
has_module (const struct pl_machine *machine, bool *is_known)
{
  const GPtrArray *modules;
  bool is_loaded = pl_machine_get_loaded_modules (machine, &modules) == PL_KNOWN
                   && pl_names_have (modules, "vendor_reset");
  enum pl_state state = pl_machine_get_available_modules (machine, &modules);
  *is_known = is_loaded || state == PL_KNOWN;
  return is_loaded
         || (state == PL_KNOWN
             && (pl_names_have (modules, "vendor_reset") || pl_names_have (modules, "vendor-reset")));
}

/* The chip's name where it is one of them, else NULL. */
static const char *
find_stubborn (const struct pl_device *device)
{
  guint16 id;
  if (!pl_has_vendor (device, PL_VENDOR_ATI) || pl_device_get_device (device, &id) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (stubborn); i++)
    if (stubborn[i].device == id)
      return stubborn[i].name;
  return NULL;
}

bool
pl_judge_is_reset_by_vendor_reset (const struct pl_device *device)
{
  return find_stubborn (device) != NULL;
}

static void
judge_needs_vendor_reset (struct pl_case *judged)
{
  const GPtrArray *methods;
  const struct pl_machine *machine = judged->machine;
  const char *name = find_stubborn (judged->device);
  bool is_selected = pl_device_get_reset_methods (judged->device, &methods) == PL_KNOWN && methods->len > 0
                     && strcmp (g_ptr_array_index (methods, 0), "device_specific") == 0;
  bool is_known, is_there = has_module (machine, &is_known);
  if (name == NULL || is_selected || (is_there && pl_kernel_is_before (machine, 5, 15)))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "%s (%s) does not come back from the kernel's own resets: a guest starts once, and the next start "
      "fails until the host is rebooted%s",
      pl_case_address (judged, judged->device), name,
      is_there ? "; the module vendor_reset is there, but its reset is not selected"
               : "; the module vendor_reset can reset it");
  char address[PL_ADDRESS_SIZE];
  pl_address_format (judged->device->address, address);
  if (is_there)
    pl_finding_set_remedy (finding,
                           "sudo modprobe vendor_reset; echo device_specific | sudo tee "
                           "/sys/bus/pci/devices/%s/reset_method (at each boot)",
                           address);
  else
    pl_finding_set_remedy (
        finding,
        "install vendor-reset (https://github.com/gnif/vendor-reset; it does not build on Linux "
        "6.12 and later), load it early, and: echo device_specific | sudo tee "
        "/sys/bus/pci/devices/%s/reset_method (at each boot)",
        address);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_device);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_reset_methods);
  if (is_known)
    pl_case_cite_machine (judged, finding, PL_MACHINE_loaded_modules);
}

static const struct pl_rule rules[] = {
  /* vfio resets a device when a guest opens and closes it; where it cannot, the trouble shows at the second
     start. */
  { .id = "device.no-reset",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (reset_methods) | PL_WANT (entries),
    .judge = judge_no_reset,
    .source
    = "Documentation/ABI/testing/sysfs-bus-pci, reset and reset_method; drivers/vfio/pci/vfio_pci_core.c, "
      "vfio_pci_core_enable()" },
  /* A reset of the bus reaches every function on it, so who shares the bus is a companion; not knowing the
   * methods is not knowing the companions. */
  { .id = "device.stale-reset",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (reset_methods),
    .names_companions = true,
    .question = "whether other devices on the bus must go along, because the only reset is that of the bus",
    .applies = may_reset_others,
    .names_all = true,
    .judge = judge_stale_reset,
    .source = "drivers/pci/pci.c, pci_parent_bus_reset(); NVIDIA/open-gpu-kernel-modules issue 1353" },
  /* Some of AMD's chips need a sequence of their own. */
  { .id = "device.needs-vendor-reset",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (vendor) | PL_WANT (device) | PL_WANT (reset_methods),
    .wants.machine = PL_WANT_MACHINE (loaded_modules) | PL_WANT_MACHINE (available_modules),
    .applies = pl_case_is_display,
    .judge = judge_needs_vendor_reset,
    .source = "gnif/vendor-reset, src/device-db.h and issue 46 (reset_method since Linux 5.15)" },
};

const struct pl_rule_table pl_rules_reset = { rules, G_N_ELEMENTS (rules) };
