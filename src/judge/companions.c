/* companions.c - see companions.h. */
#include "judge/companions.h"

#include "judge/function.h"

#include <string.h>

/* The classes of a graphics card's functions: display, HDMI audio, USB and UCSI of its USB-C socket. */
static bool
may_be_part_of_card (const struct pl_device *device)
{
  return pl_may_be_base (device, PL_BASE_DISPLAY) || pl_may_be_class (device, PL_CLASS_HD_AUDIO)
         || pl_may_be_class (device, PL_CLASS_USB) || pl_may_be_class (device, PL_CLASS_SERIAL_OTHER);
}

static bool
may_have_same_vendor (const struct pl_device *left, const struct pl_device *right)
{
  guint16 one, other;
  return pl_device_get_vendor (left, &one) != PL_KNOWN || pl_device_get_vendor (right, &other) != PL_KNOWN
         || one == other;
}

/* The slot's function that drives screens and may be of the same vendor, or NULL. */
static const struct pl_device *
find_display (const struct pl_machine *machine, const struct pl_device *device)
{
  struct pl_device *slot;
  guint n = pl_slot_of (machine, device, &slot);
  for (guint i = 0; i < n; i++)
    if (pl_may_be_base (&slot[i], PL_BASE_DISPLAY) && !pl_is_virtual_function (&slot[i])
        && may_have_same_vendor (&slot[i], device))
      return &slot[i];
  return NULL;
}

/* Of integrated graphics only the display and its HDMI audio belong together: the slot's other functions are
 * the host's. */
static bool
may_be_part_of_integrated (const struct pl_device *device)
{
  return pl_may_be_base (device, PL_BASE_DISPLAY) || pl_may_be_class (device, PL_CLASS_HD_AUDIO);
}

bool
pl_is_same_card (const struct pl_machine *machine, const struct pl_device *device,
                 const struct pl_device *mate)
{
  if (!pl_address_same_slot (device->address, mate->address))
    return false;
  if (pl_is_virtual_function (device) || pl_is_virtual_function (mate) || !may_have_same_vendor (device, mate)
      || !may_be_part_of_card (device) || !may_be_part_of_card (mate))
    return device == mate;
  const struct pl_device *display = find_display (machine, device);
  if (display == NULL)
    return device == mate;
  return !pl_is_integrated (machine, display)
         || (may_be_part_of_integrated (device) && may_be_part_of_integrated (mate)) || device == mate;
}

/* What belongs to the device's card and is not in @set yet. */
static void
add_card (const struct pl_machine *machine, const struct pl_device *device, GHashTable *set, GPtrArray *queue)
{
  struct pl_device *slot;
  guint n = pl_slot_of (machine, device, &slot);
  for (guint i = 0; i < n; i++)
    if (pl_is_same_card (machine, device, &slot[i]) && g_hash_table_add (set, &slot[i]))
      g_ptr_array_add (queue, &slot[i]);
}

GHashTable *
pl_card_of (const struct pl_machine *machine, const struct pl_device *device)
{
  GHashTable *set = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();
  g_hash_table_add (set, (void *) device);
  g_ptr_array_add (queue, (void *) device);
  for (guint i = 0; i < queue->len; i++)
    add_card (machine, g_ptr_array_index (queue, i), set, queue);
  return set;
}

bool
pl_is_reset_by_bus_only (const struct pl_device *device)
{
  const GPtrArray *methods;
  return pl_device_get_reset_methods (device, &methods) == PL_KNOWN && methods->len == 1
         && strcmp (g_ptr_array_index (methods, 0), "bus") == 0;
}

GPtrArray *
pl_bus_mates_of (const struct pl_machine *machine, const struct pl_device *device)
{
  GPtrArray *mates = g_ptr_array_new ();
  struct pl_device *bus;
  guint n = pl_bus_of (machine, device, &bus);
  for (guint i = 0; i < n; i++)
    if (&bus[i] != device && !pl_is_base (&bus[i], PL_BASE_BRIDGE))
      g_ptr_array_add (mates, &bus[i]);
  return mates;
}

/* @seen: the groups that were added, so that a large one is walked once. */
static void
add_required (const struct pl_machine *machine, struct pl_groups *groups, const struct pl_device *device,
              GHashTable *seen, GHashTable *set, GPtrArray *queue)
{
  const struct pl_group_view *view = pl_groups_view_of (groups, device);
  bool is_new = view != NULL && g_hash_table_add (seen, (void *) view);
  for (guint i = 0; is_new && i < view->members->len; i++) {
    struct pl_device *member = g_ptr_array_index (view->members, i);
    if (!pl_is_base (member, PL_BASE_BRIDGE) && pl_may_be_on_host (member) && g_hash_table_add (set, member))
      g_ptr_array_add (queue, member);
  }
  if (!pl_is_reset_by_bus_only (device))
    return;
  g_autoptr (GPtrArray) mates = pl_bus_mates_of (machine, device);
  for (guint i = 0; i < mates->len; i++)
    if (g_hash_table_add (set, g_ptr_array_index (mates, i)))
      g_ptr_array_add (queue, g_ptr_array_index (mates, i));
}

GPtrArray *
pl_companions_of (const struct pl_machine *machine, struct pl_groups *groups, const struct pl_device *device)
{
  g_autoptr (GHashTable) set = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  GPtrArray *queue = g_ptr_array_new ();
  g_hash_table_add (set, (void *) device);
  g_ptr_array_add (queue, (void *) device);
  for (guint i = 0; i < queue->len; i++) {
    add_required (machine, groups, g_ptr_array_index (queue, i), seen, set, queue);
    add_card (machine, g_ptr_array_index (queue, i), set, queue);
  }
  g_ptr_array_remove_index (queue, 0);
  g_ptr_array_sort (queue, pl_compare_devices);
  return queue;
}
