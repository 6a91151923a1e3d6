/* look.c - what rules and reports alike ask of a machine: is the IOMMU on, who holds a function for a guest.
 */
#include "base/quote.h"
#include "judge/function.h"
#include "judge/judge.h"
#include "judge/rule.h"

#include <string.h>

bool
pl_judge_is_display (const struct pl_device *device)
{
  return pl_is_base (device, PL_BASE_DISPLAY);
}

bool
pl_judge_is_on_vfio (const struct pl_device *device)
{
  return pl_hold_of (device) == PL_HOLD_VFIO;
}

/* Whether a log in a text says that the firmware switched the IOMMU off; the same kind of event also tells of
 * KVM. */
static bool
is_said_to_be_off (const struct pl_machine *machine)
{
  const struct pl_log_event *event = pl_log_find (machine, PL_LOG_FIRMWARE_DISABLED, NULL);
  return event != NULL && event->text != NULL
         && (strstr (event->text, "AMD-Vi") != NULL || strstr (event->text, "DMAR") != NULL);
}

/* The evidence is what the kernel built, not the command line: groups with functions in them. */
enum pl_iommu_state
pl_judge_iommu_state (const struct pl_machine *machine)
{
  guint n = pl_machine_n_devices (machine), n_absent = 0;
  for (guint i = 0; i < n; i++) {
    enum pl_state state = pl_device_state (pl_machine_device (machine, i), PL_DEVICE_group);
    if (state == PL_KNOWN)
      return PL_IOMMU_ON;
    n_absent += state == PL_ABSENT;
  }
  if (machine->source == PL_SOURCE_TEXT)
    return is_said_to_be_off (machine) ? PL_IOMMU_OFF : PL_IOMMU_UNKNOWN;
  if (machine->devices_state != PL_KNOWN)
    return PL_IOMMU_UNKNOWN; /* no sysfs: that there are no groups in it says nothing */
  const GArray *groups;
  enum pl_state state = pl_machine_get_iommu_groups (machine, &groups);
  if (state == PL_KNOWN && groups->len > 0)
    return PL_IOMMU_ON; /* of other buses, or of functions whose link could not be read */
  if (state == PL_KNOWN || state == PL_ABSENT)
    return PL_IOMMU_OFF;
  return n > 0 && n_absent == n ? PL_IOMMU_OFF : PL_IOMMU_UNKNOWN;
}

/* The number in "/dev/vfio/18". */
static bool
is_group_node (const char *node, gint32 group)
{
  guint64 number;
  return g_ascii_string_to_unsigned (node + strlen ("/dev/vfio/"), 10, 0, G_MAXINT32, &number, NULL)
         && number == (guint64) group;
}

const struct pl_holder *
pl_judge_holder (const struct pl_machine *machine, const struct pl_device *device)
{
  const GPtrArray *holders;
  gint32 group;
  bool has_group = pl_device_get_group (device, &group) == PL_KNOWN;
  if (pl_machine_get_holders (machine, &holders) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < holders->len; i++) {
    const struct pl_holder *holder = g_ptr_array_index (holders, i);
    if (!g_str_has_prefix (holder->node, "/dev/vfio/"))
      continue;
    if (holder->has_owner ? pl_address_compare (holder->owner, device->address) == 0
                          : has_group && is_group_node (holder->node, group))
      return holder;
  }
  return NULL;
}

char *
pl_judge_command (const struct pl_machine *machine)
{
  if (machine->source == PL_SOURCE_LIVE || machine->origin == NULL)
    return g_strdup ("pcilend");
  bool is_stdin = strcmp (machine->origin, "standard input") == 0;
  g_autofree char *name = is_stdin ? g_strdup ("-") : pl_quote_word (machine->origin);
  return g_strdup_printf ("pcilend %s %s", machine->source == PL_SOURCE_TREE ? "--root" : "--machine", name);
}
