/* group.c - see group.h. */
#include "judge/group.h"

#include "judge/function.h"

struct place {
  gint32 group;
  guint index;
};

struct pl_groups {
  const struct pl_machine *machine;
  GArray *places;    /* struct place of every function whose group is known, by group, then by address */
  GHashTable *views; /* group + 1 -> struct pl_group_view * */
};

static int
compare_places (const void *left, const void *right)
{
  const struct place *first = left, *second = right;
  if (first->group != second->group)
    return first->group < second->group ? -1 : 1;
  return (first->index > second->index) - (first->index < second->index);
}

static void
free_view (void *data)
{
  struct pl_group_view *view = data;
  g_ptr_array_unref (view->members);
  g_ptr_array_unref (view->contradictory);
  g_free (view);
}

struct pl_groups *
pl_groups_new (const struct pl_machine *machine)
{
  struct pl_groups *groups = g_new0 (struct pl_groups, 1);
  groups->machine = machine;
  groups->places = g_array_new (FALSE, FALSE, sizeof (struct place));
  groups->views = g_hash_table_new_full (NULL, NULL, NULL, free_view);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    struct place place = { 0, i };
    if (pl_device_get_group (pl_machine_device (machine, i), &place.group) == PL_KNOWN)
      g_array_append_val (groups->places, place);
  }
  g_array_sort (groups->places, compare_places);
  return groups;
}

void
pl_groups_free (struct pl_groups *groups)
{
  if (groups == NULL)
    return;
  g_array_unref (groups->places);
  g_hash_table_unref (groups->views);
  g_free (groups);
}

/* The first place of the group. */
static guint
first_place (const struct pl_groups *groups, gint32 id)
{
  guint low = 0, high = groups->places->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index (groups->places, struct place, middle).group < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static bool
is_listed (const GArray *listed, struct pl_address address)
{
  for (guint i = 0; i < listed->len; i++)
    if (pl_address_compare (g_array_index (listed, struct pl_address, i), address) == 0)
      return true;
  return false;
}

/* What the group's own directory lists, beside what the functions' links say. */
static void
add_listed (const struct pl_groups *groups, struct pl_group_view *view, const GArray *listed)
{
  for (guint i = 0; i < view->members->len; i++) {
    const struct pl_device *device = g_ptr_array_index (view->members, i);
    if (!is_listed (listed, device->address))
      g_ptr_array_add (view->contradictory, (void *) device);
  }
  for (guint i = 0; i < listed->len; i++) {
    struct pl_address address = g_array_index (listed, struct pl_address, i);
    struct pl_device *device = pl_machine_find (groups->machine, address);
    gint32 group;
    if (device == NULL) {
      if (view->n_strangers++ == 0)
        view->stranger = address;
      continue;
    }
    enum pl_state state = pl_device_get_group (device, &group);
    if (state == PL_KNOWN && group == view->id)
      continue;
    g_ptr_array_add (view->members, device);
    if (state == PL_KNOWN || state == PL_ABSENT)
      g_ptr_array_add (view->contradictory, device);
  }
  g_ptr_array_sort (view->members, pl_compare_devices);
}

const struct pl_group_view *
pl_groups_view (struct pl_groups *groups, gint32 id)
{
  /* Numbered from 0, and 0 is no key of a table that gives NULL for what it does not have. */
  struct pl_group_view *view = g_hash_table_lookup (groups->views, GINT_TO_POINTER (id + 1));
  if (view != NULL)
    return view;
  view = g_new0 (struct pl_group_view, 1);
  view->id = id;
  view->members = g_ptr_array_new ();
  view->contradictory = g_ptr_array_new ();
  for (guint i = first_place (groups, id); i < groups->places->len; i++) {
    const struct place *place = &g_array_index (groups->places, struct place, i);
    if (place->group != id)
      break;
    g_ptr_array_add (view->members, pl_machine_device (groups->machine, place->index));
  }
  const struct pl_group *group = pl_machine_group (groups->machine, id);
  if (group != NULL && group->members_state == PL_KNOWN && group->members != NULL)
    add_listed (groups, view, group->members);
  g_hash_table_insert (groups->views, GINT_TO_POINTER (id + 1), view);
  return view;
}

const struct pl_group_view *
pl_groups_view_of (struct pl_groups *groups, const struct pl_device *device)
{
  gint32 id;
  return pl_device_get_group (device, &id) == PL_KNOWN ? pl_groups_view (groups, id) : NULL;
}

bool
pl_groups_has_any (const struct pl_groups *groups)
{
  return groups->places->len > 0;
}
