/* things.h - what hangs on a machine's functions and is used by the host: the elements of the list facts.
 *
 * Every pointer belongs to the machine. "Owner" is the PCI function through which the thing is reached;
 * has_owner is false for what hangs on no function (a loop device, a virtual interface).
 */
#pragma once

#include "base/root.h"
#include "machine/address.h"

/* One word of the kernel command line. */
struct pl_parameter {
  const char *name;
  const char *value; /* NULL where there is no "=" */
};

/* The kernel command line. Source: Documentation/admin-guide/kernel-parameters.rst (quotes keep blanks
 * together). */
struct pl_command_line {
  const char *text;
  const GArray *parameters; /* struct pl_parameter, in order */
};

/* The last value of the parameter, "" where it has none; NULL where it does not occur. */
const char *pl_command_line_value (const struct pl_command_line *line, const char *name);

/* What a line of the kernel log tells. */
enum pl_log_kind {
  PL_LOG_RELEASE,           /* "Linux version 6.1.0 ..."; text is the release */
  PL_LOG_COMMAND_LINE,      /* "Command line: ..."; text is the rest */
  PL_LOG_GROUP,             /* "Adding to iommu group 18"; address, number */
  PL_LOG_GROUP_REMOVED,     /* "Removing from iommu group 18" */
  PL_LOG_IOMMU_INTEL,       /* any line of DMAR or Intel-IOMMU that shows the hardware at work */
  PL_LOG_IOMMU_AMD,         /* any line of AMD-Vi that shows the hardware at work */
  PL_LOG_IOMMU_OTHER,       /* arm-smmu and kin */
  PL_LOG_PASSTHROUGH,       /* "Default domain type: Passthrough" */
  PL_LOG_REMAPPING_ON,      /* interrupt remapping enabled */
  PL_LOG_REMAPPING_OFF,     /* interrupt remapping said not to be enabled or supported */
  PL_LOG_TIMEOUT,           /* IOTLB_INV_TIMEOUT, COMPLETION_WAIT; address of the device named */
  PL_LOG_ACS_OVERRIDE,      /* "PCIe ACS overrides enabled" */
  PL_LOG_RMRR,              /* "Device is ineligible for IOMMU domain attach due to platform RMRR"; address */
  PL_LOG_UNKNOWN_OPTION,    /* "AMD-Vi: Unknown option - 'on'"; text is the option */
  PL_LOG_FIRMWARE_DISABLED, /* "AMD-Vi: disabled by firmware"; "DMAR: ... disabled in BIOS"; kvm: disabled by
                               bios */
  PL_LOG_VFIO               /* vfio-pci said something of a function; address where it names one */
};

struct pl_log_event {
  enum pl_log_kind kind;
  bool has_address;
  struct pl_address address;
  gint64 number;
  const char *text; /* the part that matters, or the line without its time stamp */
  guint line;       /* in the pasted text, from 1; 0 for a log that was read */
};

/* A block device or partition. Source: Documentation/ABI/stable/sysfs-block. */
struct pl_block {
  const char *name; /* "nvme0n1p2" */
  bool has_owner;
  struct pl_address owner;
  guint major, minor;
  const char *kind; /* what udev found on it: "LVM2_member", "crypto_LUKS", "btrfs", "zfs_member"; or NULL */
  enum pl_state kind_state; /* unread or denied: nobody can say that it is unused */
  const GPtrArray *slaves;  /* names of the block devices it is made of (dm, md); may be empty */
  enum pl_state slaves_state;
};

struct pl_mount {
  guint major, minor;
  const char *point;  /* "/", "/boot", "[swap]" */
  const char *type;   /* "ext4" */
  const char *device; /* "/dev/nvme0n1p2" */
};

/* Source: Documentation/ABI/testing/sysfs-class-net; man 5 proc, /proc/net/route. */
struct pl_interface {
  const char *name;
  bool has_owner;
  struct pl_address owner;
  enum pl_state carrier_state; /* invalid while the interface is down: EINVAL */
  bool carrier;
  const GPtrArray *uppers; /* names of bridges, bonds and VLANs on it */
  enum pl_state uppers_state;
  enum pl_state routes_state;
  bool has_route;         /* any route or address but link-local */
  bool has_default_route; /* itself or through an upper */
};

/* Source: Documentation/ABI/testing/sysfs-class-drm and drivers/gpu/drm/drm_sysfs.c: status, enabled. */
struct pl_connector {
  const char *name; /* "card0-DP-1" */
  bool has_owner;
  struct pl_address owner;
  enum pl_state status_state;
  bool is_connected;
};

/* A range that a firmware or early framebuffer takes. */
struct pl_framebuffer {
  const char *name; /* "BOOTFB", "efifb", "simple-framebuffer" */
  guint64 start;
  guint64 end;
};

/* Source: Documentation/ABI/testing/sysfs-bus-usb. Root hubs ("usb1") are left out. */
struct pl_usb_device {
  const char *name; /* "1-4" */
  bool has_owner;
  struct pl_address owner;
  const char *product; /* "USB Keyboard", or NULL */
};

/* Source: Documentation/input/event-codes.rst; include/uapi/linux/input-event-codes.h. */
struct pl_input {
  const char *name; /* "input5" */
  bool has_owner;
  struct pl_address owner;
  const char *label; /* "Logitech K120", or NULL */
  bool is_usb;
  enum pl_state keys_state; /* of both that follow */
  bool is_keyboard;         /* has the letter keys */
  bool is_mouse;
};

/* A process that holds a node open. */
struct pl_holder {
  guint pid;
  const char *command; /* "qemu-system-x86" */
  const char *node;    /* "/dev/vfio/18" */
  bool has_owner;      /* the function behind the node is known; of "/dev/vfio/18" the group is: 18 */
  struct pl_address owner;
};

/* An installed kernel: a directory of lib/modules. */
struct pl_kernel {
  const char *release;       /* "6.1.0-25-amd64" */
  enum pl_state state;       /* of both lists; absent: it has none */
  const GPtrArray *loadable; /* const char *: names of modules that a rule or a step knows, with '_' */
  const GPtrArray *built_in;
};
