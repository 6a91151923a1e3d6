/* readers.h - every reader of the machine's facts; called by facts.c, each in the file that the fact's row
 * names.
 *
 * A reader asks the door, checks the form of what it got, and sets its facts with their state. It has no
 * opinion. Impossible content makes the fact invalid, with a note that names the path.
 */
#pragma once

#include "machine/read.h"

/* platform.c */
void pl_read_host (struct pl_machine *machine, struct pl_root *root);
void pl_read_command_line (struct pl_machine *machine, struct pl_root *root);
void pl_read_distribution (struct pl_machine *machine, struct pl_root *root);
void pl_read_cpu (struct pl_machine *machine, struct pl_root *root);
void pl_read_memory (struct pl_machine *machine, struct pl_root *root);
void pl_read_container (struct pl_machine *machine, struct pl_root *root);
void pl_read_board (struct pl_machine *machine, struct pl_root *root);
void pl_read_firmware_tables (struct pl_machine *machine, struct pl_root *root);
void pl_read_dev_nodes (struct pl_machine *machine, struct pl_root *root);

/* iommu.c */
void pl_read_iommu_units (struct pl_machine *machine, struct pl_root *root);
void pl_read_iommu_groups (struct pl_machine *machine, struct pl_root *root);
void pl_read_interrupt_remapping (struct pl_machine *machine, struct pl_root *root);

/* kernel_log_read.c */
void pl_read_log_events (struct pl_machine *machine, struct pl_root *root);

/* modules.c */
void pl_read_loaded_modules (struct pl_machine *machine, struct pl_root *root);
void pl_read_available_modules (struct pl_machine *machine, struct pl_root *root);
void pl_read_driver_module (struct pl_machine *machine, struct pl_root *root, struct pl_device *device);
void pl_read_candidate_modules (struct pl_machine *machine, struct pl_root *root, struct pl_device *device);

void pl_read_kernels (struct pl_machine *machine, struct pl_root *root);

/* configuration.c */
void pl_read_texts (struct pl_machine *machine, struct pl_root *root);
void pl_read_boot_evidence (struct pl_machine *machine, struct pl_root *root);
void pl_read_boot_loader (struct pl_machine *machine, struct pl_root *root);
void pl_read_initramfs (struct pl_machine *machine, struct pl_root *root);

/* module_options.c */
void pl_read_vfio_options (struct pl_machine *machine, struct pl_root *root);
void pl_read_module_signatures (struct pl_machine *machine, struct pl_root *root);
void pl_read_kernel_config (struct pl_machine *machine, struct pl_root *root);

/* storage.c */
void pl_read_blocks (struct pl_machine *machine, struct pl_root *root);
void pl_read_mounts (struct pl_machine *machine, struct pl_root *root);
void pl_read_swaps (struct pl_machine *machine, struct pl_root *root);

/* network.c, screen.c, usb.c, holders.c */
void pl_read_interfaces (struct pl_machine *machine, struct pl_root *root);
void pl_read_connectors (struct pl_machine *machine, struct pl_root *root);
void pl_read_framebuffers (struct pl_machine *machine, struct pl_root *root);
void pl_read_usb_devices (struct pl_machine *machine, struct pl_root *root);
void pl_read_inputs (struct pl_machine *machine, struct pl_root *root);
void pl_read_holders (struct pl_machine *machine, struct pl_root *root);
