/* candidates.c - see candidates.h; and around whom facts are wanted. */
#include "judge/candidates.h"

#include "judge/companions.h"
#include "judge/function.h"

static void
free_candidate (void *data)
{
  struct pl_candidate *candidate = data;
  g_ptr_array_unref (candidate->companions);
  g_free (candidate);
}

/* Two bounds on what is judged where nobody asked: cards, and functions that go along with them. */
#define MOST_CARDS 64
#define MOST_FUNCTIONS 16384

static struct pl_candidate *
add_candidate (GPtrArray *candidates, const struct pl_machine *machine, struct pl_groups *groups,
               const struct pl_device *device)
{
  struct pl_candidate *candidate = g_new0 (struct pl_candidate, 1);
  candidate->device = device;
  candidate->companions = pl_companions_of (machine, groups, device);
  g_ptr_array_add (candidates, candidate);
  return candidate;
}

static bool
is_worth_judging (const struct pl_machine *machine, const struct pl_device *device)
{
  if (pl_is_virtual_function (device))
    return false;
  return machine->source == PL_SOURCE_TEXT ? pl_is_base (device, PL_BASE_DISPLAY)
                                           : pl_may_be_base (device, PL_BASE_DISPLAY);
}

GPtrArray *
pl_candidates_new (const struct pl_machine *machine, const struct pl_goal *goal, struct pl_groups *groups,
                   GPtrArray *left)
{
  GPtrArray *candidates = g_ptr_array_new_with_free_func (free_candidate);
  g_autoptr (GHashTable) asked = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < goal->devices->len; i++)
    if (g_hash_table_add (asked, g_ptr_array_index (goal->devices, i)))
      add_candidate (candidates, machine, groups, g_ptr_array_index (goal->devices, i));
  guint n_functions = 0;
  for (guint i = 0; goal->devices->len == 0 && i < pl_machine_n_devices (machine); i++) {
    struct pl_device *device = pl_machine_device (machine, i);
    if (!is_worth_judging (machine, device))
      continue;
    if (candidates->len < MOST_CARDS && n_functions < MOST_FUNCTIONS)
      n_functions += 1 + add_candidate (candidates, machine, groups, device)->companions->len;
    else if (left != NULL)
      g_ptr_array_add (left, device);
  }
  return candidates;
}

static void
add_subject (GPtrArray *subjects, GHashTable *seen, const struct pl_device *device)
{
  if (g_hash_table_add (seen, (void *) device))
    g_ptr_array_add (subjects, (void *) device);
}

/* The virtual functions of a physical one have its PCI domain and vendor, and stand above it; which they are
 * is told by a link of their own. Source: PCI Express Base Specification, SR-IOV, "First VF Offset". */
static void
add_virtual_functions (const struct pl_machine *machine, const struct pl_device *device, GPtrArray *subjects,
                       GHashTable *seen)
{
  gint64 n;
  guint16 vendor;
  if (pl_device_get_sriov_numvfs (device, &n) != PL_KNOWN || n <= 0
      || pl_device_get_vendor (device, &vendor) != PL_KNOWN)
    return;
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *other = pl_machine_device (machine, i);
    if (other->address.domain == device->address.domain && pl_has_vendor (other, vendor)
        && pl_address_compare (other->address, device->address) > 0)
      add_subject (subjects, seen, other);
  }
}

/* The function, its group, its slot. */
static void
add_surroundings (const struct pl_machine *machine, struct pl_groups *groups, const struct pl_device *device,
                  GPtrArray *subjects, GHashTable *seen)
{
  add_subject (subjects, seen, device);
  const struct pl_group_view *view = pl_groups_view_of (groups, device);
  /* Of a group one member is enough: its view is the same for all. */
  if (view != NULL && g_hash_table_add (seen, (void *) view))
    for (guint i = 0; i < view->members->len; i++)
      add_subject (subjects, seen, g_ptr_array_index (view->members, i));
  struct pl_device *slot;
  guint n = pl_slot_of (machine, device, &slot);
  for (guint i = 0; i < n; i++)
    add_subject (subjects, seen, &slot[i]);
  add_virtual_functions (machine, device, subjects, seen);
}

GPtrArray *
pl_judge_subjects (const struct pl_machine *machine, const struct pl_goal *goal)
{
  struct pl_groups *groups = pl_groups_new (machine);
  g_autoptr (GPtrArray) candidates = pl_candidates_new (machine, goal, groups, NULL);
  GPtrArray *subjects = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL), done = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (candidates, i);
    if (g_hash_table_add (done, (void *) candidate->device))
      add_surroundings (machine, groups, candidate->device, subjects, seen);
    for (guint j = 0; j < candidate->companions->len; j++)
      if (g_hash_table_add (done, g_ptr_array_index (candidate->companions, j)))
        add_surroundings (machine, groups, g_ptr_array_index (candidate->companions, j), subjects, seen);
  }
  g_ptr_array_sort (subjects, pl_compare_devices);
  pl_groups_free (groups);
  return subjects;
}
