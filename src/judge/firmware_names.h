/* firmware_names.h - what makers call the settings of their firmware that only a person can change. For
 * judge/ alone.
 *
 * Wants system_vendor, product_name, board_name, cpu_vendor and cpu_virtualization; without them the names
 * are those that most makers use.
 */
#pragma once

#include "judge/rule.h"

enum pl_firmware_setting {
  PL_FIRMWARE_IOMMU,
  PL_FIRMWARE_VIRTUALIZATION,
  PL_FIRMWARE_ABOVE_4G, /* addresses above 4 GiB for large BARs */
  PL_FIRMWARE_CSM,      /* starting old systems: draws on the card, and shadows its ROM */
  PL_FIRMWARE_ACS       /* smaller IOMMU groups */
};

/* "VT-d (Settings > Miscellaneous)": the name, and its place where it is known; NULL where no name is known.
 */
const char *pl_firmware_name (const struct pl_machine *machine, enum pl_firmware_setting setting);

/* "in the firmware's setup (Gigabyte, Z370 AORUS GAMING 3)", without the brackets where neither is known. */
const char *pl_firmware_place (const struct pl_case *judged);

/* All that is to be set in one visit so that the IOMMU is there. */
const char *pl_firmware_remedy (const struct pl_case *judged);
