/* report.h - what reports have in common: where they write, and how.
 *
 * A report is a pure function of what was read and judged: it writes to the stream, never reads anything.
 */
#pragma once

#include "judge/judge.h"
#include "machine/machine.h"

#include <stdio.h>

struct pl_style {
  bool is_utf8;   /* the reader's locale has UTF-8 */
  bool has_color; /* a terminal that wants colour */
  guint width;    /* columns; 80 where it is not known */
};

/* "09:00.0", with the PCI domain where pl_machine_needs_domain(); gives @text. */
const char *pl_report_address (const struct pl_machine *machine, struct pl_address address,
                               char text[PL_ADDRESS_SIZE]);

/* "pcilend --machine FILE check 09:00.0": a command about what was asked about, or about the best card. Free
 * with g_free(). */
char *pl_report_call (const struct pl_machine *machine, const struct pl_judgement *judgement,
                      const char *command);

/**
 * pl_report_append_function - a function as lspci -nn prints it, without a newline
 *
 * "09:00.0 VGA compatible controller [0300]: Vendor Device [1002:731f] (rev ca)". From pasted text, the
 * text's own names. Parts that are not known are left out. Source: pciutils, lib/names.c and lspci.c,
 * show_terse().
 */
void pl_report_append_function (GString *out, const struct pl_machine *machine,
                                const struct pl_device *device, bool with_domain,
                                const struct pl_style *style);

/* Vendor and device as one name, "Device 1d6a:fffe" where neither is known. */
void pl_report_append_name (GString *out, const struct pl_machine *machine, const struct pl_device *device,
                            const struct pl_style *style);

/* "VGA compatible controller", "Class 0b40", or "function" where the class is not known. */
void pl_report_append_class_name (GString *out, const struct pl_machine *machine,
                                  const struct pl_device *device, const struct pl_style *style);
