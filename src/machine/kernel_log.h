/* kernel_log.h - lines of the kernel log that a rule knows.
 *
 * Knows one line at a time, and nothing of where it comes from: /dev/kmsg, a recording, or what somebody
 * pasted. It takes the stamps that dmesg, journalctl and syslog set before the text:
 *
 *     [    0.608816] pci 0000:00:02.0: Adding to iommu group 3
 *     [Fri May  1 09:46:35 2026] pci ...       dmesg -T
 *     [    0.805625] [      T1] pci ...        CONFIG_PRINTK_CALLER
 *     <6>[    0.608816] pci ...                dmesg -r
 *     Jun 29 18:28:41 host kernel: [    0.608816] pci ...
 *     pci 0000:00:02.0: ...                    no stamp
 */
#pragma once

#include "machine/machine.h"
#include "machine/span.h"

/**
 * pl_kernel_log_parse - what the line tells
 * @machine: owns the event's text
 * @event: set, with line 0, where the line is known
 *
 * Returns: whether it tells anything that things.h has a kind for.
 */
bool pl_kernel_log_parse (struct pl_machine *machine, const char *line, gsize length,
                          struct pl_log_event *event);

/* The same without a copy: @event has no text, which stands in the line at *text. */
bool pl_kernel_log_find (struct pl_span line, struct pl_log_event *event, struct pl_span *text);

/* True exactly where pl_kernel_log_parse() gives an event; a pl_line_filter. @data is not used. */
bool pl_kernel_log_is_wanted (const char *line, gsize length, void *data);

/* The line without its stamps; *had_stamp tells whether there were any. */
struct pl_span pl_kernel_log_text (struct pl_span line, bool *had_stamp);

/**
 * pl_kernel_log_subject - the PCI function that a driver's line is about
 * @text: without stamps: "xhci_hcd 0000:00:10.0: xHCI Host Controller"
 * @rest: set to what stands behind the colon
 *
 * Source: drivers/base/core.c, dev_printk_emit(): the driver's or the bus's name, then the device's.
 */
bool pl_kernel_log_subject (struct pl_span text, struct pl_address *address, struct pl_span *rest);
