/* test_paste.c - pasted text: every shape that people post, each as a text of our own and what is to be found
 * in it.
 *
 * What is found is written down as one line a function, each fact with a letter before it:
 *
 *     0000:09:00.0 g18 c0300 p00 i1002:731f s1043:04e8 rca dvfio-pci mamdgpu,radeon n1
 *
 * group, class, programming interface, ids, subsystem, revision, driver, modules, NUMA node. What is not
 * known is left out; what is known to be none is "-".
 */
#include "base/error.h"
#include "machine/paste/paste.h"

#include <string.h>

static const char class_names[] = "0000  none\n"
                                  "C 01  Mass storage controller\n"
                                  "\t06  SATA controller\n"
                                  "\t08  Non-Volatile memory controller\n"
                                  "C 03  Display controller\n"
                                  "\t00  VGA compatible controller\n"
                                  "\t02  3D controller\n"
                                  "\t80  Display controller\n"
                                  "C 04  Multimedia controller\n"
                                  "\t03  Audio device\n"
                                  "C 06  Bridge\n"
                                  "\t00  Host bridge\n"
                                  "\t01  ISA bridge\n"
                                  "\t04  PCI bridge\n"
                                  "\t80  Bridge\n"
                                  "C 08  Generic system peripheral\n"
                                  "\t06  IOMMU\n"
                                  "\t80  System peripheral\n"
                                  "C 0c  Serial bus controller\n"
                                  "\t03  USB controller\n";

static struct pl_machine *
read_text (const char *text, gsize size, GError **error)
{
  g_autoptr (GBytes) names = g_bytes_new_static (class_names, sizeof class_names - 1);
  struct pl_machine *machine = pl_machine_new (PL_SOURCE_TEXT, "text", pl_names_new_for_text (names));
  if (pl_paste_read (machine, "text", text, size, error))
    return machine;
  pl_machine_free (machine);
  return NULL;
}

static void
add_pair (GString *out, char letter, const struct pl_device *device, enum pl_device_fact first, guint16 high,
          enum pl_device_fact second, guint16 low)
{
  bool has_high = pl_device_state (device, first) == PL_KNOWN,
       has_low = pl_device_state (device, second) == PL_KNOWN;
  if (!has_high && !has_low)
    return;
  g_string_append_printf (out, " %c", letter);
  g_string_append_printf (out, has_high ? "%04x" : "?", high);
  g_string_append_printf (out, has_low ? ":%04x" : ":?", low);
}

static void
add_function (GString *out, const struct pl_device *device)
{
  char address[PL_ADDRESS_SIZE];
  gint32 group;
  guint16 class, high = 0, low = 0;
  guint8 byte;
  gint64 node;
  const char *driver;
  const GPtrArray *modules;
  g_string_append (out, pl_address_format (device->address, address));
  enum pl_state state = pl_device_get_group (device, &group);
  if (state == PL_KNOWN)
    g_string_append_printf (out, " g%d", group);
  else if (state == PL_ABSENT)
    g_string_append (out, " g-");
  if (pl_device_get_class (device, &class) == PL_KNOWN)
    g_string_append_printf (out, " c%04x", class);
  if (pl_device_get_prog_if (device, &byte) == PL_KNOWN)
    g_string_append_printf (out, " p%02x", byte);
  (void) pl_device_get_vendor (device, &high);
  (void) pl_device_get_device (device, &low);
  add_pair (out, 'i', device, PL_DEVICE_vendor, high, PL_DEVICE_device, low);
  (void) pl_device_get_subsystem_vendor (device, &high);
  (void) pl_device_get_subsystem_device (device, &low);
  add_pair (out, 's', device, PL_DEVICE_subsystem_vendor, high, PL_DEVICE_subsystem_device, low);
  if (pl_device_get_revision (device, &byte) == PL_KNOWN)
    g_string_append_printf (out, " r%02x", byte);
  state = pl_device_get_driver (device, &driver);
  if (state == PL_KNOWN)
    g_string_append_printf (out, " d%s", driver);
  else if (state == PL_ABSENT)
    g_string_append (out, " d-");
  if (pl_device_get_modules (device, &modules) == PL_KNOWN)
    for (guint i = 0; i < modules->len; i++)
      g_string_append_printf (out, "%s%s", i == 0 ? " m" : ",",
                              (const char *) g_ptr_array_index (modules, i));
  if (pl_device_get_numa_node (device, &node) == PL_KNOWN)
    g_string_append_printf (out, " n%d", (int) node);
  g_string_append_c (out, '\n');
}

static char *
list_functions (const struct pl_machine *machine)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++)
    add_function (out, pl_machine_device (machine, i));
  return g_string_free (out, FALSE);
}

#define HOST " Host bridge [0600]: Acme Root [1022:1480]"
#define VGA "VGA compatible controller [0300]: Acme [ACM/ATI] Card [Super 1/2] [1002:731f] (rev ca)"

/* One row for each shape of the list that the collection of real machines comes with, and for what else was
 * met. */
