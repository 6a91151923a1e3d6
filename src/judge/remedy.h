/* remedy.h - the steps by hand that bring functions onto vfio-pci on this machine. For judge/ alone. */
#pragma once

#include "judge/rule.h"

/* All steps: the line of modprobe.d, the initramfs by the distribution's command, the reboot. */
const char *pl_remedy_bind (const struct pl_case *judged, const GPtrArray *devices);

/* The same by address. */
const char *pl_remedy_override (const struct pl_case *judged, const GPtrArray *devices);

/* How to be told more by reading as root. @device: NULL where it is about the machine. */
const char *pl_remedy_as_root (const struct pl_case *judged, const struct pl_device *device);

/* "mkinitcpio -P", by what the machine is. */
const char *pl_remedy_initramfs (const struct pl_case *judged);
