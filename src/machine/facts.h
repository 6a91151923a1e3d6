/* facts.h - every fact that pcilend knows of, one row each.
 *
 * A row drives the storage, the accessor, the evidence path, the JSON key and the line of `show`. To add a
 * fact: add the row, and where no parser of facts.c fits its file, the parser. HACKING.md shows it.
 *
 * The only way to a value is its accessor, which gives the state:
 *
 *     bool boot_vga;
 *     if (pl_device_get_boot_vga (device, &boot_vga) == PL_KNOWN && boot_vga) ...
 *
 * The value is set only where it is known. Texts and lists belong to the machine.
 */
#pragma once

#include "base/root.h"
#include "boot/loader.h"
#include "machine/address.h"

/* A range of a function's address space. Source: Documentation/PCI/sysfs-pci.rst, "resource": start, end,
 * flags. */
struct pl_bar {
  guint8 number; /* the line of the file: 0..5 BARs, 6 expansion ROM, from 7 on a bridge's windows */
  guint64 start;
  guint64 size_bytes;
  guint64 flags; /* IORESOURCE_*: include/linux/ioport.h */
};

/* Each row: type, member, parser, file in the function's directory, source.
 *
 * The identity: what `groups` needs. Read for every function by identity.c; parser NONE. */
#define PL_DEVICE_IDENTITY(X)                                                                               \
  X (guint16, vendor, NONE, "uevent", "drivers/pci/pci-driver.c, pci_uevent(): PCI_ID")                     \
  X (guint16, device, NONE, "uevent", "the same")                                                           \
  X (guint16, class, NONE, "uevent", "the same: PCI_CLASS, base and sub class")                             \
  X (guint8, prog_if, NONE, "uevent", "the same: PCI_CLASS, programming interface")                         \
  X (guint16, subsystem_vendor, NONE, "uevent", "the same: PCI_SUBSYS_ID")                                  \
  X (guint16, subsystem_device, NONE, "uevent", "the same")                                                 \
  X (guint8, revision, NONE, "revision", "Documentation/ABI/testing/sysfs-bus-pci, revision")               \
  X (const char *, driver, NONE, "uevent", "drivers/base/core.c, dev_uevent(): DRIVER; no line: no driver") \
  X (gint32, group, NONE, "iommu_group",                                                                    \
     "Documentation/ABI/testing/sysfs-kernel-iommu_groups; the link's name")

/* The further facts: read when a rule or a view wants them, one file each; allocated with the first of them.
 * Parsers: BOOL, INT, WORD, WORDS (blank-separated list), BARS, ADDRESS (a link to another function), NAMES
 * (the directory's own listing), NONE (a reader of its own, named in the source). */
#define PL_DEVICE_FURTHER(X)                                                                              \
  X (bool, boot_vga, BOOL, "boot_vga", "sysfs-bus-pci, boot_vga: 1 is the boot display; class 0300 only") \
  X (gint64, numa_node, INT, "numa_node", "sysfs-bus-pci, numa_node; -1 is none")                         \
  X (const char *, driver_override, WORD, "driver_override",                                              \
     "sysfs-bus-pci, driver_override; (null) is none")                                                    \
  X (bool, d3cold_allowed, BOOL, "d3cold_allowed", "sysfs-bus-pci, d3cold_allowed")                       \
  X (const char *, power_state, WORD, "power_state",                                                      \
     "sysfs-bus-pci, power_state: D0 to D3cold; wakes nothing")                                           \
  X (const GPtrArray *, reset_methods, WORDS, "reset_method", "sysfs-bus-pci, reset_method (Linux 5.15)") \
  X (const GArray *, bars, BARS, "resource", "Documentation/PCI/sysfs-pci.rst, resource")                 \
  X (const GPtrArray *, entries, NAMES, ".",                                                              \
     "the directory's listing: physfn, reset, virtfnN, resourceN_resize, vfio-dev")                       \
  X (struct pl_address, physfn, ADDRESS, "physfn",                                                        \
     "sysfs-bus-pci, physfn: the parent of a virtual function")                                           \
  X (gint64, sriov_numvfs, INT, "sriov_numvfs",                                                           \
     "sysfs-bus-pci, sriov_numvfs: virtual functions switched on")                                        \
  X (const char *, driver_module, NONE, "driver/module",                                                  \
     "modules.c: sys/bus/pci/drivers/D/module; absent: built in")                                         \
  X (const GPtrArray *, modules, NONE, "modalias", "modules.c: modules.alias of the running kernel")