static const struct row {
  const char *name;
  const char *text;
  const char *found;
} rows[] = {
  { "script", "IOMMU Group 0:\n\t00:01.0" HOST "\nIOMMU Group 18:\n\t09:00.0 " VGA "\n",
    "0000:00:01.0 g0 c0600 i1022:1480 r00\n0000:09:00.0 g18 c0300 i1002:731f rca\n" },
  { "one-line", "IOMMU Group 10 09:00.0 " VGA "\nIOMMU Group 2 00:01.0" HOST "\n",
    "0000:00:01.0 g2 c0600 i1022:1480 r00\n0000:09:00.0 g10 c0300 i1002:731f rca\n" },
  { "colours",
    "\033[22;31mIOMMU group 17\033[0m\n\t\033[22;34m03:00.1 Audio device [0403]: Acme Sound "
    "[1002:ab38]\033[0m\n"
    "\t\033[22;36m\tDriver: snd_hda_intel\033[0m\n\t\t\033[22;36mUsb bus:\033[0m\n"
    "\t\t\033[22;32m\tBus 004 Device 001: ID 1d6b:0001 Acme root hub\033[0m\n"
    "\t\033[22;34m03:00.2" HOST "\033[0m\n\t\033[22;36m\tDriver: none\033[0m\n",
    "0000:03:00.1 g17 c0403 i1002:ab38 r00 dsnd_hda_intel\n0000:03:00.2 g17 c0600 i1022:1480 r00 d-\n" },
  { "colours-without-escape",
    "[22;31mIOMMU group 7[0m\n\t[22;34m03:00.1 Audio device [0403]: Acme Sound [1002:ab38][0m\n",
    "0000:03:00.1 g7 c0403 i1002:ab38 r00\n" },
  { "no-break-blanks",
    "00:02.0\u00a0VGA\u00a0compatible\u00a0controller\u00a0[0300]:\u00a0Acme\u00a0Thing\u00a0[8086:0a16]"
    "\u00a0(rev\u00a0"
    "0b)\n\u00a0\u00a0\u00a0\u00a0Subsystem:\u00a0Acme\u00a0[1028:0651]\n"
    "\u00a0\u00a0\u00a0\u00a0Kernel\u00a0driver\u00a0in\u00a0use:\u00a0i915\n"
    ">>>> [\u00a0\u00a0\u00a0 1.607459] pci 0001:01:00.0: Adding to iommu group 3\n",
    "0000:00:02.0 c0300 i8086:0a16 s1028:0651 r0b di915\n0001:01:00.0 g3\n" },
  { "tree",
    ".\n├── 14\n│   ├── 08:00.0 VGA compatible controller [0300]: Acme [10de:1b80] (rev a1)\n"
    "│   └── 08:00.1 Audio device [0403]: Acme [10de:10f0] (rev a1)\n└── 15\n    └── 09:00.0" HOST "\n",
    "0000:08:00.0 g14 c0300 i10de:1b80 ra1\n0000:08:00.1 g14 c0403 i10de:10f0 ra1\n"
    "0000:09:00.0 g15 c0600 i1022:1480 r00\n" },
  { "tree-ascii",
    "|-- 14\n|   |-- 08:00.0 VGA compatible controller [0300]: Acme [10de:1b80] (rev a1)\n`-- 15\n    `-- "
    "09:00.0" HOST "\n",
    "0000:08:00.0 g14 c0300 i10de:1b80 ra1\n0000:09:00.0 g15 c0600 i1022:1480 r00\n" },
  { "tree-of-sysfs",
    "/sys/kernel/iommu_groups\n├── 7\n│   ├── devices\n│   │   └── 0000:00:1c.6 -> "
    "../../../../devices/pci0000:00/0000:00:1c.6\n│   ├── reserved_regions\n│   └── type\n└── 8\n    └── "
    "devices\n"
    "        └── 0000:00:1c.7 -> ../../../../devices/pci0000:00/0000:00:1c.7\n",
    "0000:00:1c.6 g7\n0000:00:1c.7 g8\n" },
  { "ids-first",
    "Group 0:\t[1022:14da]     00:01.0  Host bridge                              Device 14da\n"
    "Group 3:\t[8086:43ed] [R] 00:14.0  USB controller                           Acme USB 3.2\n"
    "USB:\t\t[1d6b:0002]\t\t Bus 001 Device 001                       Acme root hub\n"
    "\t\t[8086:43ef]     00:14.2  Audio device                             Acme Sound\n",
    "0000:00:01.0 g0 c0600 i1022:14da\n0000:00:14.0 g3 c0c03 i8086:43ed\n0000:00:14.2 g3 c0403 "
    "i8086:43ef\n" },
  { "reset-flag",
    "IOMMU group 19\n[RESET]\t01:00.0 PCI bridge [0604]: Acme Port [1002:1478] (rev c1)\n"
    "\t01:00.1 Audio device [0403]: Acme [1002:ab28]\n",
    "0000:01:00.0 g19 c0604 i1002:1478 rc1\n0000:01:00.1 g19 c0403 i1002:ab28 r00\n" },
  { "upper-case-and-number-again",
    "IOMMU GROUP 9\n (9) 00:01.0" HOST "\nIOMMU GROUP 10\n (10) 00:14.0" HOST " (rev 71)\n (10) 00:14.3" HOST
    "\n",
    "0000:00:01.0 g9 c0600 i1022:1480 r00\n0000:00:14.0 g10 c0600 i1022:1480 r71\n"
    "0000:00:14.3 g10 c0600 i1022:1480 r00\n" },
  { "echo-e",
    "IOMMU Group 1:\n-e \t00:01.0 PCI bridge [0604]: Acme [8086:1901] (rev 07)\n-e \t01:00.0 " VGA "\n",
    "0000:00:01.0 g1 c0604 i8086:1901 r07\n0000:01:00.0 g1 c0300 i1002:731f rca\n" },
  { "hashes",
    "### Group 17 ###\n    0b:00.0 Acme GP104 [GeForce]\n    0b:00.1 Acme High Definition...\n\n### Group 3 "
    "###\n"
    "    00:01.0 Host bridge\n",
    "0000:00:01.0 g3 c0600\n0000:0b:00.0 g17\n0000:0b:00.1 g17\n" },
  { "under-the-unit",
    "IOMMU: dmar0\n  IOMMU Group: 50\n    Group Device: 0000:97:00.4 - System peripheral [0880]: Acme DSA "
    "[8086:0b25]\n"
    "    Group Device: 0000:97:00.5 - System peripheral [0880]: Acme DSA [8086:0b26] (rev 01)\nIOMMU: dmar1\n"
    "  IOMMU Group: 51\n    Group Device: 0001:98:00.0 - " VGA "\n",
    "0000:97:00.4 g50 c0880 i8086:0b25 r00\n0000:97:00.5 g50 c0880 i8086:0b26 r01\n"
    "0001:98:00.0 g51 c0300 i1002:731f rca\n" },
  { "star-and-blank-before-colon",
    "  *IOMMU Group 11 :\n\t00:1c.0 PCI bridge: Acme Corporation Device a110 (rev f1)\n",
    "0000:00:1c.0 g11 c0604 i?:a110 rf1\n" },
  { "lspci-PP",
    "IOMMU group 12\n    0000:00:1c.3/08:00.0/09:01.0/0a:00.0 USB controller [0c03]: Acme [1b21:1242]\n"
    "        ACSCap: SrcValid+ TransBlk+\n        ACSCtl: SrcValid+\n    0000:00:1c.4 PCI bridge [0604]: "
    "Acme "
    "[8086:7abc] (rev 11)\n",
    "0000:00:1c.4 g12 c0604 i8086:7abc r11\n0000:0a:00.0 g12 c0c03 i1b21:1242 r00\n" },
  { "lspci-P-tells-no-bus",
    "00:01.0/00.0 VGA compatible controller [0300]: Acme [10de:1b80] (rev a1)\n01:00.0" HOST "\n",
    "0000:01:00.0 c0600 i1022:1480 r00\n" },
  { "quoted-mail",
    "On Monday somebody wrote:\n> >> 00:00.0" HOST " (rev 07)\n> >> \tKernel driver in use: skl_uncore\n> >\n"
    "> > Fine.\n>[    4.4] pci 0000:00:01.0: Adding to iommu group 1\n",
    "0000:00:00.0 c0600 i1022:1480 r07 dskl_uncore\n0000:00:01.0 g1\n" },
  { "shell-comments", "# IOMMU Group 0:\n# \t00:00.0" HOST "\n# IOMMU Group 1:\n# \t00:01.0" HOST "\n",
    "0000:00:00.0 g0 c0600 i1022:1480 r00\n0000:00:01.0 g1 c0600 i1022:1480 r00\n" },
  { "html",
    "<pre style=\"margin: 0px\"><code>IOMMU Group 0:\n        00:00.0" HOST
    "\n        <strong>01:00.0 VGA compatible "
    "controller [0300]: Acme &amp; Sons &lt;x&gt; [10de:1c03] (rev a1)</strong>\nIOMMU&nbsp;Group&#32;2:<br/>"
    "&nbsp;&nbsp;01:00.1 Audio device [0403]: Acme [10de:10f1] (rev a1)<br>\n</code></pre>",
    "0000:00:00.0 g0 c0600 i1022:1480 r00\n0000:01:00.0 g0 c0300 i10de:1c03 ra1\n0000:01:00.1 g2 c0403 "
    "i10de:10f1 ra1\n" },
  { "html-one-physical-line", "<p>IOMMU Group 1<br>00:01.0" HOST "<br>IOMMU Group 2<br>00:02.0" HOST "</p>",
    "0000:00:01.0 g1 c0600 i1022:1480 r00\n0000:00:02.0 g2 c0600 i1022:1480 r00\n" },
  { "pci-domains",
    "[    1.0] pci 0000:f0:0b.0: Adding to iommu group 1\n[    1.0] pci 000c:01:00.0: Adding to iommu group "
    "2\n"
    "[    1.0] pci 0033:01:00.0: Adding to iommu group 3\n2000:01:00.0" HOST
    "\n10000:e1:00.0 Non-Volatile memory "
    "controller [0108]: Acme [8086:f1a8] (rev 03)\n",
    "0000:f0:0b.0 g1\n000c:01:00.0 g2\n0033:01:00.0 g3\n2000:01:00.0 c0600 i1022:1480 r00\n"
    "10000:e1:00.0 c0108 i8086:f1a8 r03\n" },
  { "upper-case-digits", "0001:C0:00.0 PCI bridge [0604]: Device [1F6C:0001]\n",
    "0001:c0:00.0 c0604 i1f6c:0001 r00\n" },
  { "pci-domain-in-listing",
    "IOMMU Group 4:\n\t0000:09:00.0 " VGA "\n\n09:00.0 " VGA "\n\tKernel driver in use: amdgpu\n",
    "0000:09:00.0 g4 c0300 i1002:731f rca damdgpu\n" },
  { "log-stamps",
    "[    1.085193] pci 0000:00:01.0: Adding to iommu group 1\n pci 0000:00:02.0: Adding to iommu group 2\n"
    "[    0.805625] [      T1] pci 0000:00:03.0: Adding to iommu group 3\n"
    "[    0.908585] kernel: pci 0000:00:04.0: Adding to iommu group 4\n"
    "[Fri May  1 09:46:35 2026] pci 0000:00:05.0: Adding to iommu group 5\n"
    "Jun 29 18:28:41 host kernel: pci 0000:00:06.0: Adding to iommu group 6\n"
    "jan 13 14:17:13 localhost kernel: [    0.5] pci 0000:00:07.0: Adding to iommu group 7\n"
    "2026-05-01T09:46:35.123456+02:00 host kernel: pci 0000:00:08.0: Adding to iommu group 8\n"
    "<6>[    0.9] pci 0000:00:09.0: Adding to iommu group 9\n",
    "0000:00:01.0 g1\n0000:00:02.0 g2\n0000:00:03.0 g3\n0000:00:04.0 g4\n0000:00:05.0 g5\n0000:00:06.0 g6\n"
    "0000:00:07.0 g7\n0000:00:08.0 g8\n0000:00:09.0 g9\n" },
  { "log-subjects",
    "[    1.0] pcieport 0002:f8:00.0: Adding to iommu group 1\n[    1.0] platform 54200000.dc: Adding to "
    "iommu group 2\n"
    "[    1.0] hisi_sas_v2_hw HISI0162:01: Adding to iommu group 0\n[    1.0] fsl_mc_dprc dprc.1: Adding to "
    "iommu "
    "group 0\n[    1.0] iommu: Adding device 0000:00:00.0 to group 0\n[    1.0] iommu: Adding device 54.mmc "
    "to group 4\n",
    "0000:00:00.0 g0\n0002:f8:00.0 g1\n" },
  { "virtual-functions-leave",
    "[  1.0] pci 0000:81:00.2: [15b3:101a] type 00 class 0x020000\n[  1.0] pci 0000:81:00.2: Adding to iommu "
    "group 52\n"
    "[  2.0] pci 0000:81:00.2: Removing from iommu group 52\n[  3.0] pci 0000:81:00.2: Failed to add to "
    "iommu group 52: "
    "-16\n",
    "0000:81:00.2 g- c0200 p00 i15b3:101a\n" },
  { "virtual-functions-return",
    "[  1.0] pci 0000:81:00.2: Adding to iommu group 52\n[  2.0] pci 0000:81:00.2: Removing from iommu group "
    "52\n"
    "[  3.0] pci 0000:81:00.2: Adding to iommu group 53\n",
    "0000:81:00.2 g53\n" },
  { "log-lines-run-together",
    "[    1.0] pci 0000:24:00.2: Using iomm  24.962894] pci 0000:24:00.3: Adding to iommu group 42\n",
    "0000:24:00.2\n0000:24:00.3 g42\n" },
  { "group-in-flags",
    "03:00.0 " VGA
    " (prog-if 00 [VGA controller])\n\tSubsystem: Acme NITRO+ [1da2:e471]\n\tFlags: bus master, fast "
    "devsel, latency 0, IRQ 186, IOMMU group 15\n\tKernel driver in use: amdgpu\n\tKernel modules: amdgpu, "
    "radeon\n",
    "0000:03:00.0 g15 c0300 p00 i1002:731f s1da2:e471 rca damdgpu mamdgpu,radeon\n" },
  { "group-below",
    "00:00.0" HOST
    "\n\tControl: I/O+ Mem+\n\tIOMMU group: 2\n\tNUMA node: 1\n\tKernel driver in use: acme\n\n"
    "00:01.0" HOST "\n\tControl: I/O+\n\tIOMMU group: 3\n",
    "0000:00:00.0 g2 c0600 i1022:1480 r00 dacme n1\n0000:00:01.0 g3 c0600 i1022:1480 r00 d-\n" },
  { "sysfs-links",
    "/sys/kernel/iommu_groups/7/devices/0000:00:1c.6\n"
    "lrwxrwxrwx 1 root root 0 May  1 10:00 /sys/bus/pci/devices/0000:01:00.0/iommu_group -> "
    "../../../../kernel/iommu_groups/16\n"
    "/sys/kernel/iommu_groups/8/devices:\n0000:00:1d.0  0000:00:1d.1\n\n/sys/kernel/iommu_groups/9/devices:\n"
    "0000:00:1f.0\n",
    "0000:00:1c.6 g7\n0000:00:1d.0 g8\n0000:00:1d.1 g8\n0000:00:1f.0 g9\n0000:01:00.0 g16\n" },
  { "numbers-only",
    "00:00.0 0600: 8086:1237 (rev 02)\n\tSubsystem: 1af4:1100\n\n00:01.1 0101: 8086:7010 (prog-if 80 "
    "[Master])\n"
    "\tKernel driver in use: ata_piix\n00:02.0 Class 0300: 1013:00b8\n",
    "0000:00:00.0 c0600 i8086:1237 s1af4:1100 r02 d-\n0000:00:01.1 c0101 p80 i8086:7010 r00 data_piix\n"
    "0000:00:02.0 c0300 i1013:00b8 r00\n" },
  { "table-without-class",
    "01:00.0 VGA compatible controller [10de:1f06]\n01:00.1 Audio device              [10de:10f9]\n",
    "0000:01:00.0 c0300 i10de:1f06\n0000:01:00.1 c0403 i10de:10f9\n" },
  { "padded-and-carriage-returns",
    "IOMMU Group 1:          \r\n        00:01.0" HOST
    "        \r\n\r\nIOMMU Group 2:          \r\n        00:02.0" HOST "     \r\n",
    "0000:00:01.0 g1 c0600 i1022:1480 r00\n0000:00:02.0 g2 c0600 i1022:1480 r00\n" },
  { "blank-line-between-members",
    "IOMMU Group 8:\n\t00:1c.0" HOST "\n\n\t06:00.0" HOST "\n\nIOMMU Group 9:\n\n\t00:1f.0" HOST "\n",
    "0000:00:1c.0 g8 c0600 i1022:1480 r00\n0000:00:1f.0 g9 c0600 i1022:1480 r00\n0000:06:00.0 g8 c0600 "
    "i1022:1480 r00\n" },
  { "flush-left",
    "IOMMU Group 1:\n00:01.0" HOST "\n00:01.1" HOST "\nIOMMU Group 2:\n00:02.0" HOST "\n\n03:00.0" HOST "\n",
    "0000:00:01.0 g1 c0600 i1022:1480 r00\n0000:00:01.1 g1 c0600 i1022:1480 r00\n0000:00:02.0 g2 c0600 "
    "i1022:1480 r00\n"
    "0000:03:00.0 c0600 i1022:1480 r00\n" },
  { "cut-window",
    "\t06:00.1" HOST "\nIOMMU Group 16:\n\t07:00.0" HOST "\n--\n\t08:00.0" HOST
    "\nIOMMU Group 18:\n\t09:00.0" HOST "\n",
    "0000:06:00.1 c0600 i1022:1480 r00\n0000:07:00.0 g16 c0600 i1022:1480 r00\n0000:08:00.0 c0600 i1022:1480 "
    "r00\n"
    "0000:09:00.0 g18 c0600 i1022:1480 r00\n" },
  { "pcilib-between",
    "00:08.0" HOST
    "\npcilib: Error reading /sys/bus/pci/devices/0000:00:08.3/label: Operation not permitted\n"
    "\tKernel driver in use: acme\n",
    "0000:00:08.0 c0600 i1022:1480 r00 dacme\n" },
  { "brackets-in-names",
    "00:07.1 PCI bridge [0604]: Acme, Inc. [AMD] Internal Bridge 0 to bus[E:B] [1022:1484]\n"
    "00:17.0 SATA controller [0106]: Acme [AHCI mode] Range [6:0] [Coffee Lake S] [8086:a352] (rev 10) "
    "(prog-if 01 "
    "[AHCI 1.0])\n",
    "0000:00:07.1 c0604 i1022:1484 r00\n0000:00:17.0 c0106 p01 i8086:a352 r10\n" },
  { "device-without-brackets",
    "00:00.0 Host bridge: Acme Corporation Device 461c (rev 04)\n00:01.0 Host bridge: Acme Corporation Real "
    "Name\n",
    "0000:00:00.0 c0600 i?:461c r04\n0000:00:01.0 c0600\n" },
  { "other-displays",
    "61:00.0 3D controller [0302]: Acme [10de:26b9] (rev a1)\n00:02.0 Display controller: Acme (rev 0c)\n",
    "0000:00:02.0 c0380 r0c\n0000:61:00.0 c0302 i10de:26b9 ra1\n" },
  { "hexdump",
    "00:00.0" HOST "\n00: 86 80 40 2a 06 00 90 20 07 00 00 06 00 00 00 00\n10: 00 00 00 00 00 00 00 00\n\n"
    "00:01.0" HOST "\n00: 86 80 41 2a\n",
    "0000:00:00.0 c0600 i1022:1480 r00\n0000:00:01.0 c0600 i1022:1480 r00\n" },
  { "drivers",
    "00:01.0" HOST
    "\n00:02.0 PCI bridge [0604]: Acme [1022:1483]\n\tSubsystem: Acme [1043:8747]\n09:00.0 " VGA "\n"
    "\tSubsystem: Acme [1043:04e8]\n\tKernel driver in use: vfio-pci\n\tKernel modules: amdgpu\n",
    "0000:00:01.0 c0600 i1022:1480 r00\n0000:00:02.0 c0604 i1022:1483 s1043:8747 r00 d-\n"
    "0000:09:00.0 c0300 i1002:731f s1043:04e8 rca dvfio-pci mamdgpu\n" },
  { "no-driver-line-anywhere", "09:00.0 " VGA "\n\tSubsystem: Acme [1043:04e8]\n",
    "0000:09:00.0 c0300 i1002:731f s1043:04e8 rca\n" },
  { "grep-cut-the-driver",
    "09:00.0 " VGA "\n\tSubsystem: Acme [1043:04e8]\n--\n0a:00.0 " VGA "\n\tKernel driver in use: amdgpu\n",
    "0000:09:00.0 c0300 i1002:731f s1043:04e8 rca\n0000:0a:00.0 c0300 i1002:731f rca damdgpu\n" },
  { "line-of-its-function-missing",
    "28:00.0 USB controller [0c03]: Acme [1912:0014] (rev 03)\n\tSubsystem: Acme [1912:0014]\n\tKernel "
    "driver in use: "
    "xhci_hcd\n\tKernel modules: xhci_pci\n\tSubsystem: Other [3842:6593]\n\tKernel driver in use: nvidia\n",
    "0000:28:00.0 c0c03 i1912:0014 s1912:0014 r03 dxhci_hcd mxhci_pci\n" },
  { "bridge-subsystem-in-capability",
    "00:1c.0 PCI bridge [0604]: Acme [8086:9c10]\n\tCapabilities: [90] Subsystem: Dell Device [1028:0651]\n",
    "0000:00:1c.0 c0604 i8086:9c10 s1028:0651 r00\n" },
  { "lspci-mm",
    "09:00.0 \"VGA compatible controller [0300]\" \"Acme [1002]\" \"Card [731f]\" -rca \"Other [1043]\" "
    "\"Device [04e8]\"\n"
    "0a:00.0 \"Audio device\" \"Acme\" \"Sound\" \"\" \"\"\n",
    "0000:09:00.0 c0300 i1002:731f rca\n0000:0a:00.0 c0403\n" },
  { "group-behind-address", "Bus 2 --> 0000:00:1d.0 (IOMMU group 46)\n01:00.0 " VGA " [IOMMU group 5]\n",
    "0000:00:1d.0 g46\n0000:01:00.0 g5 c0300 i1002:731f rca\n" },
  { "prose",
    "My card is **09:00.0** and its sound 09:00.1; they are in IOMMU group 18 and 19. It took 10:15.3 "
    "minutes.\n"
    "echo 0000:0c:00.0 > /sys/bus/pci/drivers/vfio-pci/bind\n-device vfio-pci,host=0d:00.0\n"
    "sh-5.1# lspci -k -s 61:00.0\n0e:00.0 is what I want\n`0f:00.0`\n\n00:01.0" HOST "\n",
    "0000:00:01.0 c0600 i1022:1480 r00\n" },
  { "header-with-a-word",
    "IOMMU Group 18: my card\n\t09:00.0 " VGA "\nAnd now all others:\n00:01.0" HOST "\n",
    "0000:00:01.0 c0600 i1022:1480 r00\n0000:09:00.0 g18 c0300 i1002:731f rca\n" },
  { "list-without-headers-behind",
    "IOMMU Group 35:\n\t41:00.0" HOST "\n    00:1d.0" HOST "\n    00:1e.0" HOST "\n",
    "0000:00:1d.0 c0600 i1022:1480 r00\n0000:00:1e.0 c0600 i1022:1480 r00\n0000:41:00.0 g35 c0600 i1022:1480 "
    "r00\n" },
  { "fences", "```\nIOMMU Group 1:\n\t00:01.0" HOST "\n```\nthen\n```\n\t00:02.0" HOST "\n```\n",
    "0000:00:01.0 g1 c0600 i1022:1480 r00\n0000:00:02.0 c0600 i1022:1480 r00\n" },
  { "iommu-is-no-group", "00:00.2 IOMMU [0806]: Acme, Inc. IOMMU [1022:1481]\n00:00.3 IOMMU: Acme IOMMU\n",
    "0000:00:00.2 c0806 i1022:1481 r00\n0000:00:00.3 c0806\n" },
  { "wrapped-by-a-mail-program",
    "00:02.0 VGA compatible controller [0300]: Acme Corporation Graphics 530\n[8086:1912] (rev 06)\n"
    "00:1f.0 ISA bridge [0601]: Acme Corporation Controller [8086:a146]\n(rev 31)\n00:1f.1" HOST "\n",
    "0000:00:02.0 c0300 i8086:1912 r06\n0000:00:1f.0 c0601 i8086:a146 r31\n0000:00:1f.1 c0600 i1022:1480 "
    "r00\n" },
  { "all-on-one-line",
    "IOMMU Group 5 09:00.0 " VGA
    " Subsystem: Acme [1043:04e8] Kernel driver in use: vfio-pci Kernel modules: amdgpu, "
    "radeon\n",
    "0000:09:00.0 g5 c0300 i1002:731f s1043:04e8 rca dvfio-pci mamdgpu,radeon\n" },
  { "ids-first-without-blank",
    "IOMMU group 0:[8086:191f] 00:00.0 Host bridge: Acme Host Bridge (rev 07)\nIOMMU group 1:[8086:1901] "
    "00:01.0 PCI "
    "bridge: Acme Port (rev 07)\n\t[10de:1b81] 01:00.0 VGA compatible controller: Acme Card (rev a1)\n",
    "0000:00:00.0 g0 c0600 i8086:191f r07\n0000:00:01.0 g1 c0604 i8086:1901 r07\n0000:01:00.0 g1 c0300 "
    "i10de:1b81 ra1\n" },
  { "class-without-colon",
    "Group:  7  0000:00:1f.0 ISA bridge [0601] Acme LPC [8086:a2c9] (rev 31)\nGroup:  8  0000:01:00.0 VGA "
    "compatible "
    "controller [0300]  [10de:1b81]\n",
    "0000:00:1f.0 g7 c0601 i8086:a2c9 r31\n0000:01:00.0 g8 c0300 i10de:1b81 r00\n" },
  { "details-in-a-group",
    "IOMMU Group 7:\n\t09:00.0 " VGA "\n\tSubsystem: Acme [1043:04e8]\n\tKernel driver in use: vfio-pci\n"
    "\tKernel modules: amdgpu\n\t09:00.1 Audio device [0403]: Acme [1002:ab38]\n\tKernel driver in use: "
    "vfio-pci\n",
    "0000:09:00.0 g7 c0300 i1002:731f s1043:04e8 rca dvfio-pci mamdgpu\n0000:09:00.1 g7 c0403 i1002:ab38 r00 "
    "dvfio-pci\n" },
  { "later-listing-stands",
    "IOMMU Group 0:\n\t00:01.0" HOST "\n\t01:00.0 " VGA "\n\t02:00.0" HOST
    "\n\nAfter the change:\n\nIOMMU Group 0:\n"
    "\t00:01.0" HOST "\nIOMMU Group 1:\n\t01:00.0 " VGA "\n",
    "0000:00:01.0 g0 c0600 i1022:1480 r00\n0000:01:00.0 g1 c0300 i1002:731f rca\n0000:02:00.0 c0600 "
    "i1022:1480 r00\n" },
  { "later-listing-agrees",
    "[    1.0] pci 0000:00:01.0: Adding to iommu group 0\n[    1.0] pci 0000:01:00.0: Adding to iommu group "
    "1\n"
    "IOMMU Group 1:\n\t01:00.0 " VGA "\n\t01:00.1 Audio device [0403]: Acme [1002:ab38]\n",
    "0000:00:01.0 g0\n0000:01:00.0 g1 c0300 i1002:731f rca\n0000:01:00.1 g1 c0403 i1002:ab38 r00\n" },
};

