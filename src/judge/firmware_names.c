/* firmware_names.c - see firmware_names.h. */
#include "judge/firmware_names.h"

#include <string.h>

enum cpu { CPU_ANY, CPU_INTEL, CPU_AMD };

/* How makers write themselves into DMI; compared without case, up to the length given here. Source:
 * Documentation/ABI/testing/sysfs-class-dmi for the files; the vendors seen in recordings of tests/machines;
 * "Micro-Star", "Hewlett-Packard" and "HPE" from memory. */
static const struct {
  const char *vendor, *maker;
} makers[] = {
  { "ASUS", "ASUS" },     { "Micro-Star", "MSI" },   { "MSI", "MSI" }, { "Gigabyte", "Gigabyte" },
  { "ASRock", "ASRock" }, { "Dell", "Dell" },        { "HP", "HP" },   { "Hewlett-Packard", "HP" },
  { "LENOVO", "Lenovo" }, { "Super", "Supermicro" }, /* "Supermicro", "Super Micro Computer, Inc." */
};

/* The first row of the maker's that fits, else the first without a maker. Menus differ from board to board:
 * the name is what is looked for. Sources, by maker; "memory": of no document at hand: ASUS: settings lists
 * of ROG and PRIME boards; ROG MAXIMUS XII FORMULA BIOS manual, table of contents; tutorial.info, "how to
 * enable and disable above 4G decoding on ASUS ...": Advanced > PCI Subsystem Settings; ACS Enable on the Pro
 * WS X570-ACE. CSM: memory. MSI: settings lists, among them
 * github.com/duanzhichao/MSI-B460M-MORTAR-Hackintosh: Above 4G memory, BIOS CSM/UEFI Mode, Intel VT-D.
 * IOMMU's place on AMD: one list only. Gigabyte:
 * github.com/lfvelosoh/HACKINTOSH-EFI-INTEL-13TH-13600K-B760M-DDR5-RX5700XT, BIOSSettings.md: VT-d, Above 4G
 * Decoding, CSM Support; github.com/nyhtml/Arctic-Fox, BIOS.md: older boards, VT-d below Chipset. ASRock:
 * github.com/aegis-fate-gh/homelab, AsRock-Rack_X570D4U.md: Above 4G Decoding, CSM, SVM. VT-d, IOMMU and
 *   Intel's virtualization: memory.
 * Dell: github.com/SaladTechnologies/salad-kitchen-docs, "Enable Virtualization on Dell PCs"; lists of
 * OptiPlex settings: Virtualization Support > VT for Direct I/O. HP: github.com/texhex/BiosSledgehammer,
 * settings of EliteDesk 800 G1 and EliteBook 8570p, pull request 52. AMD: memory. Lenovo:
 * github.com/CDRT/mk_docs, docs/ref/bios/settings/thinkpad/virtualization.md (by Lenovo);
 *   github.com/UHDbits/M73-Tiny-OpenCore: desktops have it below Advanced > CPU Setup.
 * Supermicro: manual of the X11DDW-L, chapter 4, page 93: VT-d, ACS Control. Its place, and AMD: memory.
 * No maker: names that the processors' makers use. */
