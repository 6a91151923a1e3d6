/* machine.h - all facts read of one computer. Facts only: no opinion, no output.
 *
 * Life: pl_machine_new(), then either pl_machine_read() on a root or pl_paste_read() on a text, then judging
 * and reports, then pl_machine_free(). Whoever keeps a pointer into a machine must not outlive it.
 *
 * Only machine/ calls the setters. Members ending in "_" are for machine/ alone.
 */
#pragma once

#include "machine/facts.h"
#include "machine/names.h"
#include "machine/things.h"

enum pl_source { PL_SOURCE_LIVE, PL_SOURCE_TREE, PL_SOURCE_RECORDING, PL_SOURCE_TEXT };

#define X(type, name, ...) type name;
struct pl_device_further {
  struct {
    PL_DEVICE_FURTHER (X)
  } value_;
  guint8 state_[PL_N_DEVICE_FACTS - PL_N_DEVICE_IDENTITY];
};

/* One PCI function. Small: a machine may have 100,000. */
struct pl_device {
  struct pl_address address;
  struct {
    PL_DEVICE_IDENTITY (X)
  } value_;
  guint8 state_[PL_N_DEVICE_IDENTITY];
  struct pl_device_further *further_; /* NULL: all unread */
  struct pl_device_text *text_;       /* NULL but from pasted text */
};
#undef X

/* What only a pasted text gives: its own names, and the lines that facts stand in. */
struct pl_device_text {
  const char *class_name; /* "VGA compatible controller", or NULL */
  const char *name; /* "NVIDIA Corporation TU106 [GeForce RTX 2070]": vendor and device as one, or NULL */
  const char *subsystem_name;
  guint line_[PL_N_DEVICE_FACTS]; /* from 1; 0: none */
};

/* An IOMMU group's own facts. */
struct pl_region {
  guint64 start, end;
  const char *type; /* "direct", "direct-relaxable", "reserved", "msi" */
};
struct pl_group {
  gint32 id;
  enum pl_state type_state;
  const char *type; /* "DMA", "DMA-FQ", "identity". Source: sysfs-kernel-iommu_groups, type */
  enum pl_state regions_state;
  const GArray *regions; /* struct pl_region. Source: sysfs-kernel-iommu_groups, reserved_regions */
  enum pl_state members_state;
  const GArray *members; /* struct pl_address, as the group's own directory lists them */
};

/* Something that was odd while reading and that a person should know: a contradiction, a device that
 * vanished. */
struct pl_note {
  const char *path; /* or the text's name */
  guint line;       /* 0: none */
  const char *text;
};

#define X(type, name, ...) type name;
struct pl_machine {
  enum pl_source source;
  const char *origin; /* the file's or directory's name; NULL for the live system */
  GArray *devices_;   /* struct pl_device, in the order of addresses once reading has ended */
  GArray *groups_;    /* struct pl_group, in the order of ids; filled for the groups that were wanted */
  GPtrArray *notes_;  /* struct pl_note */
  enum pl_state devices_state; /* of the list itself */
  int devices_errno;
  bool is_privileged; /* read as root: what is denied stays denied */
  struct {
    PL_MACHINE_FACTS (X)
  } value_;
  guint8 state_[PL_N_MACHINE_FACTS];
  guint line_[PL_N_MACHINE_FACTS];
  GStringChunk *strings_;
  GHashTable *lists_;          /* owns the arrays of list facts */
  struct pl_modules *modules_; /* what modules.c read once for all functions; owned by lists_ */
  struct pl_names *names;      /* owned; never NULL after pl_machine_new() */
};
#undef X

/* @origin: copied; NULL for the live system. @names: taken over. */
struct pl_machine *pl_machine_new (enum pl_source source, const char *origin, struct pl_names *names);
void pl_machine_free (struct pl_machine *machine);

guint pl_machine_n_devices (const struct pl_machine *machine);
/* Our own rules of udev, among the texts of a machine. */
#define PL_UDEV_RULES "etc/udev/rules.d/79-pcilend.rules"

struct pl_device *pl_machine_device (const struct pl_machine *machine, guint index);

/* The function at @address, or NULL. */
struct pl_device *pl_machine_find (const struct pl_machine *machine, struct pl_address address);

/* Whether addresses are told with their PCI domain: on a machine that has more than one. Source: lspci(8),
 * -D. */
bool pl_machine_needs_domain (const struct pl_machine *machine);

/**
 * pl_machine_join_addresses - "09:00.0, 09:00.1 and 0a:00.0", or the arguments of a call
 * @devices: const struct pl_device *
 * @between, @last: what stands between two, and before the last
 *
 * Free with g_free().
 */
char *pl_machine_join_addresses (const struct pl_machine *machine, const GPtrArray *devices,
                                 const char *between, const char *last);

/* The group's own facts, or NULL where they were not read. */
const struct pl_group *pl_machine_group (const struct pl_machine *machine, gint32 id);

