/* status_look.c - see status_look.h. */
#include "report/status_look.h"

#include "report/report.h"

#include <string.h>

bool
pl_status_is_on_vfio (const struct pl_device *device)
{
  return pl_judge_is_on_vfio (device);
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
  static const char *const states[]
      = { [PL_IOMMU_UNKNOWN] = "unknown", [PL_IOMMU_OFF] = "off", [PL_IOMMU_ON] = "on" };
  struct pl_status_iommu iommu
      = { .state = states[pl_judge_iommu_state (machine)], .kind = iommu_kind (machine) };
  g_autoptr (GHashTable) groups = g_hash_table_new (NULL, NULL);
  guint n = pl_machine_n_devices (machine);
  for (guint i = 0; i < n; i++) {
    gint32 group;
    if (pl_device_get_group (pl_machine_device (machine, i), &group) != PL_KNOWN)
      continue;
    iommu.n_functions++;
    g_hash_table_add (groups, GINT_TO_POINTER (group));
  }
  iommu.n_groups = g_hash_table_size (groups);
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
  return pl_judge_holder (machine, device);
}

char *
pl_status_next (const struct pl_machine *machine, const struct pl_judgement *judgement)
{
  g_autofree char *command = pl_judge_command (machine);
  char address[PL_ADDRESS_SIZE];
  if (judgement->best != NULL)
    return g_strdup_printf ("%s check %s", command,
                            pl_report_address (machine, judgement->best->device->address, address));
  return g_strdup_printf ("%s check", command);
}
