/* modalias.h - what a PCI function calls itself in the language of modprobe. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_modalias {
  guint16 vendor, device;
  guint16 subsystem_vendor, subsystem_device;
  guint16 class; /* base and sub class, 0x0300 */
  guint8 prog_if;
};

/**
 * pl_modalias_parse - the ids in "pci:v00001002d0000731Fsv00001043sd000004E8bc03sc00i00"
 *
 * Takes exactly what the kernel writes for a function; a pattern of modules.alias, with its stars, is none.
 * Source: drivers/pci/pci-sysfs.c, modalias_show().
 * Returns: whether @text is one; else *modalias is not touched.
 */
bool pl_modalias_parse (const char *text, gsize length, struct pl_modalias *modalias);
