/* test_judge_use.c - what the host uses a device for: what it cannot live without, what it would miss, what
 * is idle. */
#include "judge_machine.h"

#define DISK "01:00.0"
#define NET "04:00.0"
#define USB "0b:00.3"

/* The disk's blocks: a partition of the given kind, and perhaps a mapper device on it. */
static void
set_blocks (struct pl_machine *machine, const char *kind, enum pl_state kind_state, const char *mapper_slaves,
            enum pl_state slaves_state)
{
  const struct pl_block blocks[] = {
    { "nvme0n1", true, at (DISK), 259, 0, NULL, PL_ABSENT, NULL, PL_ABSENT },
    { "nvme0n1p2", true, at (DISK), 259, 2, kind, kind_state, NULL, PL_ABSENT },
    { "dm-0", false, { 0, 0, 0, 0 }, 254, 0, NULL, PL_ABSENT, words (machine, mapper_slaves), slaves_state },
    { "loop0", false, { 0, 0, 0, 0 }, 7, 0, NULL, PL_ABSENT, NULL, PL_ABSENT },
  };
  pl_machine_set_blocks (machine, PL_KNOWN, THINGS (machine, blocks));
}

static void
set_mount (struct pl_machine *machine, guint major, guint minor, const char *point, const char *type,
           const char *device)
{
  const struct pl_mount mounts[] = { { major, minor, point, type, device } };
  pl_machine_set_mounts (machine, PL_KNOWN, THINGS (machine, mounts));
}

static void
root_on_lvm (struct pl_machine *machine)
{
  set_blocks (machine, "LVM2_member", PL_KNOWN, "nvme0n1p2", PL_KNOWN);
  set_mount (machine, 254, 0, "/", "ext4", "/dev/mapper/vg-root");
}

static void
slaves_denied (struct pl_machine *machine)
{
  set_blocks (machine, NULL, PL_ABSENT, "", PL_DENIED);
  set_mount (machine, 254, 0, "/", "ext4", "/dev/mapper/vg-root");
}

static void
root_on_btrfs (struct pl_machine *machine)
{
  set_blocks (machine, "btrfs", PL_KNOWN, "", PL_KNOWN);
  set_mount (machine, 0, 27, "/", "btrfs", "/dev/nvme0n1p2");
}

static void
part_of_btrfs (struct pl_machine *machine)
{
  set_blocks (machine, "btrfs", PL_KNOWN, "", PL_KNOWN);
  set_mount (machine, 0, 27, "/", "btrfs", "/dev/sda2");
}

static void
part_of_zfs (struct pl_machine *machine)
{
  set_blocks (machine, "zfs_member", PL_KNOWN, "", PL_KNOWN);
  set_mount (machine, 0, 30, "/", "zfs", "rpool/ROOT");
}

static void
boot_only (struct pl_machine *machine)
{
  set_blocks (machine, NULL, PL_ABSENT, "", PL_KNOWN);
  set_mount (machine, 259, 2, "/boot/efi", "vfat", "/dev/nvme0n1p2");
}

static void
data_disk (struct pl_machine *machine)
{
  set_blocks (machine, NULL, PL_ABSENT, "", PL_KNOWN);
  set_mount (machine, 259, 2, "/srv/games", "ext4", "/dev/nvme0n1p2");
}

static void
idle_disk (struct pl_machine *machine)
{
  set_blocks (machine, "ntfs", PL_KNOWN, "", PL_KNOWN);
  set_mount (machine, 8, 2, "/", "ext4", "/dev/sda2");
}

static void
luks_disk (struct pl_machine *machine)
{
  idle_disk (machine);
  set_blocks (machine, "crypto_LUKS", PL_KNOWN, "", PL_KNOWN);
}

static void
kind_denied (struct pl_machine *machine)
{
  idle_disk (machine);
  set_blocks (machine, NULL, PL_DENIED, "", PL_KNOWN);
}

static void
swap_disk (struct pl_machine *machine)
{
  idle_disk (machine);
  const struct pl_mount swaps[] = { { 259, 2, "[swap]", "partition", "/dev/nvme0n1p2" } };
  pl_machine_set_swaps (machine, PL_KNOWN, THINGS (machine, swaps));
}

static void
blocks_denied (struct pl_machine *machine)
{
  pl_machine_set_blocks (machine, PL_DENIED, NULL);
}

static void
mounts_unread (struct pl_machine *machine)
{
  pl_machine_set_mounts (machine, PL_UNREAD, NULL);
}

static void
usb_root (struct pl_machine *machine)
{
  const struct pl_block blocks[] = { { "sda1", true, at (USB), 8, 1, NULL, PL_ABSENT, NULL, PL_ABSENT } };
  pl_machine_set_blocks (machine, PL_KNOWN, THINGS (machine, blocks));
  set_mount (machine, 8, 1, "/", "ext4", "/dev/sda1");
}

