/* early.h - the script in an image that has vfio-pci take functions by their addresses. A text: what runs it,
 * and where it stands, is the generator's.
 *
 * It is in the image, and before udev looks at the devices there, for a driver that is loaded first keeps the
 * device; a rule of udev would race with the event of the twin. Source: trial-boot.md, "Early binding by
 * address"; Documentation/ABI/testing/sysfs-bus-pci, driver_override, drivers_probe, unbind.
 */
#pragma once

#include "initramfs/generator.h"
#include "machine/machine.h"

/* The last word of a line. */
#define PL_EARLY_LEAVE "leave"   /* it is taken where no driver has it */
#define PL_EARLY_UNBIND "unbind" /* the driver that holds it when the script runs is taken off */
#define PL_EARLY_STAY \
  "stay" /* it is like one of the others and stays with the host: it has to be where it was */

/**
 * pl_early_line - the function's line of the list: "0000:09:00.0 0x1002 0x731f 0x1043 0x04e8 0x03 leave"
 *
 * NULL where something is not known. Free with g_free().
 */
char *pl_early_line (const struct pl_device *device, const char *word);

/* The address in a line. */
bool pl_early_line_address (const char *line, struct pl_address *address);

/* Whether both lines are about the same function; the last word does not count. */
bool pl_early_line_is_about (const char *left, const char *right);

/* Whether the line's last word is PL_EARLY_STAY. */
bool pl_early_line_stays (const char *line);

/* The whole file, with these lines (char *) in their order. Free with g_bytes_unref(). */
GBytes *pl_early_make (const struct pl_generator *generator, const GPtrArray *lines);

/* The lines of a file that pl_early_make() made, and nobody changed since; NULL: it is something else. Free
 * with g_ptr_array_unref(). */
GPtrArray *pl_early_read (const struct pl_generator *generator, GBytes *text);
