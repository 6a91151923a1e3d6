/* read.h - filling a machine from a root: the identity of every function first, then the facts that are
 * wanted.
 *
 * Nothing here fails as a whole but a root without any PCI: what one function or fact lacks becomes a state.
 */
#pragma once

#include "machine/machine.h"

/**
 * pl_machine_read - the machine behind @root with the identity of all its functions
 * @origin: what the user named it; NULL for the live system
 * @names: taken over
 *
 * Three answers a function: uevent, revision, iommu_group. A function that vanishes meanwhile is left out and
 * noted. Always gives a machine; its devices_state tells whether the functions could be listed at all.
 */
struct pl_machine *pl_machine_read (struct pl_root *root, const char *origin, struct pl_names *names);

/* Reads the machine's facts that have their bit set and are unread. */
void pl_machine_read_facts (struct pl_machine *machine, struct pl_root *root, guint64 facts);

/* The same for one function. */
void pl_machine_read_device_facts (struct pl_machine *machine, struct pl_root *root, struct pl_device *device,
                                   guint64 facts);

/* The group's own facts: type, reserved regions, and the members that its directory lists. */
void pl_machine_read_group (struct pl_machine *machine, struct pl_root *root, gint32 id);

/* The functions that matter for a goal, as far as is known by now: pl_judge_subjects(). Free with
 * g_ptr_array_unref(). */
typedef GPtrArray *(*pl_subjects) (const struct pl_machine *machine, const void *goal);

/**
 * pl_machine_read_wanted - the machine's facts, and those of every function that matters, with their groups
 *
 * What is read of one function may name further ones: goes on until @subjects names no new one.
 */
void pl_machine_read_wanted (struct pl_machine *machine, struct pl_root *root, struct pl_wants wants,
                             pl_subjects subjects, const void *goal);

/* Every fact of the machine, of every function and of every group: what `record` writes down. */
void pl_machine_read_everything (struct pl_machine *machine, struct pl_root *root);