#include "test_paste_forum.h"

static void
test_row (gconstpointer data)
{
  const struct row *row = data;
  g_autoptr (GError) error = NULL;
  struct pl_machine *machine = read_text (row->text, strlen (row->text), &error);
  g_assert_no_error (error);
  if (machine == NULL)
    return;
  g_autofree char *found = list_functions (machine);
  g_assert_cmpstr (found, ==, row->found);
  pl_machine_free (machine);
}

/* What an editor on Windows saves, in both orders of bytes. */
static void
test_utf16 (void)
{
  static const char text[] = "\ufeffIOMMU Group 3:\r\n\t09:00.0 " VGA "\r\n";
  static const char *const forms[] = { "UTF-16LE", "UTF-16BE" };
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++) {
    gsize size = 0;
    g_autofree char *bytes = g_convert (text, sizeof text - 1, forms[i], "UTF-8", NULL, &size, NULL);
    g_assert_nonnull (bytes);
    struct pl_machine *machine = read_text (bytes, size, NULL);
    g_assert_nonnull (machine);
    g_autofree char *found = list_functions (machine);
    g_assert_cmpstr (found, ==, "0000:09:00.0 g3 c0300 i1002:731f rca\n");
    pl_machine_free (machine);
  }
}

/* A tree names neither drivers nor groups: what to paste instead. */
static void
test_tree_view (void)
{
  static const char text[] = "-[0000:00]-+-00.0  Acme Root\n           \\-01.0-[01]----00.0  Acme Card\n";
  g_autoptr (GError) error = NULL;
  g_assert_null (read_text (text, sizeof text - 1, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "lspci -t"));
}