static void
behind_vmd (struct pl_machine *machine)
{
  pl_device_set_driver (get (machine, DISK), PL_KNOWN, "vmd");
  const struct pl_block blocks[]
      = { { "nvme0n1p2", true, at ("10000:e1:00.0"), 259, 2, NULL, PL_ABSENT, NULL, PL_ABSENT } };
  pl_machine_set_blocks (machine, PL_KNOWN, THINGS (machine, blocks));
}

static void
set_interface (struct pl_machine *machine, bool has_route, bool has_default, enum pl_state routes_state,
               bool has_second)
{
  const struct pl_interface interfaces[]
      = { { "enp4s0", true, at (NET), PL_KNOWN, has_route, NULL, PL_ABSENT, routes_state, has_route,
            has_default },
          { "wlan0", has_second, at ("06:00.1"), PL_KNOWN, true, NULL, PL_ABSENT, PL_KNOWN, true, true } };
  pl_machine_set_interfaces (machine, PL_KNOWN, THINGS (machine, interfaces));
}

static void
two_routes (struct pl_machine *machine)
{
  set_interface (machine, true, true, PL_KNOWN, true);
}

static void
tunnel_route (struct pl_machine *machine)
{
  set_interface (machine, true, true, PL_KNOWN, false);
}

static void
address_only (struct pl_machine *machine)
{
  set_interface (machine, true, false, PL_KNOWN, true);
}

static void
idle_network (struct pl_machine *machine)
{
  set_interface (machine, false, false, PL_KNOWN, true);
}

static void
routes_denied (struct pl_machine *machine)
{
  set_interface (machine, true, true, PL_DENIED, true);
}

static void
interfaces_denied (struct pl_machine *machine)
{
  pl_machine_set_interfaces (machine, PL_DENIED, NULL);
}

static void
usb_network (struct pl_machine *machine)
{
  const struct pl_interface interfaces[]
      = { { "enx0", true, at (USB), PL_KNOWN, true, NULL, PL_ABSENT, PL_KNOWN, true, true } };
  pl_machine_set_interfaces (machine, PL_KNOWN, THINGS (machine, interfaces));
}

static void
keyboard (struct pl_machine *machine)
{
  const struct pl_input inputs[] = { { "input3", true, at (USB), NULL, true, PL_KNOWN, true, false },
                                     { "input4", true, at (USB), "G502", true, PL_KNOWN, false, true } };
  pl_machine_set_inputs (machine, PL_KNOWN, THINGS (machine, inputs));
}

static void
inputs_denied (struct pl_machine *machine)
{
  pl_machine_set_inputs (machine, PL_DENIED, NULL);
}

static void
compositor (struct pl_machine *machine)
{
  const struct pl_holder holders[] = { { 812, "kwin_wayland", "/dev/dri/card0" } };
  pl_machine_set_holders (machine, PL_KNOWN, THINGS (machine, holders));
}

static void
guest_runs (struct pl_machine *machine)
{
  const struct pl_holder holders[] = { { 4711, "qemu-system-x86", "/dev/vfio/18" } };
  pl_machine_set_holders (machine, PL_KNOWN, THINGS (machine, holders));
}

/* iommufd: the guest holds the device's own node, not the group's. */
static void
guest_runs_by_iommufd (struct pl_machine *machine)
{
  const struct pl_holder holders[]
      = { { 4712, "qemu-kvm", "/dev/vfio/devices/vfio3", true, at ("09:00.0") } };
  pl_machine_set_holders (machine, PL_KNOWN, THINGS (machine, holders));
}

static void
guest_has_another (struct pl_machine *machine)
{
  const struct pl_holder holders[] = { { 4712, "qemu-kvm", "/dev/vfio/devices/vfio3", true, at ("06:00.0") },
                                       { 4713, "qemu-kvm", "/dev/vfio/19" },
                                       { 4714, "Xorg", "/dev/dri/card1", true, at ("09:00.0") } };
  pl_machine_set_holders (machine, PL_KNOWN, THINGS (machine, holders));
  pl_device_set_class (get (machine, "09:00.0"), PL_KNOWN, 0x1200);
}

/* Who holds the driver's common nodes does not tell which card is used. */
static void
nvidia_control (struct pl_machine *machine)
{
  const struct pl_holder holders[] = { { 900, "cuda_train", "/dev/nvidia-uvm" } };
  pl_machine_set_holders (machine, PL_KNOWN, THINGS (machine, holders));
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "nvidia");
}

static void
nvidia_control_of_others (struct pl_machine *machine)
{
  nvidia_control (machine);
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "nouveau");
}

/* 40 volumes, each made of all that are before it; the first is on the disk. */
static void
root_on_many_layers (struct pl_machine *machine)
{
  struct pl_block blocks[41] = { { "nvme0n1", true, at (DISK), 259, 0, NULL, PL_ABSENT, NULL, PL_ABSENT } };
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 1; i < G_N_ELEMENTS (blocks); i++) {
    g_autofree char *name = g_strdup_printf ("dm-%u", i);
    g_ptr_array_insert (names, 0, (char *) blocks[i - 1].name);
    blocks[i] = (struct pl_block){ .name = pl_machine_string (machine, name, -1), .major = 254, .minor = i };
    blocks[i].kind_state = PL_ABSENT;
    blocks[i].slaves_state = PL_KNOWN;
    blocks[i].slaves = pl_machine_keep_list (machine, g_ptr_array_copy (names, NULL, NULL));
  }
  g_ptr_array_unref (names);
  pl_machine_set_blocks (machine, PL_KNOWN, THINGS (machine, blocks));
  const struct pl_mount mounts[] = { { 254, 40, "/", "ext4", "/dev/mapper/root" } };
  pl_machine_set_mounts (machine, PL_KNOWN, THINGS (machine, mounts));
}

