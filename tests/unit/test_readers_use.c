/* test_readers_use.c - the readers of what hangs on functions: disks, networks, screens, USB, and who holds
 * nodes. */
#include "recorded.h"

static const struct pl_block *
find_block (const struct pl_machine *machine, const char *name, guint which)
{
  const GPtrArray *blocks = NULL;
  assert_state (machine, blocks, PL_KNOWN);
  get (machine, blocks, &blocks);
  g_assert (blocks != NULL);
  for (guint i = 0; i < blocks->len; i++) {
    const struct pl_block *block = g_ptr_array_index (blocks, i);
    if (strcmp (block->name, name) == 0 && which-- == 0)
      return block;
  }
  return NULL;
}

#define BLOCK(name, target, number, slaves)                                                   \
  "@/sys/class/block\n" name " -> ../../devices/" target "/" name "\n@/sys/class/block/" name \
  "\ndev = " number "\nslaves/ |\n" slaves
#define UDEV(number, lines) "@/run/udev/data\nb" number " |\n\tS:disk/by-uuid/x\n" lines "\tV:1\n"

static void
test_blocks (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/class\nblock/ "
      "|\n\tdm-0\n\tloop0\n\tmd127\n\tnvme0n1\n\tnvme0n1p1\n\tram0\n\tsda\n\tsdb\n\tsr0\n\tzram0\n" BLOCK (
          "nvme0n1", "pci0000:00/0000:00:01.3/0000:01:00.0/nvme/nvme0", "259:0",
          "") BLOCK ("nvme0n1p1", "pci0000:00/0000:00:01.3/0000:01:00.0/nvme/nvme0/nvme0n1", "259:1", "")
          BLOCK ("sda", "pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block", "8:0",
                 "") BLOCK ("sdb", "pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block", "8:16", "")
              BLOCK ("dm-0", "virtual/block", "253:0", "\tnvme0n1p1\n") BLOCK ("zram0", "virtual/block",
                                                                               "252:0", "")
                  BLOCK ("md127", "virtual/block", "9", "\tsda\n\tsdb\n") "@/sys/class/block\nsr0 -\n" UDEV (
                      "259:0", "\tE:ID_PART_TABLE_TYPE=gpt\n\tE:ID_SERIAL=S4EWNX0R123456\n")
                      UDEV ("259:1",
                            "\tE:ID_FS_UUID=0123\n\tE:ID_FS_TYPE=crypto_LUKS\n") "@/run/udev/data\nb8:0 ! "
                                                                                 "EACCES\nb8:16 -\n" UDEV (
                                                                                     "253:0",
                                                                                     "\tE:DM_NAME=root\n\tE:"
                                                                                     "ID_FS_TYPE=\n"));
  const struct pl_block *block = find_block (machine, "nvme0n1p1", 0);
  assert_owner (block->has_owner, block->owner, "0000:01:00.0");
  g_assert_cmpuint (block->major, ==, 259);
  g_assert_cmpuint (block->minor, ==, 1);
  g_assert_cmpint (block->kind_state, ==, PL_KNOWN);
  g_assert_cmpstr (block->kind, ==, "crypto_LUKS");
  block = find_block (machine, "nvme0n1", 0);
  g_assert_cmpint (block->kind_state, ==, PL_ABSENT);
  block = find_block (machine, "sda", 0);
  assert_owner (block->has_owner, block->owner, "0000:00:14.0");
  g_assert_cmpint (block->kind_state, ==, PL_DENIED);
  g_assert_cmpint (find_block (machine, "sdb", 0)->kind_state, ==, PL_UNREAD);
  block = find_block (machine, "dm-0", 0);
  g_assert_false (block->has_owner);
  g_assert_cmpint (block->slaves_state, ==, PL_KNOWN);
  g_assert_cmpint (block->kind_state, ==, PL_ABSENT);
  g_autofree char *slaves = join_names (PL_KNOWN, block->slaves);
  g_assert_cmpstr (slaves, ==, "nvme0n1p1");
  /* A number in a form that no kernel writes. */
  block = find_block (machine, "md127", 0);
  g_assert_cmpuint (block->major, ==, 0);
  g_assert_cmpint (block->kind_state, ==, PL_UNREAD);
  g_assert_null (find_block (machine, "loop0", 0));
  g_assert_null (find_block (machine, "ram0", 0));
  /* Gone since it was listed. */
  g_assert_null (find_block (machine, "sr0", 0));
  pl_machine_free (machine);

  /* Whose sda is nobody can say: then the list is not known. */
  machine = read_recorded (
      "@/sys/class\nblock/ |\n\tsda\n\tsdb\n" BLOCK ("sdb", "pci0000:00/0000:00:17.0", "8:16", ""));
  assert_state (machine, blocks, PL_UNREAD);
  pl_machine_free (machine);
  machine = read_recorded ("@/sys/class\nblock/ |\n\tsda\n@/sys/class/block\nsda ! EACCES\n");
  assert_state (machine, blocks, PL_DENIED);
  pl_machine_free (machine);
}