/* A full machine as people post it, of our own making: prose, a log, a script's listing, lspci -nnk. */
static const char mixed[]
    = "# My machine\n\n- Kernel : Linux Kernel 6.1.0\n- Host OS : **Arch Linux**\n- Guest OS : Windows "
      "10\n\n```\n"
      "[    0.000000] Linux version 6.1.7-arch1-1 (linux@archlinux) (gcc (GCC) 12.2.0) #1 SMP\n"
      "[    0.000000] Command line: BOOT_IMAGE=/vmlinuz-linux root=/dev/sda2 rw iommu=pt\n"
      "[    0.100000] Kernel command line: BOOT_IMAGE=/vmlinuz-linux root=/dev/sda2 rw iommu=pt\n"
      "[    0.200000] iommu: Default domain type: Passthrough (set via kernel command line)\n"
      "[    0.300000] pci 0000:00:00.2: AMD-Vi: IOMMU performance counters supported\n"
      "[    0.400000] pci 0000:00:01.0: Adding to iommu group 0\n"
      "[    0.400000] pci 0000:09:00.0: Adding to iommu group 1\n"
      "[    2.100000] iommu ivhd0: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=09:00.0 "
      "address=0x100210750]\n"
      "[    2.200000] iommu ivhd0: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=09:00.0 "
      "address=0x100210770]\n"
      "```\nIOMMU Group 0:\n\t00:01.0" HOST "\nIOMMU Group 1:\n\t09:00.0 " VGA "\n\n09:00.0 " VGA "\n"
      "\tSubsystem: Acme Device [1043:04e8]\n\tKernel driver in use: vfio-pci\n\tKernel modules: amdgpu\n";