static void
holders_denied (struct pl_machine *machine)
{
  guest_runs (machine);
  pl_machine_set_holders (machine, PL_DENIED, NULL);
}

#define ID "device.in-use"

static const struct desk_case cases[] = {
  { "/judge/device.in-use/root", DISK, NULL, ID, DISK, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/boot", DISK, boot_only, ID, DISK, PL_BLOCKER, "/boot/efi" },
  { "/judge/device.in-use/root-on-lvm", DISK, root_on_lvm, ID, DISK, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/root-on-btrfs", DISK, root_on_btrfs, ID, DISK, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/part-of-btrfs", DISK, part_of_btrfs, ID, DISK, PL_BLOCKER, "btrfs" },
  { "/judge/device.in-use/part-of-zfs", DISK, part_of_zfs, ID, DISK, PL_BLOCKER, "ZFS" },
  { "/judge/device.in-use/usb-root", USB, usb_root, ID, USB, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/behind-vmd", DISK, behind_vmd, ID, DISK, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/data", DISK, data_disk, ID, DISK, PL_WARNING, "/srv/games" },
  { "/judge/device.in-use/luks", DISK, luks_disk, ID, DISK, PL_WARNING, "encrypted" },
  { "/judge/device.in-use/swap", DISK, swap_disk, ID, DISK, PL_WARNING, "swap" },
  { "/judge/device.in-use/idle", DISK, idle_disk, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/kind-denied", DISK, kind_denied, ID, DISK, PL_UNSURE, NULL },
  { "/judge/device.in-use/slaves-denied", DISK, slaves_denied, ID, DISK, PL_UNSURE, NULL },
  { "/judge/device.in-use/blocks-denied", DISK, blocks_denied, ID, DISK, PL_UNSURE, "blocks" },
  { "/judge/device.in-use/mounts-unread", DISK, mounts_unread, ID, DISK, PL_UNSURE, "mounts" },
  { "/judge/device.in-use/default-route", NET, NULL, ID, NET, PL_BLOCKER, "the default route (enp4s0)" },
  { "/judge/device.in-use/tunnel", NET, tunnel_route, ID, NET, PL_BLOCKER, NULL },
  { "/judge/device.in-use/two-routes", NET, two_routes, ID, NET, PL_WARNING, "a default route" },
  { "/judge/device.in-use/address", NET, address_only, ID, NET, PL_WARNING, "an address" },
  { "/judge/device.in-use/network-idle", NET, idle_network, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/routes-denied", NET, routes_denied, ID, NET, PL_UNSURE, NULL },
  { "/judge/device.in-use/interfaces-denied", NET, interfaces_denied, ID, NET, PL_UNSURE, "interfaces" },
  { "/judge/device.in-use/usb-network", USB, usb_network, ID, USB, PL_BLOCKER, "the default route" },
  { "/judge/device.in-use/keyboard", USB, keyboard, ID, USB, PL_WARNING,
    "your keyboard and your mouse (G502)" },
  { "/judge/device.in-use/usb-idle", USB, NULL, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/inputs-denied", USB, inputs_denied, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/monitor", "06:00.0", NULL, ID, "06:00.0", PL_WARNING, "the monitor on DP-1" },
  { "/judge/device.in-use/compositor", "06:00.0", compositor, ID, "06:00.0", PL_WARNING,
    "kwin_wayland (process 812)" },
  { "/judge/device.in-use/display-idle", "09:00.0", compositor, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/lent", "09:00.0", guest_runs, ID, "09:00.0", PL_WARNING,
    "qemu-system-x86 (process 4711)" },
  { "/judge/device.in-use/lent-by-iommufd", "09:00.0", guest_runs_by_iommufd, ID, "09:00.0", PL_WARNING,
    "qemu-kvm (process 4712)" },
  { "/judge/device.in-use/lent-another", "09:00.0", guest_has_another, ID, NULL, NONE, NULL },
  { "/judge/device.in-use/nvidia-control", "09:00.0", nvidia_control, ID, "09:00.0", PL_WARNING,
    "maybe cuda_train (process 900" },
  { "/judge/device.in-use/nvidia-control-of-others", "09:00.0", nvidia_control_of_others, ID, NULL, NONE,
    NULL },
  { "/judge/device.in-use/many-layers", DISK, root_on_many_layers, ID, DISK, PL_BLOCKER, "the disk of /" },
  { "/judge/device.in-use/holders-denied", "09:00.0", holders_denied, ID, NULL, NONE, NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_desk_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
