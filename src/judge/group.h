/* group.h - the IOMMU groups of a machine as the kernel and the functions tell of them. For judge/ alone. */
#pragma once

#include "machine/machine.h"

/* One group. A function is a member where its own link or the group's listing says so. */
struct pl_group_view {
  gint32 id;
  GPtrArray *members;         /* const struct pl_device *, in the order of addresses */
  GPtrArray *contradictory;   /* members of which the link and the listing say different things */
  guint n_strangers;          /* listed, and no function of that address was read */
  struct pl_address stranger; /* the first of them */
};

struct pl_groups;
struct pl_groups *pl_groups_new (const struct pl_machine *machine);
void pl_groups_free (struct pl_groups *groups);

/* Never NULL; lives as long as @groups. */
const struct pl_group_view *pl_groups_view (struct pl_groups *groups, gint32 id);

/* The view of the function's group, NULL where the group is not known or there is none. */
const struct pl_group_view *pl_groups_view_of (struct pl_groups *groups, const struct pl_device *device);

/* Whether any function of the machine is in a group. */
bool pl_groups_has_any (const struct pl_groups *groups);