static void
test_mixed (void)
{
  g_autoptr (GError) error = NULL;
  struct pl_machine *machine = read_text (mixed, sizeof mixed - 1, &error);
  g_assert_no_error (error);
  g_autofree char *found = list_functions (machine);
  g_assert_cmpstr (found, ==,
                   "0000:00:00.2\n0000:00:01.0 g0 c0600 i1022:1480 r00\n"
                   "0000:09:00.0 g1 c0300 i1002:731f s1043:04e8 rca dvfio-pci mamdgpu\n");
  const char *text = NULL;
  g_assert_cmpint (pl_machine_get_kernel_release (machine, &text), ==, PL_KNOWN);
  g_assert_cmpstr (text, ==, "6.1.7-arch1-1");
  g_assert_cmpint (pl_machine_get_distribution (machine, &text), ==, PL_KNOWN);
  g_assert_cmpstr (text, ==, "Arch Linux");
  g_assert_cmpint (pl_machine_get_distribution_id (machine, &text), ==, PL_KNOWN);
  g_assert_cmpstr (text, ==, "arch");
  const struct pl_command_line *line = NULL;
  g_assert_cmpint (pl_machine_get_command_line (machine, &line), ==, PL_KNOWN);
  g_assert_cmpstr (pl_command_line_value (line, "iommu"), ==, "pt");
  const GArray *groups = NULL;
  g_assert_cmpint (pl_machine_get_iommu_groups (machine, &groups), ==, PL_KNOWN);
  g_assert_cmpuint (groups->len, ==, 2);
  g_assert_cmpuint (pl_machine_n_notes (machine), ==, 0);

  guint counts[PL_LOG_VFIO + 1] = { 0 };
  const GPtrArray *events = NULL;
  g_assert_cmpint (pl_machine_get_log_events (machine, &events), ==, PL_KNOWN);
  for (guint i = 0; i < events->len; i++) {
    const struct pl_log_event *event = g_ptr_array_index (events, i);
    counts[event->kind]++;
    if (event->kind == PL_LOG_TIMEOUT) {
      g_assert_true (event->has_address);
      g_assert_cmpuint (event->address.bus, ==, 9);
      g_assert_cmpuint (event->line, ==, 15);
    }
  }
  /* The second timeout of the same function says nothing new. */
  g_assert_cmpuint (counts[PL_LOG_TIMEOUT], ==, 1);
  g_assert_cmpuint (counts[PL_LOG_GROUP], ==, 2);
  g_assert_cmpuint (counts[PL_LOG_PASSTHROUGH], ==, 1);
  g_assert_cmpuint (counts[PL_LOG_IOMMU_AMD], ==, 1);
  pl_machine_free (machine);
}