#define NAMESPACE                                                                                          \
  "@/sys/class\nblock/ |\n\tnvme0c0n1\n\tnvme0n1\n\tnvme0n1p1\n"                                           \
  "@/sys/class/block\nnvme0c0n1 -> ../../devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0c0n1\n"           \
  "@/sys/class/block/nvme0c0n1\ndev -\n" BLOCK ("nvme0n1", "virtual/nvme-subsystem/nvme-subsys0", "259:0", \
                                                "")                                                        \
      BLOCK ("nvme0n1p1", "virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "259:1", "")
#define SUBSYSTEM \
  "@/sys/class/nvme-subsystem\nnvme-subsys0/ |\n\tmodel\n\tnvme0\n\tnvme0n1\n\tnvme3\n\tserial\n"
#define CONTROLLER(name, target) "@/sys/class/nvme-subsystem/nvme-subsys0\n" name " -> ../../../" target "\n"

static void
test_multipath (void)
{
  struct pl_machine *machine
      = read_recorded (NAMESPACE SUBSYSTEM CONTROLLER ("nvme0", "pci0000:00/0000:01:00.0/nvme/nvme0")
                           CONTROLLER ("nvme3", "pci0000:00/0000:02:00.0/nvme/nvme3"));
  const struct pl_block *block = find_block (machine, "nvme0n1p1", 0);
  assert_owner (block->has_owner, block->owner, "0000:01:00.0");
  block = find_block (machine, "nvme0n1p1", 1);
  assert_owner (block->has_owner, block->owner, "0000:02:00.0");
  g_assert_nonnull (find_block (machine, "nvme0n1", 1));
  g_assert_null (find_block (machine, "nvme0n1", 2));
  g_assert_null (find_block (machine, "nvme0c0n1", 0));
  pl_machine_free (machine);

  /* Over a network: it hangs on no function, and is there. */
  machine = read_recorded (NAMESPACE SUBSYSTEM CONTROLLER ("nvme0", "virtual/nvme-fabrics/ctl/nvme0")
                               CONTROLLER ("nvme3", "virtual/nvme-fabrics/ctl/nvme3"));
  g_assert_false (find_block (machine, "nvme0n1", 0)->has_owner);
  g_assert_cmpuint (pl_machine_n_notes (machine), ==, 2);
  pl_machine_free (machine);

  /* A namespace that cannot be mapped is not lost: nothing is known of any disk. */
  static const struct {
    const char *subsystem;
    enum pl_state state;
  } rows[] = {
    { "", PL_UNREAD },
    { SUBSYSTEM CONTROLLER ("nvme0", "pci0000:00/0000:01:00.0/nvme/nvme0"), PL_UNREAD },
    { "@/sys/class/nvme-subsystem\nnvme-subsys0/ -\n", PL_INVALID },
    { "@/sys/class/nvme-subsystem\nnvme-subsys0/ ! EACCES\n", PL_DENIED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strconcat (NAMESPACE, rows[i].subsystem, NULL);
    machine = read_recorded (body);
    assert_state (machine, blocks, rows[i].state);
    pl_machine_free (machine);
  }
}

static void
test_mounts (void)
{
  struct pl_machine *machine = read_recorded (
      "@/proc/self\nmountinfo |\n"
      "\t22 1 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
      "\t27 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
      "\t28 27 0:40 /@home /home rw shared:2 master:3 - btrfs /dev/mapper/luks-data rw,subvol=/@home\n"
      "\t29 27 0:41 / /data rw - btrfs /dev/sdb1 rw\n"
      "\t30 27 0:42 / /tank rw - zfs tank rw\n"
      "\t31 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro\n"
      "\t32 27 8:17 / /mnt/my\\040disk\\134x rw - ntfs3 /dev/sdb1 rw\n"
      "\t33 27 0:50 / /mnt/share rw - cifs //server/share rw,username=alice\n"
      "\t34 27 0:51 / /root/.cache/doc rw - fuse.portal portal rw\n"
      "\t35 27 0:52 / /mnt/pool rw - btrfs /dev/disk/by-uuid/x rw\n"
      "\tgarbage\n"
      "@/sys/class/block\nsdb1/ |\n\tx\n@/sys/class/block/sdb1\ndev = 8:17\n"
      "@/sys/class\nblock/ |\n\tdm-0\n\tdm-1\n" BLOCK ("dm-0", "virtual/block", "253:0", "")
          BLOCK ("dm-1", "virtual/block", "253:1", "") UDEV ("253:0", "\tE:DM_NAME=other\n")
              UDEV ("253:1", "\tE:DM_NAME=luks-data\n"));
  static const struct pl_mount wanted[] = {
    { 259, 2, "/", "ext4", "/dev/nvme0n1p2" },
    { 253, 1, "/home", "btrfs", "/dev/mapper/luks-data" },
    { 8, 17, "/data", "btrfs", "/dev/sdb1" },
    { 0, 42, "/tank", "zfs", "tank" },
    { 8, 17, "/mnt/my disk\\x", "ntfs3", "/dev/sdb1" },
    { 0, 52, "/mnt/pool", "btrfs", "/dev/disk/by-uuid/x" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    const struct pl_mount *mount = element (machine, mounts, pl_mount, i, G_N_ELEMENTS (wanted));
    g_assert_cmpuint (mount->major, ==, wanted[i].major);
    g_assert_cmpuint (mount->minor, ==, wanted[i].minor);
    g_assert_cmpstr (mount->point, ==, wanted[i].point);
    g_assert_cmpstr (mount->type, ==, wanted[i].type);
    g_assert_cmpstr (mount->device, ==, wanted[i].device);
  }
  pl_machine_free (machine);

  /* A container's root, and a line that only looks like one. */
  machine = read_recorded ("@/proc/self\nmountinfo = 1 2 0:99 / / rw - overlay overlay rw,lowerdir=/x\n");
  g_assert_cmpstr (element (machine, mounts, pl_mount, 0, 1)->type, ==, "overlay");
  pl_machine_free (machine);
  machine = read_recorded ("@/proc/self\nmountinfo = 1 2 x / / rw - ext4 /dev/sda rw\n");
  assert_state (machine, mounts, PL_INVALID);
  pl_machine_free (machine);
}

static void
test_swaps (void)
{
  struct pl_machine *machine
      = read_recorded ("@/proc\nswaps |\n\tFilename\tType\tSize\tUsed\tPriority\n"
                       "\t/dev/dm-1                               partition\t8388604\t0\t-2\n"
                       "\t/var/swap\\040file file 1 0 -3\n"
                       "@/sys/class/block/dm-1\ndev = 253:1\n");
  const struct pl_mount *swap = element (machine, swaps, pl_mount, 0, 2);
  g_assert_cmpstr (swap->point, ==, "[swap]");
  g_assert_cmpstr (swap->device, ==, "/dev/dm-1");
  g_assert_cmpuint (swap->major, ==, 253);
  g_assert_cmpuint (swap->minor, ==, 1);
  swap = element (machine, swaps, pl_mount, 1, 2);
  g_assert_cmpstr (swap->device, ==, "/var/swap file");
  g_assert_cmpuint (swap->major, ==, 0);
  pl_machine_free (machine);
}

#define INTERFACE(name, target, carrier, uppers)                                             \
  "@/sys/class/net\n" name " -> ../../devices/" target "/net/" name "\n" name "/ |\n" uppers \
  "\taddress\n\tcarrier\n@/sys/class/net/" name "\ncarrier" carrier "\n"
#define ROUTE4(name, destination, flags, mask) \
  "\t" name "\t" destination "\t0101A8C0\t" flags "\t0\t0\t100\t" mask "\t0\t0\t0\n"
#define ROUTE6(destination, length, flags, name)                                    \
  "\t" destination " " length                                                       \
  " 00000000000000000000000000000000 00 fe800000000000000211223344556677 00000400 " \
  "00000002 00000000 " flags "     " name "\n"
#define NET_EMPTY "@/proc/net\nipv6_route |\nif_inet6 |\n"

static const struct pl_interface *
find_interface (const struct pl_machine *machine, const char *name)
{
  const GPtrArray *interfaces = NULL;
  assert_state (machine, interfaces, PL_KNOWN);
  get (machine, interfaces, &interfaces);
  g_assert (interfaces != NULL);
  for (guint i = 0; i < interfaces->len; i++)
    if (strcmp (((const struct pl_interface *) g_ptr_array_index (interfaces, i))->name, name) == 0)
      return g_ptr_array_index (interfaces, i);
  g_error ("no interface %s", name);
}

static void
test_interfaces (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/class\nnet/ "
      "|\n\tbonding_masters\n\tbond0\n\tbr0\n\teth0\n\teth1\n\teth2\n\teth3\n\tlo\n" INTERFACE (
          "eth0", "pci0000:00/0000:04:00.0", " = 1",
          "\tupper_bond0\n") INTERFACE ("eth1", "pci0000:00/0000:04:00.1", " ! EINVAL",
                                        "") INTERFACE ("eth2", "pci0000:00/0000:05:00.0/virtio3", " = 0", "")
          INTERFACE ("eth3", "pci0000:00/0000:06:00.0", " = x", "") INTERFACE ("bond0", "virtual", " = 1",
                                                                               "\tupper_br0\n")
              INTERFACE ("br0", "virtual", " = 1", "") INTERFACE (
                  "lo", "virtual", " = 1",
                  "") "@/proc/net\nroute |\n\tIface\tDestination\tGateway "
                      "\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n" ROUTE4 ("br0", "00000000",
                                                                                        "0003", "00000000")
                          ROUTE4 ("eth1", "0000FEA9", "0001", "0000FFFF") ROUTE4 ("eth3", "00000000", "0003",
                                                                                  "00000080")
                              ROUTE4 ("*", "00000000", "0201", "00000000") "ipv6_route |\n" ROUTE6 (
                                  "fe800000000000000000000000000000", "40", "00000001", "eth1")
                                  ROUTE6 ("00000000000000000000000000000000", "00", "00200200",
                                          "lo") "if_inet6 |\n\tfe800000000000000211223344556677 03 40 20 80  "
                                                "   eth1\n"
                                                "\t20010db8000000000211223344556677 05 40 00 80     eth2\n");
  const struct pl_interface *interface = find_interface (machine, "eth0");
  assert_owner (interface->has_owner, interface->owner, "0000:04:00.0");
  g_assert_cmpint (interface->carrier_state, ==, PL_KNOWN);
  g_assert_true (interface->carrier);
  g_autofree char *uppers = join_names (interface->uppers_state, interface->uppers);
  g_assert_cmpstr (uppers, ==, "bond0");
  g_assert_cmpint (interface->routes_state, ==, PL_KNOWN);
  g_assert_true (interface->has_route && interface->has_default_route);
  interface = find_interface (machine, "eth1");
  g_assert_cmpint (interface->carrier_state, ==, PL_INVALID);
  g_assert_false (interface->has_route || interface->has_default_route);
  interface = find_interface (machine, "eth2");
  assert_owner (interface->has_owner, interface->owner, "0000:05:00.0");
  g_assert_cmpint (interface->carrier_state, ==, PL_KNOWN);
  g_assert_false (interface->carrier);
  g_assert_true (interface->has_route);
  g_assert_false (interface->has_default_route);
  interface = find_interface (machine, "eth3");
  g_assert_cmpint (interface->carrier_state, ==, PL_INVALID);
  g_assert_true (interface->has_route);
  g_assert_false (interface->has_default_route);
  g_assert_false (find_interface (machine, "br0")->has_owner);
  pl_machine_free (machine);
}

static void
test_routes_unknown (void)
{
  static const struct {
    const char *tables;
    enum pl_state state;
  } rows[] = {
    { "@/proc/net\nroute |\nipv6_route |\nif_inet6 |\n", PL_KNOWN },
    { "@/proc/net\nroute |\nipv6_route -\nif_inet6 -\n", PL_KNOWN },
    { "@/proc/net\nroute |\nipv6_route |\n", PL_UNREAD },
    { "@/proc/net\nroute ! EACCES\nipv6_route |\nif_inet6 |\n", PL_DENIED },
    { "@/proc/net\nroute -\nipv6_route -\nif_inet6 -\n", PL_UNREAD },
    { "@/proc\nnet/ -\n", PL_UNREAD },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strconcat (
        "@/sys/class\nnet/ |\n\teth0\n" INTERFACE ("eth0", "pci0000:00/0000:04:00.0", " = 1", ""),
        rows[i].tables, NULL);
    struct pl_machine *machine = read_recorded (body);
    g_assert_cmpint (find_interface (machine, "eth0")->routes_state, ==, rows[i].state);
    pl_machine_free (machine);
  }

  /* What stands on the bond is not told: then nobody knows the routes of its port. Two that stand on each
   * other end. */
  struct pl_machine *machine
      = read_recorded ("@/sys/class\nnet/ |\n\tbond0\n\teth0\n\tx0\n\tx1\n" INTERFACE (
          "eth0", "pci0000:00/0000:04:00.0", " = 1",
          "\tupper_bond0\n") "@/sys/class/net\nbond0 -> "
                             "../../devices/virtual/net/bond0\n" INTERFACE ("x0", "virtual", " = 1",
                                                                            "\tupper_x1\n")
                                 INTERFACE (
                                     "x1", "virtual", " = 1",
                                     "\tupper_x0\n") "@/proc/net\nroute |\n" ROUTE4 ("x1", "00000000", "0003",
                                                                                     "00000000") NET_EMPTY);
  g_assert_cmpint (find_interface (machine, "bond0")->routes_state, ==, PL_UNREAD);
  g_assert_cmpint (find_interface (machine, "eth0")->routes_state, ==, PL_UNREAD);
  g_assert_true (find_interface (machine, "x0")->has_default_route);
  pl_machine_free (machine);
}

/* No address of the person's network may come into a recording. */
static void
test_no_addresses (void)
{
  struct pl_root *root = open_recorded (
      AS_ROOT, "@/proc/net\nroute |\n" ROUTE4 ("eth0", "00000000", "0003", "00000000")
                   ROUTE4 ("eth0", "0001A8C0", "0001", "00FFFFFF") "ipv6_route |\n" ROUTE6 (
                       "20010db8aaaa00000000000000000000", "40", "00000001", "eth0")
                       ROUTE6 ("00000000000000000000000000000000", "00", "00000003",
                               "eth0") "if_inet6 = 20010db8aaaa00000211223344556677 05 40 00 80     eth0\n");
  struct pl_machine *machine;
  GString *text = record_all (root, &machine);
  static const char *const hidden[] = { "A8C0", "db8", "0211223344556677", "fe80" };
  for (guint i = 0; i < G_N_ELEMENTS (hidden); i++)
    g_assert_null (strstr (text->str, hidden[i]));
  g_assert_nonnull (strstr (text->str, "0000000A"));
  g_string_free (text, TRUE);
  pl_machine_free (machine);
  pl_root_close (root);
}

#define CARD "../../devices/pci0000:00/0000:00:01.0/0000:09:00.0/drm/card0/"

static void
test_connectors (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/class\ndrm/ |\n\tcard0\n\tcard0-DP-1\n\tcard0-DP-2\n\tcard0-HDMI-A-1\n\tcard0-Writeback-1\n"
      "\tcard1-Unknown-1\n\trenderD128\n\tversion\n"
      "@/sys/class/drm\ncard0-DP-1 -> " CARD "card0-DP-1\ncard0-DP-2 -> " CARD
      "card0-DP-2\ncard0-HDMI-A-1 -> " CARD "card0-HDMI-A-1\n"
      "card1-Unknown-1 -> ../../devices/platform/x/drm/card1/card1-Unknown-1\n"
      "@/sys/class/drm/card0-DP-1\nstatus = connected\n@/sys/class/drm/card0-DP-2\nstatus = unknown\n"
      "@/sys/class/drm/card0-HDMI-A-1\nstatus = disconnected\n"
      "@/sys/class/drm/card1-Unknown-1\nstatus = perhaps\n");
  const struct pl_connector *connector = element (machine, connectors, pl_connector, 0, 4);
  assert_owner (connector->has_owner, connector->owner, "0000:09:00.0");
  g_assert_true (connector->is_connected);
  g_assert_cmpint (connector->status_state, ==, PL_KNOWN);
  connector = element (machine, connectors, pl_connector, 1, 4);
  g_assert_cmpint (connector->status_state, ==, PL_UNREAD);
  connector = element (machine, connectors, pl_connector, 2, 4);
  g_assert_cmpint (connector->status_state, ==, PL_KNOWN);
  g_assert_false (connector->is_connected);
  connector = element (machine, connectors, pl_connector, 3, 4);
  g_assert_cmpint (connector->status_state, ==, PL_INVALID);
  g_assert_false (connector->has_owner);
  pl_machine_free (machine);
}

static void
test_framebuffers (void)
{
  struct pl_machine *machine = read_recorded (
      "@/proc\niomem |\n\t00000000-00000fff : Reserved\n\te0000000-f01fffff : PCI Bus 0000:09\n"
      "\t  e0000000-efffffff : 0000:09:00.0\n\t    e0000000-e07e8fff : BOOTFB\n"
      "\t      e0000000-e07e8fff : simpledrm\n\tgarbage : BOOTFB\n\t2-1 : efifb\n");
  const struct pl_framebuffer *framebuffer = element (machine, framebuffers, pl_framebuffer, 0, 2);
  g_assert_cmpstr (framebuffer->name, ==, "BOOTFB");
  g_assert_cmphex (framebuffer->start, ==, 0xe0000000);
  g_assert_cmphex (framebuffer->end, ==, 0xe07e8fff);
  pl_machine_free (machine);

  machine = read_recorded_as (
      AS_USER, "@/proc\niomem |\n\t00000000-00000000 : Reserved\n\t  00000000-00000000 : BOOTFB\n");
  assert_state (machine, framebuffers, PL_DENIED);
  pl_machine_free (machine);
  machine = read_recorded ("@/proc\niomem |\n\t00000000-00000fff : Reserved\n");
  assert_state (machine, framebuffers, PL_KNOWN);
  pl_machine_free (machine);
}

#define USB "../../../devices/pci0000:00/0000:00:14.0/usb1/"
#define INPUT "../../devices/pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/0003:046D:C31C.0001/input/"
#define KEYS "10000 7 ff9f207ac14057ff ffbeffdfffefffff fffffffffffffffe"

static void
test_usb (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/bus/usb\ndevices/ |\n\t1-0:1.0\n\t1-4\n\t1-4.2\n\t1-4:1.0\n\tusb1\n"
      "@/sys/bus/usb/devices\n1-4 -> " USB "1-4\n1-4.2 -> " USB "1-4/1-4.2\n"
      "@/sys/bus/usb/devices/1-4\nproduct = USB Keyboard\n@/sys/bus/usb/devices/1-4.2\nproduct -\n"
      "@/sys/class\ninput/ |\n\tevent0\n\tinput0\n\tinput1\n\tinput2\n\tinput3\n\tinput4\n\tmice\n"
      "@/sys/class/input\ninput0 -> " INPUT "input0\ninput0/ |\n\tevent0\n"
      "input1 -> " INPUT "input1\ninput1/ |\n\tmouse0\n"
      "input2 -> ../../devices/platform/i8042/serio0/input/input2\ninput2/ |\n"
      "input3 -> ../../devices/pci0000:00/0000:00:14.0/usb1/1-14/1-14:1.0/bluetooth/hci0/hci0:256/"
      "0005:05AC:0269.0006/input/input3\ninput3/ |\n"
      "input4 -> ../../devices/pci0000:00/0000:09:00.1/sound/card1/input4\ninput4/ |\n"
      "@/sys/class/input/input0\nname = Logitech K120\n@/sys/class/input/input0/capabilities\nkey = " KEYS
      "\nrel = 0\n"
      "@/sys/class/input/input1\nname = Logitech M100\n@/sys/class/input/input1/capabilities\nkey = 1f0000 0 "
      "0 0 0\n"
      "rel = 903\n"
      "@/sys/class/input/input2/capabilities\nkey = 402000000 3803078f800d001 feffffdfffefffff "
      "fffffffffffffffe\n"
      "rel = 0\n"
      "@/sys/class/input/input3\nname = Alice's mouse\n@/sys/class/input/input3/capabilities\nkey = 70000 0 "
      "0 0 0 0 0 0 0\n"
      "rel = 3\n"
      "@/sys/class/input/input4\nname = HDA HDMI\n@/sys/class/input/input4/capabilities\nkey = what\nrel = "
      "0\n");
  const struct pl_usb_device *device = element (machine, usb_devices, pl_usb_device, 0, 2);
  g_assert_cmpstr (device->name, ==, "1-4");
  g_assert_cmpstr (device->product, ==, "USB Keyboard");
  assert_owner (device->has_owner, device->owner, "0000:00:14.0");
  g_assert_null (element (machine, usb_devices, pl_usb_device, 1, 2)->product);

  const struct pl_input *input = element (machine, inputs, pl_input, 0, 5);
  g_assert_cmpstr (input->label, ==, "Logitech K120");
  assert_owner (input->has_owner, input->owner, "0000:00:14.0");
  g_assert_true (input->is_usb && input->is_keyboard && !input->is_mouse);
  g_assert_cmpint (input->keys_state, ==, PL_KNOWN);
  input = element (machine, inputs, pl_input, 1, 5);
  g_assert_true (!input->is_keyboard && input->is_mouse);
  input = element (machine, inputs, pl_input, 2, 5);
  g_assert_true (!input->has_owner && !input->is_usb && input->is_keyboard);
  input = element (machine, inputs, pl_input, 3, 5);
  g_assert_null (input->label);
  g_assert_true (input->has_owner && input->is_mouse);
  input = element (machine, inputs, pl_input, 4, 5);
  g_assert_cmpint (input->keys_state, ==, PL_INVALID);
  g_assert_false (input->is_usb);
  pl_machine_free (machine);
}

