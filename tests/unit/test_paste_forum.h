/* test_paste_forum.h - more rows for test_paste.c: what people post besides group scripts and lspci, and
 * lines that name a group of their own below another one's header.
 */

#define SATA "SATA controller [0106]: Acme Disk [1234:0106]"
#define USB "USB controller [0c03]: Acme Hub [1234:0c03]"

static const struct row forum_rows[] = {
  /* Whoever says another group, or says something that we do not understand, is not in the group above. */
  { "own-group-below-header",
    "IOMMU Group 1:\n\t01:00.0 " USB "\n2. IOMMU Group 2: 02:00.0 " SATA "\nIOMMU-Gruppe 3: 03:00.0 " USB "\n"
    "see: IOMMU Group 4 04:00.0 " USB "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 g2 c0106 i1234:0106 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n0000:04:00.0 g4 c0c03 i1234:0c03 r00\n" },
  { "own-group-in-other-languages",
    "IOMMU Group 15 06:00.0 " USB "\nIOMMU Gruppe 16 07:00.0 " USB "\nGroupe IOMMU 17 08:00.0 " USB "\n"
    "Grupo IOMMU 18: 09:00.0 " USB "\nGruppo IOMMU 19 0a:00.0 " USB "\n",
    "0000:06:00.0 g15 c0c03 i1234:0c03 r00\n0000:07:00.0 g16 c0c03 i1234:0c03 r00\n"
    "0000:08:00.0 g17 c0c03 i1234:0c03 r00\n0000:09:00.0 g18 c0c03 i1234:0c03 r00\n"
    "0000:0a:00.0 g19 c0c03 i1234:0c03 r00\n" },
  { "header-in-an-unknown-language",
    "IOMMU Group 1:\n01:00.0 " USB "\nCsoport IOMMU 2:\n02:00.0 " USB "\nSkupina IOMMU 3:\n03:00.0 " USB "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n" },
  { "numbered-members",
    "IOMMU Group 4:\n\t1. 01:00.0 " USB "\n\t2. 01:00.1 " USB "\nIOMMU Group 5:\n1) 02:00.0 " USB "\n",
    "0000:01:00.0 g4 c0c03 i1234:0c03 r00\n0000:01:00.1 g4 c0c03 i1234:0c03 r00\n"
    "0000:02:00.0 c0c03 i1234:0c03 r00\n" },
  { "chat",
    "IOMMU Group 1:\n\t01:00.0 " USB "\n[10:31] <eve> IOMMU Group 2 02:00.0 " SATA "\n"
    "10:32 eve: IOMMU Group 3 03:00.0 " SATA "\n10:33 eve: 04:00.0 " SATA "\neve: 05:00.0 " SATA "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 g2 c0106 i1234:0106 r00\n"
    "0000:03:00.0 g3 c0106 i1234:0106 r00\n0000:04:00.0 c0106 i1234:0106 r00\n"
    "0000:05:00.0 c0106 i1234:0106 r00\n" },
  { "words-between-group-and-address",
    "IOMMU Group 1:\n\t01:00.0 " USB "\nnot in group 4 but elsewhere 02:00.0 " SATA "\n03:00.0 " SATA "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 c0106 i1234:0106 r00\n"
    "0000:03:00.0 c0106 i1234:0106 r00\n" },
  { "impossible-groups",
    "IOMMU Group 1:\n\t01:00.0 " USB "\nIOMMU Group -1:\n\t02:00.0 " USB "\nIOMMU Group 3:\n\t03:00.0 " USB
    "\nIOMMU Group 0x10:\n\t04:00.0 " USB "\nIOMMU Group 5:\n\t05:00.0 " USB
    "\nIOMMU Group 99999999999:\n\t06:00.0 " USB "\nIOMMU Group -7: 07:00.0 " USB "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n0000:04:00.0 c0c03 i1234:0c03 r00\n"
    "0000:05:00.0 g5 c0c03 i1234:0c03 r00\n0000:06:00.0 c0c03 i1234:0c03 r00\n"
    "0000:07:00.0 c0c03 i1234:0c03 r00\n" },
  { "numbers-that-may-be-groups",
    "IOMMU Group 15 06:00.0 " USB "\n| 18 | 09:00.0 | " USB " |\n19: 0a:00.0 " USB "\n"
    "IOMMU Group 15:\n (15) 06:00.1 " USB "\n (16) 07:00.0 " USB "\n",
    "0000:06:00.0 g15 c0c03 i1234:0c03 r00\n0000:06:00.1 g15 c0c03 i1234:0c03 r00\n"
    "0000:07:00.0 c0c03 i1234:0c03 r00\n0000:09:00.0 c0c03 i1234:0c03 r00\n"
    "0000:0a:00.0 c0c03 i1234:0c03 r00\n" },
  { "members-with-labels", "IOMMU Group 3:\n\tGPU: 01:00.0 " USB "\n\tGroup Device: 01:00.1 " USB "\n",
    "0000:01:00.0 g3 c0c03 i1234:0c03 r00\n0000:01:00.1 g3 c0c03 i1234:0c03 r00\n" },
  { "headers-in-other-languages",
    "IOMMU-Gruppe 1:\n\t01:00.0 " USB "\nГруппа IOMMU 2:\n02:00.0 " USB "\nGroupe IOMMU 3 :\n\t03:00.0 " USB
    "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 g2 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n" },
  { "numbered-list",
    "1. IOMMU Group 5: 01:00.0 " USB "\n2) IOMMU Group 6: 02:00.0 " USB "\n  3  IOMMU Group 7: 03:00.0 " USB
    "\n4. IOMMU Group 8:\n\t04:00.0 " USB "\n",
    "0000:01:00.0 g5 c0c03 i1234:0c03 r00\n0000:02:00.0 g6 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g7 c0c03 i1234:0c03 r00\n0000:04:00.0 g8 c0c03 i1234:0c03 r00\n" },
  { "bbcode",
    "[CODE]IOMMU Group 1:\n\t01:00.0 " USB "\n[/CODE][spoiler=\"mine\"][b]IOMMU Group 2:[/b]\n\t02:00.0 " USB
    "[/spoiler]\n[quote=\"eve\"]\nIOMMU Group 3:\n\t03:00.0 " USB "\n[/quote]\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 g2 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n" },
  { "group-in-the-command",
    "$ ls /sys/kernel/iommu_groups/2/devices/\n0000:02:00.0  0000:02:00.1\n"
    "eve@box:~$ readlink /sys/bus/pci/devices/0000:05:00.0/iommu_group\n../../../../kernel/iommu_groups/5\n"
    "# ls -la /sys/kernel/iommu_groups/4/devices\ntotal 0\ndrwxr-xr-x 2 root root 0 Jan  1 10:00 .\n"
    "lrwxrwxrwx 1 root root 0 Jan  1 10:00 0000:04:00.0 -> "
    "../../../../devices/pci0000:00/0000:00:1c.0/0000:04:00.0\n"
    "$ ls -l /sys/bus/pci/drivers/vfio-pci\n"
    "lrwxrwxrwx 1 root root 0 Jan  1 10:00 0000:06:00.0 -> "
    "../../../../devices/pci0000:00/0000:00:1c.0/0000:06:00.0\n"
    "$ readlink /sys/bus/pci/devices/0000:07:00.0/iommu_group\n\n../../../../kernel/iommu_groups/7\n",
    "0000:02:00.0 g2\n0000:02:00.1 g2\n0000:04:00.0 g4\n0000:05:00.0 g5\n" },
  { "unraid",
    "IOMMU group 1:\t[1234:0604] 00:01.0 PCI bridge: Acme Port (rev 0a)\n"
    "[1234:0300] 01:00.0 VGA compatible controller: Acme Card (rev a1)\n"
    "[1234:0403] 01:00.1 Audio device: Acme Card Sound (rev a1)\n"
    "IOMMU group 2:\t[1234:0c03] 00:14.0 USB controller: Acme Hub (rev 10)\n"
    "This controller is bound to vfio, connected USB devices are not visible.\n"
    "Bus 001 Device 002: ID 1234:0001 Acme Mouse\n"
    "[1234:0c04] 00:14.2 USB controller: Acme Hub (rev 10)\n"
    "IOMMU group 12:[1234:0106] 00:17.0 SATA controller: Acme Disk\n"
    "[1:0:0:0]    disk    ATA      ACME DISK        0A82  /dev/sdb   4.00TB\n",
    "0000:00:01.0 g1 c0604 i1234:0604 r0a\n0000:00:14.0 g2 c0c03 i1234:0c03 r10\n"
    "0000:00:14.2 g2 c0c03 i1234:0c04 r10\n0000:00:17.0 g12 c0106 i1234:0106\n"
    "0000:01:00.0 g1 c0300 i1234:0300 ra1\n0000:01:00.1 g1 c0403 i1234:0403 ra1\n" },
  { "dashes-between-parts",
    "IOMMU Group 1 -- 01:00.0 -- " USB "\nGroup 2 - 02:00.0 - " USB "\nGroup 3 \u2013 03:00.0 \u2013 " USB
    "\n",
    "0000:01:00.0 g1 c0c03 i1234:0c03 r00\n0000:02:00.0 g2 c0c03 i1234:0c03 r00\n"
    "0000:03:00.0 g3 c0c03 i1234:0c03 r00\n" },
  { "html-table",
    "<table><tr><th>Group</th><th>Address</th><th>Name</th></tr><tr><td>2</td><td>02:00.0</td><td>" USB
    "</td></tr><tr><td>3</td><td>03:00.0</td><td>" SATA "</td></tr></table>\n"
    "<p>IOMMU Group 5:<br>&#9;05:00.0 " USB "&#10;&#x9;05:00.1 " USB "</p>\n"
    "<table><tr><td>7</td><td>07:00.0</td><td>" USB "</td></tr></table>\n",
    "0000:02:00.0 g2 c0c03 i1234:0c03\n0000:03:00.0 g3 c0106 i1234:0106\n"
    "0000:05:00.0 g5 c0c03 i1234:0c03 r00\n0000:05:00.1 g5 c0c03 i1234:0c03 r00\n"
    "0000:07:00.0 c0c03 i1234:0c03 r00\n" },
  { "lspci-vmmk",
    "Slot:\t01:00.0\nClass:\tVGA compatible controller [0300]\nVendor:\tAcme [1234]\nDevice:\tCard [X] "
    "[0300]\n"
    "SVendor:\tOther [1043]\nSDevice:\tCard [X] [04e8]\nRev:\ta1\nProgIf:\t00\nDriver:\tnouveau\n"
    "Module:\tnouveau\nModule:\tnvidia_drm\nIOMMUGroup:\t1\n\n"
    "Slot:\t01:00.1\nClass:\tAudio device [0403]\nVendor:\tAcme [1234]\nDevice:\tSound "
    "[0403]\nIOMMUGroup:\t1\n"
    "\nIOMMU Group 2:\n\t02:00.0 " USB "\n",
    "0000:01:00.0 g1 c0300 p00 i1234:0300 s1043:04e8 ra1 dnouveau mnouveau,nvidia_drm\n"
    "0000:01:00.1 g1 c0403 i1234:0403\n0000:02:00.0 g2 c0c03 i1234:0c03 r00\n" },
  { "virsh",
    "pci_0000_00_02_0\n<device>\n  <name>pci_0000_01_00_0</name>\n  <parent>pci_0000_00_01_0</parent>\n"
    "  <driver>\n    <name>vfio-pci</name>\n  </driver>\n  <capability type='pci'>\n"
    "    <class>0x030000</class>\n    <product id='0x0300'>Card</product>\n    <vendor "
    "id='0x1234'>Acme</vendor>\n"
    "    <iommuGroup number='1'>\n"
    "      <address domain='0x0000' bus='0x00' slot='0x01' function='0x0'/>\n"
    "      <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\n    </iommuGroup>\n"
    "  </capability>\n</device>\n<hostdev mode='subsystem' type='pci' managed='yes'>\n<source>\n"
    "<address domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>\n</source>\n</hostdev>\n",
    "0000:00:01.0 g1\n0000:00:02.0\n0000:01:00.0 g1 c0300 p00 i1234:0300 dvfio-pci\n" },
  { "table-of-pvesh",
    "┌──────────┬────────┬──────────────┬────────────┬────────┐\n"
    "│ class    │ device │ id           │ iommugroup │ vendor │\n"
    "╞══════════╪════════╪══════════════╪════════════╪════════╡\n"
    "│ 0x010802 │ 0xa808 │ 0000:04:00.0 │         15 │ 0x1234 │\n"
    "├──────────┼────────┼──────────────┼────────────┼────────┤\n"
    "│ 0x030000 │ 0x1b81 │ 0000:01:00.0 │         -1 │ 0x1234 │\n"
    "└──────────┴────────┴──────────────┴────────────┴────────┘\n",
    "0000:01:00.0 c0300 p00 i1234:1b81\n0000:04:00.0 g15 c0108 p02 i1234:a808\n" },
  { "json-of-pvesh",
    "[\n   {\n      \"class\" : \"0x030000\",\n      \"device\" : \"0x1b81\",\n"
    "      \"id\" : \"0000:01:00.0\",\n      \"iommugroup\" : 1,\n      \"vendor\" : \"0x1234\"\n   },\n"
    "   {\n      \"id\" : \"0000:03:00.0\",\n      \"iommugroup\" : -1\n   }\n]\n"
    "[{\"class\":\"0x040300\",\"id\":\"0000:01:00.1\",\"iommugroup\":1},{\"id\":\"0000:02:00.0\","
    "\"iommugroup\":2}]\n",
    "0000:01:00.0 g1 c0300 p00 i1234:1b81\n0000:01:00.1 g1 c0403 p00\n0000:02:00.0 g2\n0000:03:00.0\n" },
  { "table-of-markdown",
    "| Group | Address | Class | Device | IDs | Driver "
    "|\n|------:|---------|-------|--------|-----|--------|\n"
    "| 1 | 01:00.0 | VGA compatible controller | Acme Card | 1234:1b81 | nouveau |\n"
    "| 1 | `01:00.1` | Audio device | Acme Sound | 1234:10f0 | |\n|  | 02:00.0 | Audio device | | | |\n",
    "0000:01:00.0 g1 c0300 i1234:1b81 dnouveau\n0000:01:00.1 g1 c0403 i1234:10f0\n" },
  { "table-with-commas",
    "group,address,class,vendor:device,name,driver\n1,0000:01:00.0,0300,1234:1b81,\"Acme, Inc. "
    "Card\",nouveau\n"
    "2,0000:02:00.0,0c03,1234:0014,Acme,xhci_hcd\n",
    "0000:01:00.0 g1 c0300 i1234:1b81 dnouveau\n0000:02:00.0 g2 c0c03 i1234:0014 dxhci_hcd\n" },
  { "table-with-blanks",
    "IOMMU Group  BDF           Description\n"
    "1            0000:01:00.0  VGA compatible controller: Acme Card [1234:1b81]\n"
    "2            0000:02:00.0  " USB "\n\nGROUP ADDRESS DRIVER\n3 03:00.0 ahci\n",
    "0000:01:00.0 g1 c0300 i1234:1b81\n0000:02:00.0 g2 c0c03 i1234:0c03\n0000:03:00.0 g3 dahci\n" },
  { "inxi",
    "Graphics:\n  Device-1: Acme Card [X] vendor: Other driver: nouveau\n"
    "    v: kernel bus-ID: 01:00.0 chip-ID: 1234:1b81\n"
    "  Device-2: Acme UHD driver: N/A bus-ID: 00:02.0 chip-ID: 1234:3e92 class-ID: 0300\n"
    "  Device-3: Acme Camera type: USB driver: uvcvideo bus-ID: 1-4:2 chip-ID: 1234:0001\n",
    "0000:00:02.0 c0300 i1234:3e92\n0000:01:00.0 i1234:1b81 dnouveau\n" },
  { "lshw",
    "  *-display UNCLAIMED\n       description: VGA compatible controller\n       product: Card [X] "
    "[1234:1B81]\n"
    "       vendor: Acme [1234]\n       physical id: 0\n       bus info: pci@0000:01:00.0\n       version: "
    "a1\n"
    "       configuration: latency=0\n  *-sata\n       bus info: pci@0000:00:17.0\n"
    "       configuration: driver=ahci latency=0\n\n* -display\nIOMMU Group 1: 02:00.0 " USB "\n",
    "0000:00:17.0 dahci\n0000:01:00.0 c0300 i1234:1b81 ra1\n0000:02:00.0 g1 c0c03 i1234:0c03 r00\n" },
  { "group-with-type",
    "Group 1 (type DMA-FQ)\n    0000:01:00.0  VGA compatible controller  Card [X]  (nvidia)\n"
    "    0000:01:00.1  Audio device  Sound (rev 2)\nGroup 2 (DMA):\n    0000:02:00.0  USB controller  Acme\n",
    "0000:01:00.0 g1 c0300 dnvidia\n0000:01:00.1 g1 c0403\n0000:02:00.0 g2 c0c03\n" },
};
