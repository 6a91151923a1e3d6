/* status_look.c - see status_look.h. */
#include "report/status_look.h"

#include "report/report.h"

#include <string.h>

bool
pl_status_is_on_vfio (const struct pl_device *device)
{
  const char *driver;
  return pl_device_get_driver (device, &driver) == PL_KNOWN && strstr (driver, "vfio") != NULL;
}

static const char *
iommu_kind (const struct pl_machine *machine)
{
  const GPtrArray *list;
  if (pl_machine_get_iommu_units (machine, &list) == PL_KNOWN)
    for (guint i = 0; i < list->len; i++) {
      const char *unit = g_ptr_array_index (list, i);
      if (g_str_has_prefix (unit, "dmar"))
        return "Intel VT-d";
      if (g_str_has_prefix (unit, "ivhd"))
        return "AMD-Vi";
    }
  if (pl_machine_get_log_events (machine, &list) == PL_KNOWN)
    for (guint i = 0; i < list->len; i++) {
      const struct pl_log_event *event = g_ptr_array_index (list, i);
      if (event->kind == PL_LOG_IOMMU_INTEL)
        return "Intel VT-d";
      if (event->kind == PL_LOG_IOMMU_AMD)
        return "AMD-Vi";
    }
  return NULL;
}

struct pl_status_iommu
pl_status_iommu (const struct pl_machine *machine)
{
  struct pl_status_iommu iommu = { .state = "unknown", .kind = iommu_kind (machine) };
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  guint n_absent = 0, n = pl_machine_n_devices (machine);
  for (guint i = 0; i < n; i++) {
    gint32 group;
    enum pl_state state = pl_device_get_group (pl_machine_device (machine, i), &group);
    n_absent += state == PL_ABSENT;
    if (state != PL_KNOWN)
      continue;
    iommu.n_functions++;
    g_hash_table_add (groups, GINT_TO_POINTER (group));
  }
  iommu.n_groups = g_hash_table_size (groups);
  if (iommu.n_groups > 0)
    iommu.state = "on";
  else if (n > 0 && n_absent == n)
    iommu.state = "off";
  return iommu;
}

const char *
pl_status_screen (const struct pl_machine *machine, const struct pl_device *device)
{
  const GPtrArray *connectors;
  bool boot_vga;
  enum pl_state boot_state = pl_device_get_boot_vga (device, &boot_vga);
  if (pl_machine_get_connectors (machine, &connectors) == PL_KNOWN) {
    for (guint i = 0; i < connectors->len; i++) {
      const struct pl_connector *connector = g_ptr_array_index (connectors, i);
      if (connector->has_owner && pl_address_compare (connector->owner, device->address) == 0
          && connector->status_state == PL_KNOWN && connector->is_connected)
        return boot_state == PL_KNOWN && boot_vga ? "monitor, boot" : "monitor";
    }
    return boot_state == PL_KNOWN && boot_vga ? "boot" : "none";
  }
  return boot_state == PL_KNOWN && boot_vga ? "boot" : "unknown";
}

const struct pl_holder *
pl_status_holder (const struct pl_machine *machine, const struct pl_device *device)
{
  const GPtrArray *holders;
  gint32 group;
  if (pl_machine_get_holders (machine, &holders) != PL_KNOWN
      || pl_device_get_group (device, &group) != PL_KNOWN)
    return NULL;
  g_autofree char *node = g_strdup_printf ("/dev/vfio/%d", group);
  for (guint i = 0; i < holders->len; i++) {
    const struct pl_holder *holder = g_ptr_array_index (holders, i);
    if (strcmp (holder->node, node) == 0)
      return holder;
  }
  return NULL;
}

char *
pl_status_next (const struct pl_machine *machine, const struct pl_judgement *judgement)
{
  g_autofree char *source = machine->source == PL_SOURCE_LIVE ? g_strdup ("")
                            : machine->source == PL_SOURCE_TREE
                                ? g_strdup_printf ("--root %s ", machine->origin)
                                : g_strdup_printf ("--machine %s ", machine->origin);
  if (machine->source != PL_SOURCE_LIVE && strcmp (machine->origin, "standard input") == 0) {
    g_free (source);
    source = g_strdup ("--machine - ");
  }
  char address[PL_ADDRESS_SIZE];
  if (judgement->best != NULL)
    return g_strdup_printf ("pcilend %scheck %s", source,
                            pl_report_address (machine, judgement->best->device->address, address));
  return g_strdup_printf ("pcilend %sgroups", source);
}