static void
test_names_and_lines (void)
{
  struct pl_machine *machine = read_text (mixed, sizeof mixed - 1, NULL);
  struct pl_device *device = pl_machine_find (machine, (struct pl_address){ 0, 9, 0, 0 });
  g_assert_cmpstr (device->text_->class_name, ==, "VGA compatible controller");
  g_assert_cmpstr (device->text_->name, ==, "Acme [ACM/ATI] Card [Super 1/2]");
  g_assert_cmpstr (device->text_->subsystem_name, ==, "Acme Device");
  guint line;
  g_autofree char *path = pl_device_evidence (machine, device, PL_DEVICE_driver, &line);
  g_assert_cmpstr (path, ==, "text");
  g_assert_cmpuint (line, ==, 25);
  g_autofree char *same = pl_device_evidence (machine, device, PL_DEVICE_group, &line);
  g_assert_cmpstr (same, ==, path);
  g_assert_cmpuint (line, ==, 21);
  pl_machine_free (machine);
}

/* A name of -nn and the same without: the ids are said once. */
static void
test_name_of_unknown_device (void)
{
  static const char text[] = "00:00.0 Host bridge [0600]: Acme Corporation Device [8086:4660] (rev 02)\n\n"
                             "00:00.0 Host bridge: Acme Corporation Device 4660 (rev 02)\n";
  struct pl_machine *machine = read_text (text, sizeof text - 1, NULL);
  g_assert_cmpstr (pl_machine_device (machine, 0)->text_->name, ==, "Acme Corporation Device");
  pl_machine_free (machine);
}