#define X(type, name, parser, file, source) PL_DEVICE_##name,
enum pl_device_fact {
  PL_DEVICE_IDENTITY (X) PL_N_DEVICE_IDENTITY,
  PL_DEVICE_BEFORE_FURTHER = PL_N_DEVICE_IDENTITY - 1,
  PL_DEVICE_FURTHER (X) PL_N_DEVICE_FACTS
};
#undef X

/* Each row: type, member, path, reader (its file), source. Lists hold the structs of things.h. */
#define PL_MACHINE_FACTS(X)                                                                                \
  X (const char *, kernel_release, "proc/sys/kernel/osrelease", "platform.c", "man 2 uname")               \
  X (const char *, architecture, "proc/sys/kernel/arch", "platform.c", "man 2 uname, machine")             \
  X (const struct pl_command_line *, command_line, "proc/cmdline", "command_line.c", "man 5 proc")         \
  X (const char *, distribution, "etc/os-release", "platform.c", "man 5 os-release: PRETTY_NAME")          \
  X (const char *, distribution_id, "etc/os-release", "platform.c", "man 5 os-release: ID")                \
  X (const char *, distribution_like, "etc/os-release", "platform.c", "man 5 os-release: ID_LIKE")         \
  X (const char *, cpu_vendor, "proc/cpuinfo", "platform.c", "arch/x86/kernel/cpu/proc.c: vendor_id")      \
  X (const char *, cpu_model, "proc/cpuinfo", "platform.c", "arch/x86/kernel/cpu/proc.c: model name")      \
  X (const char *, cpu_virtualization, "proc/cpuinfo", "platform.c", "flags vmx (Intel) or svm (AMD)")     \
  X (bool, is_guest, "proc/cpuinfo", "platform.c", "flag hypervisor: this machine is itself a guest")      \
  X (gint64, memory_bytes, "proc/meminfo", "platform.c", "man 5 proc: MemTotal, in KiB")                   \
  X (const char *, container, "run/systemd/container", "platform.c",                                       \
     "systemd: CONTAINER_INTERFACE; .dockerenv")                                                           \
  X (const char *, system_vendor, "sys/class/dmi/id/sys_vendor", "platform.c", "sysfs-class-dmi")          \
  X (const char *, product_name, "sys/class/dmi/id/product_name", "platform.c", "sysfs-class-dmi")         \
  X (const char *, board_name, "sys/class/dmi/id/board_name", "platform.c", "sysfs-class-dmi")             \
  X (const GPtrArray *, firmware_tables, "sys/firmware/acpi/tables", "platform.c",                         \
     "sysfs-firmware-acpi: DMAR, IVRS")                                                                    \
  X (const GPtrArray *, iommu_units, "sys/class/iommu", "iommu.c", "sysfs-class-iommu: dmar0, ivhd0")      \
  X (const GArray *, iommu_groups, "sys/kernel/iommu_groups", "iommu.c",                                   \
     "sysfs-kernel-iommu_groups: gint32 ids")                                                              \
  X (bool, interrupt_remapping, "proc/interrupts", "iommu.c",                                              \
     "chip names IR-*: drivers/iommu/*/irq_remapping.c")                                                   \
  X (const GPtrArray *, log_events, "dev/kmsg", "kernel_log.c",                                            \
     "the lines that a rule knows; struct pl_log_event")                                                   \
  X (const GPtrArray *, loaded_modules, "proc/modules", "modules.c", "man 5 proc; names")                  \
  X (const GPtrArray *, available_modules, "lib/modules", "modules.c",                                     \
     "modules.dep and modules.builtin; names")                                                             \
  X (const GPtrArray *, vfio_options, "etc/modprobe.d", "module_options.c",                                \
     "man 5 modprobe.d; sys/module/vfio_pci/parameters; texts \"vfio_pci disable_idle_d3=1\"")             \
  X (const GPtrArray *, kernels, "lib/modules", "modules.c",                                               \
     "modules.dep and modules.builtin of each installed kernel; struct pl_kernel")                         \
  X (bool, signed_modules_only, "sys/kernel/security/lockdown", "module_options.c",                        \
     "man 7 kernel_lockdown; sys/module/module/parameters/sig_enforce")                                    \
  X (bool, intel_iommu_default_on, "boot/config-RELEASE", "module_options.c",                              \
     "drivers/iommu/intel/Kconfig: CONFIG_INTEL_IOMMU_DEFAULT_ON")                                         \
  X (const struct pl_texts *, texts, "etc", "configuration.c",                                             \
     "the files that boot/, initramfs/ and packages/ name, and etc/modprobe.d; base/texts.h")              \
  X (const struct pl_boot_evidence *, boot_evidence, "proc/cmdline", "started.c",                          \
     "what the loader left to be seen: boot/loader.h; the Boot Loader Interface")                          \
  X (const char *, boot_loader, "proc/cmdline", "started.c", "what started this kernel: src/boot/")        \
  X (const char *, initramfs, "usr/sbin", "configuration.c",                                               \
     "the initramfs generator that is installed: src/initramfs/")                                          \
  X (const GPtrArray *, dev_kvm, "dev", "platform.c", "listing of /dev, kept: kvm, vfio")                  \
  X (const GPtrArray *, blocks, "sys/class/block", "storage.c", "struct pl_block")                         \
  X (const GPtrArray *, mounts, "proc/self/mountinfo", "storage.c", "man 5 proc; struct pl_mount")         \
  X (const GPtrArray *, swaps, "proc/swaps", "storage.c", "man 5 proc; struct pl_mount with point [swap]") \
  X (const GPtrArray *, interfaces, "sys/class/net", "network.c", "struct pl_interface")                   \
  X (const GPtrArray *, connectors, "sys/class/drm", "screen.c", "struct pl_connector")                    \
  X (const GPtrArray *, framebuffers, "proc/iomem", "screen.c", "struct pl_framebuffer")                   \
  X (const GPtrArray *, usb_devices, "sys/bus/usb/devices", "usb.c", "struct pl_usb_device")               \
  X (const GPtrArray *, inputs, "sys/class/input", "usb.c", "struct pl_input")                             \
  X (const GPtrArray *, holders, "proc", "holders.c", "open /dev/vfio and /dev/dri nodes; struct pl_holder")

#define X(type, name, ...) PL_MACHINE_##name,
enum pl_machine_fact { PL_MACHINE_FACTS (X) PL_N_MACHINE_FACTS };
#undef X

/* What a command wants read. A bit for each fact: PL_WANT (boot_vga) | PL_WANT (bars). */
struct pl_wants {
  guint64 machine; /* PL_WANT_MACHINE (name) */
  guint64 device;  /* PL_WANT (name); the identity is always read */
};
#define PL_WANT(name) (G_GUINT64_CONSTANT (1) << PL_DEVICE_##name)
#define PL_WANT_MACHINE(name) (G_GUINT64_CONSTANT (1) << PL_MACHINE_##name)
#define PL_WANT_ALL ((struct pl_wants){ G_MAXUINT64, G_MAXUINT64 })

/* A row as data, for reports and for the engine. */
struct pl_fact_row {
  const char *name; /* JSON key and line of `show` */
  const char *file; /* in the function's directory, or the machine's path */
  const char *source;
};
extern const struct pl_fact_row pl_device_facts[PL_N_DEVICE_FACTS];
extern const struct pl_fact_row pl_machine_facts[PL_N_MACHINE_FACTS];
