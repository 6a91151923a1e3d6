/* remedy.h - the steps by hand that bring functions onto vfio-pci on this machine. For judge/ alone. */
#pragma once

#include "judge/rule.h"

/* The functions that have the same ids and would stay with the host. Free with g_ptr_array_unref(). */
GPtrArray *pl_twins_of (const struct pl_case *judged, const struct pl_device *device);

/* Whether the subsystem ids differ from those of all twins; *is_known where all of them are known. */
bool pl_differs_by_subsystem (const struct pl_device *device, const GPtrArray *twins, bool *is_known);

/* "1002:731f", or with the subsystem "1002:731f:1043:04e8". */
const char *pl_remedy_ids (const struct pl_case *judged, const struct pl_device *device, bool with_subsystem);

/* Whether the function's driver is known to be part of the kernel: then no line of modprobe.d holds it back.
 */
bool pl_is_built_in (const struct pl_case *judged, const struct pl_device *device);

/* All steps: the line of modprobe.d, the initramfs by the distribution's command, the reboot. */
const char *pl_remedy_bind (const struct pl_case *judged, const GPtrArray *devices);

/* The same by address. */
const char *pl_remedy_override (const struct pl_case *judged, const GPtrArray *devices);

/* How to be told more by reading as root. @device: NULL where it is about the machine. */
const char *pl_remedy_as_root (const struct pl_case *judged, const struct pl_device *device);

/* "mkinitcpio -P", by what the machine is. */
const char *pl_remedy_initramfs (const struct pl_case *judged);