guint pl_machine_n_notes (const struct pl_machine *machine);
const struct pl_note *pl_machine_note (const struct pl_machine *machine, guint index);

/* The accessors: pl_device_get_vendor (device, &vendor), pl_machine_get_cpu_model (machine, &text), ... */
#define X(type, name, ...)                                                                     \
  static inline enum pl_state pl_device_get_##name (const struct pl_device *device, type *out) \
  {                                                                                            \
    enum pl_state state = (enum pl_state) device->state_[PL_DEVICE_##name];                    \
    if (state == PL_KNOWN)                                                                     \
      *out = device->value_.name;                                                              \
    return state;                                                                              \
  }
PL_DEVICE_IDENTITY (X)
#undef X
#define X(type, name, ...)                                                                               \
  static inline enum pl_state pl_device_get_##name (const struct pl_device *device, type *out)           \
  {                                                                                                      \
    const struct pl_device_further *further = device->further_;                                          \
    enum pl_state state = further != NULL                                                                \
                              ? (enum pl_state) further->state_[PL_DEVICE_##name - PL_N_DEVICE_IDENTITY] \
                              : PL_UNREAD;                                                               \
    if (state == PL_KNOWN)                                                                               \
      *out = further->value_.name;                                                                       \
    return state;                                                                                        \
  }
PL_DEVICE_FURTHER (X)
#undef X
#define X(type, name, ...)                                                                        \
  static inline enum pl_state pl_machine_get_##name (const struct pl_machine *machine, type *out) \
  {                                                                                               \
    enum pl_state state = (enum pl_state) machine->state_[PL_MACHINE_##name];                     \
    if (state == PL_KNOWN)                                                                        \
      *out = machine->value_.name;                                                                \
    return state;                                                                                 \
  }
PL_MACHINE_FACTS (X)
#undef X

/* The state of any fact, by number. */
enum pl_state pl_device_state (const struct pl_device *device, enum pl_device_fact fact);
enum pl_state pl_machine_state (const struct pl_machine *machine, enum pl_machine_fact fact);

/* Where a fact stands: "sys/bus/pci/devices/0000:09:00.0/uevent", or the text's name, then with *line. Free
 * with g_free(). */
char *pl_device_evidence (const struct pl_machine *machine, const struct pl_device *device,
                          enum pl_device_fact fact, guint *line);
char *pl_machine_evidence (const struct pl_machine *machine, enum pl_machine_fact fact, guint *line);

/* The setters, for machine/ only. */
#define X(type, name, ...)                                                                            \
  static inline void pl_device_set_##name (struct pl_device *device, enum pl_state state, type value) \
  {                                                                                                   \
    device->value_.name = value;                                                                      \
    device->state_[PL_DEVICE_##name] = (guint8) state;                                                \
  }
PL_DEVICE_IDENTITY (X)
#undef X
struct pl_device_further *pl_device_further (struct pl_device *device);
#define X(type, name, ...)                                                                            \
  static inline void pl_device_set_##name (struct pl_device *device, enum pl_state state, type value) \
  {                                                                                                   \
    struct pl_device_further *further = pl_device_further (device);                                   \
    further->value_.name = value;                                                                     \
    further->state_[PL_DEVICE_##name - PL_N_DEVICE_IDENTITY] = (guint8) state;                        \
  }
PL_DEVICE_FURTHER (X)
#undef X
#define X(type, name, ...)                                                                               \
  static inline void pl_machine_set_##name (struct pl_machine *machine, enum pl_state state, type value) \
  {                                                                                                      \
    machine->value_.name = value;                                                                        \
    machine->state_[PL_MACHINE_##name] = (guint8) state;                                                 \
  }
PL_MACHINE_FACTS (X)
#undef X

/* Adds a function at the end; the pointer holds until the next one is added. */
struct pl_device *pl_machine_add_device (struct pl_machine *machine, struct pl_address address);

/* Puts the functions in order after all were added; of two at one address the later stays. */
void pl_machine_sort_devices (struct pl_machine *machine);

/* Gives the entry of the group, made where it is not there yet. Keeps the order of ids. */
struct pl_group *pl_machine_add_group (struct pl_machine *machine, gint32 id);

/* A copy of the text that lives as long as the machine; equal texts share one copy. @length -1: up to the
 * NUL. */
const char *pl_machine_string (struct pl_machine *machine, const char *text, gssize length);

/* Hands an array to the machine, which unrefs it at its end; gives it back. */
GArray *pl_machine_keep_array (struct pl_machine *machine, GArray *array);
GPtrArray *pl_machine_keep_list (struct pl_machine *machine, GPtrArray *list);

void pl_machine_add_note (struct pl_machine *machine, const char *path, guint line, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/* Storage for the lines and names of a function from pasted text. */
struct pl_device_text *pl_device_text (struct pl_device *device);