#define PROC "@/\nproc/ |\n\t1\n\t4711\n\t80\n\tcpuinfo\n\tself\n"
#define HOLDS_NOTHING(process) "@/proc/" process "\nfd/ |\n\t0\n@/proc/" process "/fd\n0 -> /dev/null\n"
#define HOLDS                                                                                            \
  "@/proc/4711\ncomm = qemu-system-x86\nfd/ |\n\t0\n\t12\n\t13\n\t14\n"                                  \
  "@/proc/4711/fd\n0 -> socket:[1]\n12 -> /dev/vfio/18\n13 -> /dev/vfio/18\n14 -> /dev/dri/renderD128\n" \
  "@/sys/class/drm\nrenderD128 -> ../../devices/pci0000:00/0000:09:00.0/drm/renderD128\n"

static void
test_holders (void)
{
  struct pl_machine *machine = read_recorded (PROC HOLDS HOLDS_NOTHING ("1") HOLDS_NOTHING ("80"));
  const struct pl_holder *holder = element (machine, holders, pl_holder, 0, 2);
  g_assert_cmpuint (holder->pid, ==, 4711);
  g_assert_cmpstr (holder->command, ==, "qemu-system-x86");
  g_assert_cmpstr (holder->node, ==, "/dev/dri/renderD128");
  assert_owner (holder->has_owner, holder->owner, "0000:09:00.0");
  holder = element (machine, holders, pl_holder, 1, 2);
  g_assert_cmpstr (holder->node, ==, "/dev/vfio/18");
  g_assert_false (holder->has_owner);
  pl_machine_free (machine);

  machine = read_recorded (
      "@/\nproc/ |\n\t7\n@/proc/7\ncomm = Xorg\nfd/ |\n\t3\n\t4\n\t5\n"
      "@/proc/7/fd\n3 -> /dev/nvidia1\n4 -> /dev/nvidiactl\n5 -> /dev/vfio/devices/vfio0\n"
      "@/proc/driver/nvidia\ngpus/ |\n\t0000:01:00.0\n\t0000:02:00.0\n"
      "@/proc/driver/nvidia/gpus/0000:01:00.0\ninformation |\n\tGPU UUID: x\n\tDevice Minor: \t 0\n"
      "@/proc/driver/nvidia/gpus/0000:02:00.0\ninformation |\n\tDevice Minor: \t 1\n"
      "@/sys/class/vfio-dev\nvfio0 -> ../../devices/pci0000:00/0000:09:00.1/vfio-dev/vfio0\n");
  holder = element (machine, holders, pl_holder, 0, 3);
  assert_owner (holder->has_owner, holder->owner, "0000:02:00.0");
  g_assert_false (element (machine, holders, pl_holder, 1, 3)->has_owner);
  holder = element (machine, holders, pl_holder, 2, 3);
  assert_owner (holder->has_owner, holder->owner, "0000:09:00.1");
  pl_machine_free (machine);

  static const struct {
    const char *host, *body;
    enum pl_state state;
  } rows[] = {
    { AS_ROOT, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80") HOLDS_NOTHING ("4711"), PL_KNOWN },
    { AS_USER, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80") HOLDS_NOTHING ("4711"), PL_DENIED },
    { AS_USER, PROC "@/proc/1\nfd/ ! EACCES\n" HOLDS_NOTHING ("80") HOLDS, PL_KNOWN },
    { AS_ROOT, PROC "@/proc/1\nfd/ ! EACCES\n" HOLDS_NOTHING ("80") HOLDS, PL_DENIED },
    { AS_ROOT, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80") "@/proc/4711\nfd/ ! ENOENT\n", PL_KNOWN },
    { AS_ROOT, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80") "@/proc/4711\nfd/ ! ESRCH\n", PL_KNOWN },
    { AS_ROOT, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80"), PL_UNREAD },
    { AS_ROOT, PROC HOLDS_NOTHING ("1") HOLDS_NOTHING ("80") "@/proc/4711\nfd/ |\n\t3\n", PL_UNREAD },
    { AS_ROOT, "@/\nproc/ |\n", PL_KNOWN },
    { AS_ROOT, "", PL_UNREAD },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    machine = read_recorded_as (rows[i].host, rows[i].body);
    assert_state (machine, holders, rows[i].state);
    pl_machine_free (machine);
  }
}

/* Only who holds a node stands in a recording. */
static void
test_holders_recorded (void)
{
  struct pl_root *root = open_recorded (AS_ROOT, PROC HOLDS HOLDS_NOTHING ("1") HOLDS_NOTHING ("80"));
  struct pl_machine *machine;
  GString *text = record_all (root, &machine);
  g_assert_nonnull (strstr (text->str, "proc/ |\n\t4711\n@"));
  g_assert_nonnull (strstr (text->str, "fd/ |\n\t12\n\t14\n@/proc/4711/fd\n12 -> /dev/vfio/18\n14 -> "));
  g_assert_null (strstr (text->str, "socket"));
  g_assert_null (strstr (text->str, "@/proc/80"));
  g_string_free (text, TRUE);
  pl_machine_free (machine);
  pl_root_close (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/readers/blocks", test_blocks);
  g_test_add_func ("/readers/multipath", test_multipath);
  g_test_add_func ("/readers/mounts", test_mounts);
  g_test_add_func ("/readers/swaps", test_swaps);
  g_test_add_func ("/readers/interfaces", test_interfaces);
  g_test_add_func ("/readers/routes-unknown", test_routes_unknown);
  g_test_add_func ("/readers/no-addresses", test_no_addresses);
  g_test_add_func ("/readers/connectors", test_connectors);
  g_test_add_func ("/readers/framebuffers", test_framebuffers);
  g_test_add_func ("/readers/usb", test_usb);
  g_test_add_func ("/readers/holders", test_holders);
  g_test_add_func ("/readers/holders-recorded", test_holders_recorded);
  return g_test_run ();
}