static void
test_contradictions_are_noted (void)
{
  static const struct {
    const char *text;
    guint notes;
    guint line;
  } cases[] = {
    { "09:00.0 " VGA "\n09:00.0 " VGA "\n", 0, 0 },
    { "09:00.0 " VGA "\n\n09:00.0 VGA compatible controller [0300]: Acme [1002:7310] (rev ca)\n", 1, 3 },
    { "09:00.0 " VGA "\n\tKernel driver in use: amdgpu\n09:00.0 " VGA "\n\tKernel driver in use: vfio-pci\n",
      1, 4 },
    { "09:00.0 " VGA "\n\tKernel driver in use: amdgpu\n09:00.0 " VGA "\n\tKernel modules: amdgpu\n", 1, 3 },
    { "[1.0] pci 0000:09:00.0: Adding to iommu group 1\nIOMMU Group 2:\n\t09:00.0 " VGA "\n", 1, 3 },
    { "[1.0] pci 0000:09:00.0: Adding to iommu group 2\nIOMMU Group 2:\n\t09:00.0 " VGA "\n", 0, 0 },
    { "$ uname -r\n6.1.0\n$ uname -r\n6.2.0\n00:01.0" HOST "\n", 1, 4 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct pl_machine *machine = read_text (cases[i].text, strlen (cases[i].text), NULL);
    g_assert_cmpuint (pl_machine_n_notes (machine), ==, cases[i].notes);
    if (cases[i].notes > 0)
      g_assert_cmpuint (pl_machine_note (machine, 0)->line, ==, cases[i].line);
    pl_machine_free (machine);
  }
}

static void
test_system (void)
{
  static const struct {
    const char *text;
    const char *release, *distribution, *id, *command_line;
  } cases[] = {
    { "$ uname -r\n5.18.5-arch1-1\n", "5.18.5-arch1-1", NULL, NULL, NULL },
    { "user@host:~$ uname -a\nLinux host 5.4.0-47-generic #51-Ubuntu SMP Fri x86_64 GNU/Linux\n",
      "5.4.0-47-generic", NULL, NULL, NULL },
    { "Linux host 5.4.0-47-generic #51-Ubuntu SMP Fri x86_64 GNU/Linux\n", "5.4.0-47-generic", NULL, NULL,
      NULL },
    { "$ cat /proc/cmdline\n```\nroot=/dev/sda1 ro quiet intel_iommu=on\n```\n", NULL, NULL, NULL,
      "root=/dev/sda1 ro quiet intel_iommu=on" },
    { "BOOT_IMAGE=/boot/vmlinuz-5.4.0-47-generic root=/dev/sda1 ro\n", "5.4.0-47-generic", NULL, NULL,
      "BOOT_IMAGE=/boot/vmlinuz-5.4.0-47-generic root=/dev/sda1 ro" },
    { "Kernel: x86_64 Linux 5.8.12-acso\nOS: Pop!_OS 22.04 LTS\n", "5.8.12-acso", "Pop!_OS 22.04 LTS", "pop",
      NULL },
    { "filename: /lib/modules/6.2.16-19-pve/kernel/drivers/vfio/vfio.ko\n", "6.2.16-19-pve", NULL, NULL,
      NULL },
    { "NAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n", NULL,
      "Debian GNU/Linux 12 (bookworm)", "debian", NULL },
    { "| Host OS | [Fedora 38](https://fedoraproject.org) |\n", NULL, "Fedora 38", "fedora", NULL },
    { "[ 0.0] Linux version 6.1.0-13-amd64 (x@y) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP\n",
      "6.1.0-13-amd64", "Debian", "debian", NULL },
    { "Guest OS: Fedora 38\nI use Arch Linux.\nKernel: 5.17.x\nLinux version 6 is fine\n", NULL, NULL, NULL,
      NULL },
    { "[ 0.0] Unknown kernel command line parameters \"splash a=b\", will be passed to user space.\n", NULL,
      NULL, NULL, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = g_strconcat (cases[i].text, "00:01.0" HOST "\n", NULL);
    struct pl_machine *machine = read_text (text, strlen (text), NULL);
    const char *release = NULL, *distribution = NULL, *id = NULL;
    const struct pl_command_line *line = NULL;
    (void) pl_machine_get_kernel_release (machine, &release);
    (void) pl_machine_get_distribution (machine, &distribution);
    (void) pl_machine_get_distribution_id (machine, &id);
    (void) pl_machine_get_command_line (machine, &line);
    g_assert_cmpstr (release, ==, cases[i].release);
    g_assert_cmpstr (distribution, ==, cases[i].distribution);
    g_assert_cmpstr (id, ==, cases[i].id);
    g_assert_cmpstr (line != NULL ? line->text : NULL, ==, cases[i].command_line);
    pl_machine_free (machine);
  }
}

static void
test_nothing_of_use (void)
{
  static const char noise[]
      = "Hello.\nOS: Ubuntu 22.04\n\001\002\377\376 [[[ 09:00.0 ]]]\nIOMMU groups are nice.\n";
  g_autoptr (GError) error = NULL;
  g_assert_null (read_text (noise, sizeof noise - 1, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
  g_assert_cmpstr (pl_error_path (error), ==, "text");
  g_assert_nonnull (pl_error_remedy (error));
  g_clear_error (&error);
  g_assert_null (read_text ("", 0, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
}

static void
test_too_large (void)
{
  gsize size = (gsize) PL_PASTE_LIMIT_BYTES + 1;
  g_autofree char *text = g_malloc (size);
  memset (text, '\n', size);
  g_autoptr (GError) error = NULL;
  g_assert_null (read_text (text, size, &error));
  g_assert_error (error, PL_ERROR, PL_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "64 MiB"));
}

/* The facts of a line that is not in the other text. */
static bool
has_line (const char *text, const char *line, gsize length)
{
  for (const char *at = text; (at = memmem (at, strlen (at), line, length)) != NULL; at++)
    if ((at == text || at[-1] == '\n'))
      return true;
  return false;
}

/* Wherever a text is cut, each fact of the rest is one of the whole: a function may know less, never another
 * thing. */
static void
test_cut_anywhere (void)
{
  struct pl_machine *machine = read_text (mixed, sizeof mixed - 1, NULL);
  g_autofree char *whole = list_functions (machine);
  pl_machine_free (machine);
  for (gsize size = 0; size < sizeof mixed - 1; size++) {
    struct pl_machine *part = read_text (mixed, size, NULL);
    if (part == NULL)
      continue;
    g_autofree char *found = list_functions (part);
    g_auto (GStrv) lines = g_strsplit (found, "\n", -1);
    for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
      g_auto (GStrv) facts = g_strsplit (lines[i], " ", -1);
      const char *full = strstr (whole, facts[0]);
      g_assert_nonnull (full);
      g_autofree char *full_line = g_strndup (full, strcspn (full, "\n"));
      g_autofree char *padded = g_strconcat (full_line, " ", NULL);
      for (guint k = 1; facts[k] != NULL; k++) {
        g_autofree char *fact = g_strconcat (" ", facts[k], " ", NULL);
        if (strstr (padded, fact) == NULL)
          g_error ("cut at byte %u: %s is not in \"%s\"", (guint) size, facts[k], full_line);
      }
    }
    pl_machine_free (part);
  }
  g_assert_true (has_line (whole, "0000:09:00.0", strlen ("0000:09:00.0")));
}

static void
test_cut_ids (void)
{
  static const char text[] = "00:01.0" HOST "\n09:00.0 VGA compatible controller [0300]: Acme Card [1002:73";
  struct pl_machine *machine = read_text (text, sizeof text - 1, NULL);
  g_autofree char *found = list_functions (machine);
  g_assert_cmpstr (found, ==, "0000:00:01.0 c0600 i1022:1480 r00\n0000:09:00.0 c0300\n");
  pl_machine_free (machine);
}

/* Bytes of every kind around real lines must neither break the reading nor hide the lines. */
static void
test_garbage (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  for (guint round = 0; round < 200; round++) {
    g_autoptr (GString) text = g_string_new (NULL);
    for (guint i = 0; i < 40; i++) {
      guint length = (guint) g_rand_int_range (rand, 0, 80);
      for (guint k = 0; k < length; k++) {
        char byte = (char) g_rand_int_range (rand, 0, 256);
        g_string_append_c (text, byte == '\n' ? ' ' : byte);
      }
      g_string_append (text, "\n00:01.0" HOST "\n");
    }
    struct pl_machine *machine = read_text (text->str, text->len, NULL);
    g_assert_nonnull (machine);
    g_assert_nonnull (pl_machine_find (machine, (struct pl_address){ 0, 0, 1, 0 }));
    pl_machine_free (machine);
  }
}

/* Any part of known words in any order. */
static void
test_shuffled_words (void)
{
  static const char *const words[] = { "IOMMU",
                                       "Group",
                                       "18",
                                       ":",
                                       "09:00.0",
                                       "[0300]:",
                                       "[1002:731f]",
                                       "(rev ca)",
                                       "(rev",
                                       "\n",
                                       "\t",
                                       "[",
                                       "]",
                                       "<br>",
                                       "&amp;",
                                       "\033[1m",
                                       "Kernel driver in use:",
                                       "Kernel modules:",
                                       "vfio-pci",
                                       "Subsystem:",
                                       "\"",
                                       "/",
                                       "├──",
                                       "-e",
                                       "pci 0000:09:00.0:",
                                       "Adding to iommu group",
                                       "VGA compatible controller",
                                       "iommu_groups/3/devices/",
                                       "->",
                                       "- ",
                                       "Linux version",
                                       "Command line:",
                                       "device=",
                                       "uname -r",
                                       "--",
                                       "```",
                                       "\r",
                                       "> ",
                                       "Slot:\t",
                                       "Device-1: ",
                                       "bus-ID: ",
                                       "*-display\n",
                                       "bus info: pci@",
                                       "{\"id\":\"0000:09:00.0\"",
                                       "}",
                                       ",",
                                       "|",
                                       "Group | Address\n",
                                       "group,address\n",
                                       "<device>",
                                       "<iommuGroup number='3'>",
                                       "[code]",
                                       "Gruppe",
                                       "ls /sys/kernel/iommu_groups/3/devices\n",
                                       "#" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  for (guint round = 0; round < 3000; round++) {
    g_autoptr (GString) text = g_string_new (NULL);
    for (guint i = 0; i < 60; i++) {
      g_string_append (text, words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))]);
      if (g_rand_int_range (rand, 0, 3) > 0)
        g_string_append_c (text, ' ');
    }
    struct pl_machine *machine = read_text (text->str, text->len, NULL);
    if (machine != NULL) {
      g_autofree char *found = list_functions (machine);
      g_assert_nonnull (found);
      pl_machine_free (machine);
    }
  }
}

/* A megabyte for each hard case: what is not linear shows as a test that does not end. */
static void
test_linear (void)
{
  static const char *const parts[] = { "<",
                                       "[",
                                       "\033[",
                                       "&",
                                       "09:00.0 [",
                                       "[1002:731f]",
                                       "group ",
                                       "IOMMU ",
                                       "/",
                                       ": ",
                                       "0000:00:00.0/",
                                       "09:00.0 ",
                                       "(rev ",
                                       "\" ",
                                       "\r",
                                       "<br>",
                                       "\u2500",
                                       "> ",
                                       ".",
                                       "a",
                                       "group 1",
                                       "| ",
                                       "Group|Address\n1|",
                                       "{\"id\":",
                                       "Device-1: ",
                                       "[code=",
                                       "lrwx -> ../../../../devices/",
                                       "Группа ",
                                       "<device>\n<name>pci_" };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint lines = 0; lines < 2; lines++) {
      g_autoptr (GString) text = g_string_new (NULL);
      while (text->len < 1024 * 1024) {
        g_string_append (text, parts[i]);
        if (lines == 1 && text->len % 15000 < 14)
          g_string_append_c (text, '\n');
      }
      g_string_append (text, "\n00:01.0" HOST "\n");
      struct pl_machine *machine = read_text (text->str, text->len, NULL);
      g_assert_nonnull (machine);
      pl_machine_free (machine);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *path = g_strconcat ("/paste/shape/", rows[i].name, NULL);
    g_test_add_data_func (path, &rows[i], test_row);
  }
  for (guint i = 0; i < G_N_ELEMENTS (forum_rows); i++) {
    g_autofree char *path = g_strconcat ("/paste/forum/", forum_rows[i].name, NULL);
    g_test_add_data_func (path, &forum_rows[i], test_row);
  }
  g_test_add_func ("/paste/mixed", test_mixed);
  g_test_add_func ("/paste/utf16", test_utf16);
  g_test_add_func ("/paste/tree-view", test_tree_view);
  g_test_add_func ("/paste/names-and-lines", test_names_and_lines);
  g_test_add_func ("/paste/name-of-unknown-device", test_name_of_unknown_device);
  g_test_add_func ("/paste/contradictions", test_contradictions_are_noted);
  g_test_add_func ("/paste/system", test_system);
  g_test_add_func ("/paste/nothing-of-use", test_nothing_of_use);
  g_test_add_func ("/paste/too-large", test_too_large);
  g_test_add_func ("/paste/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/paste/cut-ids", test_cut_ids);
  g_test_add_func ("/paste/garbage", test_garbage);
  g_test_add_func ("/paste/shuffled-words", test_shuffled_words);
  g_test_add_func ("/paste/linear", test_linear);
  return g_test_run ();
}
