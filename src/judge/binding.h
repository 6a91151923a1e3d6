/* binding.h - how functions can be bound to vfio-pci at boot: by their ids where those tell them apart, else
 * by their addresses. What remedies say and plans do.
 */
#pragma once

#include "machine/machine.h"

enum pl_binding_way {
  PL_BIND_BY_IDS,    /* "options vfio-pci ids=" takes them, softdeps make it the first */
  PL_BIND_BY_ADDRESS /* driver_override, before their drivers load */
};

struct pl_binding {
  enum pl_binding_way way;
  const struct pl_device *reason; /* of BY_ADDRESS: the first function that its ids do not tell apart, or that
                                     a driver built into the kernel takes; else NULL */
  bool is_reason_built_in;
  GPtrArray *ids; /* of BY_IDS, char *, ended by NULL: "1002:731f", with the subsystem where a twin has
                     another one */
  GPtrArray
      *modules; /* of BY_IDS, const char *, ended by NULL: those that would take a function, each once */
};

/**
 * pl_binding_init - how these functions are bound
 * @devices: const struct pl_device *
 * @lent: set of all functions that go to the guest: what has the same ids and is not among them stays with
 * the host
 *
 * Clear with pl_binding_clear(). Source: Documentation/ABI/testing/sysfs-bus-pci, driver_override;
 * drivers/vfio/pci/vfio_pci.c, vfio_pci_fill_ids(); man 5 modprobe.d, softdep.
 */
void pl_binding_init (struct pl_binding *binding, const struct pl_machine *machine, const GPtrArray *devices,
                      GHashTable *lent);
void pl_binding_clear (struct pl_binding *binding);

/* The functions that have the same ids as @device and are not in @lent. Free with g_ptr_array_unref(). */
GPtrArray *pl_twins_of (const struct pl_machine *machine, GHashTable *lent, const struct pl_device *device);

/* Whether the subsystem ids differ from those of all twins; *is_known where all of them are known. */
bool pl_differs_by_subsystem (const struct pl_device *device, const GPtrArray *twins, bool *is_known);

/* "1002:731f", or with the subsystem "1002:731f:1043:04e8"; NULL where the ids are not known. Free with
 * g_free(). */
char *pl_binding_id (const struct pl_device *device, bool with_subsystem);

/* Whether the function's driver is known to be part of the kernel: then no line of modprobe.d holds it back.
 */
bool pl_is_built_in (const struct pl_machine *machine, const struct pl_device *device);