static const struct {
  const char *maker; /* NULL: any */
  enum cpu cpu;
  enum pl_firmware_setting setting;
  const char *name;
} names[] = {
  { "ASUS", CPU_INTEL, PL_FIRMWARE_IOMMU, "VT-d (Advanced > System Agent (SA) Configuration)" },
  { "ASUS", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION,
    "Intel (VMX) Virtualization Technology (Advanced > CPU Configuration)" },
  { "ASUS", CPU_AMD, PL_FIRMWARE_IOMMU, "IOMMU (Advanced > AMD CBS, often below NBIO Common Options)" },
  { "ASUS", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (Advanced > CPU Configuration)" },
  { "ASUS", CPU_ANY, PL_FIRMWARE_ABOVE_4G, "Above 4G Decoding (Advanced > PCI Subsystem Settings)" },
  { "ASUS", CPU_ANY, PL_FIRMWARE_CSM, "Launch CSM (Boot > CSM)" },
  { "ASUS", CPU_AMD, PL_FIRMWARE_ACS,
    "ACS Enable (Advanced > AMD CBS > NBIO Common Options; not on every board)" },

  { "MSI", CPU_INTEL, PL_FIRMWARE_IOMMU, "Intel VT-D Tech (OC > CPU Features)" },
  { "MSI", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION, "Intel Virtualization Tech (OC > CPU Features)" },
  { "MSI", CPU_AMD, PL_FIRMWARE_IOMMU, "IOMMU (OC > Advanced CPU Configuration > AMD CBS)" },
  { "MSI", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (OC > Advanced CPU Configuration)" },
  { "MSI", CPU_ANY, PL_FIRMWARE_ABOVE_4G,
    "Above 4G memory/Crypto Currency mining (Settings > Advanced > PCIe/PCI Sub-system Settings)" },
  { "MSI", CPU_ANY, PL_FIRMWARE_CSM, "CSM, by BIOS CSM/UEFI Mode set to UEFI (Settings > Advanced)," },

  { "Gigabyte", CPU_INTEL, PL_FIRMWARE_IOMMU, "VT-d (Settings > Miscellaneous; on older boards Chipset)" },
  { "Gigabyte", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION,
    "Intel (VMX) Virtualization Technology (Tweaker > Advanced CPU Settings)" },
  { "Gigabyte", CPU_AMD, PL_FIRMWARE_IOMMU, "IOMMU (Settings > Miscellaneous)" },
  { "Gigabyte", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (Tweaker > Advanced CPU Settings)" },
  { "Gigabyte", CPU_ANY, PL_FIRMWARE_ABOVE_4G, "Above 4G Decoding (Settings > IO Ports)" },
  { "Gigabyte", CPU_ANY, PL_FIRMWARE_CSM, "CSM Support (Boot)" },

  { "ASRock", CPU_INTEL, PL_FIRMWARE_IOMMU, "VT-d (Advanced > Chipset Configuration)" },
  { "ASRock", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION,
    "Intel Virtualization Technology (Advanced > CPU Configuration)" },
  { "ASRock", CPU_AMD, PL_FIRMWARE_IOMMU, "IOMMU (Advanced > AMD CBS > NBIO Common Options)" },
  { "ASRock", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (Advanced > CPU Configuration)" },
  { "ASRock", CPU_ANY, PL_FIRMWARE_ABOVE_4G, "Above 4G Decoding (Advanced > Chipset Configuration)" },
  { "ASRock", CPU_ANY, PL_FIRMWARE_CSM, "CSM (Boot)" },

  { "Dell", CPU_INTEL, PL_FIRMWARE_IOMMU, "VT for Direct I/O (Virtualization Support)" },
  { "Dell", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION, "Virtualization (Virtualization Support)" },

  { "HP", CPU_INTEL, PL_FIRMWARE_IOMMU, "Virtualization Technology for Directed I/O (VTd)" },
  { "HP", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION, "Virtualization Technology (VTx)" },
  { "HP", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM CPU Virtualization" },

  { "Lenovo", CPU_INTEL, PL_FIRMWARE_IOMMU,
    "Intel (R) VT-d Feature (Security > Virtualization; on desktops VT-d, Advanced > CPU Setup)" },
  { "Lenovo", CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION,
    "Intel (R) Virtualization Technology (Security > Virtualization; on desktops Advanced > CPU Setup)" },
  { "Lenovo", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "AMD-V (Security > Virtualization)" },

  { "Supermicro", CPU_INTEL, PL_FIRMWARE_IOMMU,
    "Intel VT for Directed I/O (VT-d) (Advanced > Chipset Configuration > North Bridge > IIO "
    "Configuration)" },
  { "Supermicro", CPU_INTEL, PL_FIRMWARE_ACS, "ACS Control (beside Intel VT for Directed I/O)" },
  { "Supermicro", CPU_AMD, PL_FIRMWARE_IOMMU, "IOMMU (Advanced > NB Configuration)" },
  { "Supermicro", CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (Advanced > CPU Configuration)" },
  { "Supermicro", CPU_AMD, PL_FIRMWARE_ACS, "ACS Enable (Advanced > NB Configuration)" },

  { NULL, CPU_INTEL, PL_FIRMWARE_IOMMU, "VT-d (often beside Intel Virtualization Technology)" },
  { NULL, CPU_INTEL, PL_FIRMWARE_VIRTUALIZATION, "Intel Virtualization Technology (VT-x)" },
  { NULL, CPU_AMD, PL_FIRMWARE_IOMMU,
    "IOMMU, also called AMD-Vi (often among the CPU, AMD CBS or overclocking settings)" },
  { NULL, CPU_AMD, PL_FIRMWARE_VIRTUALIZATION, "SVM Mode" },
  { NULL, CPU_ANY, PL_FIRMWARE_IOMMU, "VT-d (Intel), or IOMMU / AMD-Vi (AMD)" },
  { NULL, CPU_ANY, PL_FIRMWARE_VIRTUALIZATION, "Intel Virtualization Technology (VT-x), or SVM Mode (AMD)" },
  { NULL, CPU_ANY, PL_FIRMWARE_ABOVE_4G, "Above 4G Decoding" },
  { NULL, CPU_ANY, PL_FIRMWARE_CSM, "CSM" },
};

/* Retail boards of ASUS leave what DMI has for the maker and the product as it came. Source: data/machines/
 * guide.machine, a TUF B450-PLUS GAMING; that others do not: memory. */
static const char *
find_maker (const struct pl_machine *machine)
{
  const char *vendor, *product;
  if (pl_machine_get_system_vendor (machine, &vendor) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (makers); i++)
    if (g_ascii_strncasecmp (vendor, makers[i].vendor, strlen (makers[i].vendor)) == 0)
      return makers[i].maker;
  bool is_asus = strcmp (vendor, "System manufacturer") == 0
                 && pl_machine_get_product_name (machine, &product) == PL_KNOWN
                 && strcmp (product, "System Product Name") == 0;
  return is_asus ? "ASUS" : NULL;
}

static enum cpu
find_cpu (const struct pl_machine *machine)
{
  const char *virtualization = NULL, *vendor = NULL;
  pl_machine_get_cpu_virtualization (machine, &virtualization);
  pl_machine_get_cpu_vendor (machine, &vendor);
  if (g_strcmp0 (virtualization, "vmx") == 0 || g_strcmp0 (vendor, "GenuineIntel") == 0)
    return CPU_INTEL;
  bool is_amd = g_strcmp0 (virtualization, "svm") == 0 || g_strcmp0 (vendor, "AuthenticAMD") == 0
                || g_strcmp0 (vendor, "HygonGenuine") == 0;
  return is_amd ? CPU_AMD : CPU_ANY;
}

static const char *
find_name (const char *maker, enum cpu cpu, enum pl_firmware_setting setting)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].setting == setting && (names[i].cpu == cpu || names[i].cpu == CPU_ANY)
        && g_strcmp0 (names[i].maker, maker) == 0)
      return names[i].name;
  return NULL;
}

const char *
pl_firmware_name (const struct pl_machine *machine, enum pl_firmware_setting setting)
{
  const char *maker = find_maker (machine);
  enum cpu cpu = find_cpu (machine);
  const char *name = maker != NULL ? find_name (maker, cpu, setting) : NULL;
  return name != NULL ? name : find_name (NULL, cpu, setting);
}

const char *
pl_firmware_place (const struct pl_case *judged)
{
  const char *maker = find_maker (judged->machine), *board;
  bool has_board = pl_machine_get_board_name (judged->machine, &board) == PL_KNOWN && board[0] != '\0';
  if (maker == NULL && !has_board)
    return "in the firmware's setup";
  return pl_case_format (judged, "in the firmware's setup (%s%s%s)", maker != NULL ? maker : "",
                         maker != NULL && has_board ? ", " : "", has_board ? board : "");
}

/* CSM is needed by a system that was installed without UEFI, which would not start any more. */
const char *
pl_firmware_remedy (const struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  return pl_case_format (
      judged,
      "%s switch on %s, and %s where it is off; in the same visit, for large cards, switch on %s, and %s off "
      "where this system boots by UEFI (there is /sys/firmware/efi). Then run %s check again",
      pl_firmware_place (judged), pl_firmware_name (machine, PL_FIRMWARE_IOMMU),
      pl_firmware_name (machine, PL_FIRMWARE_VIRTUALIZATION),
      pl_firmware_name (machine, PL_FIRMWARE_ABOVE_4G), pl_firmware_name (machine, PL_FIRMWARE_CSM),
      pl_case_command (judged));
}
