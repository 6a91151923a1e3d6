/* function.h - what can be said of one PCI function by its identity. For judge/ alone.
 *
 * "may be" is true where it cannot be told: unknown is never fine.
 */
#pragma once

#include "machine/machine.h"

/* Base classes. Source: PCI Code and ID Assignment Specification; include/linux/pci_ids.h, PCI_BASE_CLASS_*.
 */
enum pl_base_class {
  PL_BASE_STORAGE = 0x01,
  PL_BASE_NETWORK = 0x02,
  PL_BASE_DISPLAY = 0x03,
  PL_BASE_MULTIMEDIA = 0x04,
  PL_BASE_BRIDGE = 0x06,
  PL_BASE_SYSTEM = 0x08
};

/* Base and sub class. The same source. */
enum pl_class {
  PL_CLASS_VGA = 0x0300,
  PL_CLASS_3D = 0x0302,
  PL_CLASS_DISPLAY_OTHER = 0x0380,
  PL_CLASS_HD_AUDIO = 0x0403,
  PL_CLASS_SD_HOST = 0x0805,
  PL_CLASS_FIREWIRE = 0x0c00,
  PL_CLASS_USB = 0x0c03,
  PL_CLASS_SERIAL_OTHER = 0x0c80,
  PL_CLASS_ENCRYPTION = 0x1080
};

/* Vendors. Source: include/linux/pci_ids.h. */
enum pl_vendor { PL_VENDOR_ATI = 0x1002, PL_VENDOR_AMD = 0x1022, PL_VENDOR_INTEL = 0x8086 };

bool pl_is_base (const struct pl_device *device, guint base);     /* known to be */
bool pl_may_be_base (const struct pl_device *device, guint base); /* known to be, or its class is not known */
bool pl_is_class (const struct pl_device *device, guint16 class);
bool pl_may_be_class (const struct pl_device *device, guint16 class);
bool pl_has_vendor (const struct pl_device *device, guint16 vendor);

/* Whether it is known to be a virtual function. */
bool pl_is_virtual_function (const struct pl_device *device);

/* Who holds it. */
enum pl_hold {
  PL_HOLD_UNKNOWN,
  PL_HOLD_NONE,
  PL_HOLD_VFIO, /* ready for a guest, or in one */
  PL_HOLD_STUB, /* pci-stub: held, and nobody uses it */
  PL_HOLD_HOST
};
enum pl_hold pl_hold_of (const struct pl_device *device);

/* Whether it is in the way of its group: on a host driver, or nobody knows. */
bool pl_may_be_on_host (const struct pl_device *device);

/* Header types are in no text of sysfs: PCI bridges have 1, CardBus bridges 2, all else 0. */
bool pl_has_bridge_header (const struct pl_device *device);

/* Integrated graphics: its slot also holds functions of the host. */
bool pl_is_integrated (const struct pl_machine *machine, const struct pl_device *device);

/* "SATA controller"; "function" where its class is not known. */
const char *pl_noun_of (const struct pl_device *device);

/* Whether the machine is x86; also where that is not known. */
bool pl_is_x86 (const struct pl_machine *machine);

/* Whether the option of a vfio module is known to be switched on. */
bool pl_has_module_option (const struct pl_machine *machine, const char *module, const char *name);

/* The functions of the slot or of the bus that @device is in, itself among them: @first and those behind it.
 */
guint pl_slot_of (const struct pl_machine *machine, const struct pl_device *device, struct pl_device **first);
guint pl_bus_of (const struct pl_machine *machine, const struct pl_device *device, struct pl_device **first);

/* Whether it is the screen of a server board's management processor, not a graphics card to lend. */
bool pl_is_management_screen (const struct pl_device *device);

/* For g_ptr_array_sort() of const struct pl_device *: in the order of addresses. */
int pl_compare_devices (const void *left, const void *right);

/* -1, 0, 1: the running kernel is older, of that version, newer; false where its release is not known. */
bool pl_kernel_compare (const struct pl_machine *machine, guint major, guint minor, int *order);
bool pl_kernel_is_since (const struct pl_machine *machine, guint major, guint minor);  /* known to be */
bool pl_kernel_is_before (const struct pl_machine *machine, guint major, guint minor); /* known to be */

/* Whether the list has the text; false where it is not known. */
bool pl_names_have (const GPtrArray *names, const char *name);
bool pl_has_entry (const struct pl_device *device, const char *name);
