/* storage.h - how storage.c and mounts.c ask for the same files, so that a recording answers both. */
#pragma once

#include "machine/reading.h"

/* Opens sys/class/block without the loop devices and RAM disks that hang on nothing. */
void pl_blocks_open (struct pl_class *class, struct pl_machine *machine, struct pl_root *root);

/* The numbers of the entry @name of the class, from its file dev. */
enum pl_state pl_block_read_number (struct pl_directory *block, guint *major, guint *minor);

/* What udev noted of the device. */
struct pl_block_record {
  const char *kind; /* ID_FS_TYPE, or NULL */
  const char *name; /* DM_NAME, or NULL */
};

/* Unread where udev has no record of the device. */
enum pl_state pl_block_read_record (struct pl_machine *machine, struct pl_root *root, guint major,
                                    guint minor, struct pl_block_record *record);
