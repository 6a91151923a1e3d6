/* companions.h - which functions go along when a device is lent. DESIGN.md, section 1. For judge/ alone.
 *
 * Required: the functions of its own IOMMU group that hold a host driver or whose driver is not known, and
 * where the only reset that works is that of the bus, every function on the bus; bridges of every kind never.
 * Wanted: what belongs to the same card. And again for each one added.
 */
#pragma once

#include "judge/group.h"

/* Whether @mate is a function of the card that @device is a function of; also where that cannot be told. */
bool pl_is_same_card (const struct pl_machine *machine, const struct pl_device *device,
                      const struct pl_device *mate);

/* A set (element -> itself) of @device and what belongs to its card. Free with g_hash_table_unref(). */
GHashTable *pl_card_of (const struct pl_machine *machine, const struct pl_device *device);

/* The companions of @device in the order of addresses, without itself. Free with g_ptr_array_unref(). */
GPtrArray *pl_companions_of (const struct pl_machine *machine, struct pl_groups *groups,
                             const struct pl_device *device);

/* Whether the kernel can reset the function only together with its bus. */
bool pl_is_reset_by_bus_only (const struct pl_device *device);

/* The other functions on the function's bus, bridges left out. Free with g_ptr_array_unref(). */
GPtrArray *pl_bus_mates_of (const struct pl_machine *machine, const struct pl_device *device);
