/* test_firmware_names.c - what a maker calls a setting of its firmware. */
#include "judge_machine.h"

#include "judge/firmware_names.h"

/* NULL: not read. */
static const struct {
  const char *vendor, *product, *virtualization;
  enum pl_firmware_setting setting;
  const char *wanted; /* the beginning of the name; NULL: none */
} cases[] = {
  { "ASUSTeK COMPUTER INC.", "ROG STRIX X570-E", "svm", PL_FIRMWARE_IOMMU, "IOMMU (Advanced > AMD CBS" },
  { "ASUS", "System Product Name", "vmx", PL_FIRMWARE_IOMMU, "VT-d (Advanced > System Agent" },
  { "asus", NULL, "vmx", PL_FIRMWARE_ACS, NULL },
  { "ASUS", NULL, "svm", PL_FIRMWARE_ACS, "ACS Enable (" },
  { "System manufacturer", "System Product Name", "svm", PL_FIRMWARE_VIRTUALIZATION, "SVM Mode (Advanced" },
  { "System manufacturer", "Something", "svm", PL_FIRMWARE_VIRTUALIZATION, "SVM Mode" },
  { "System manufacturer", NULL, "vmx", PL_FIRMWARE_CSM, "CSM" },
  { "Micro-Star International Co., Ltd.", NULL, "vmx", PL_FIRMWARE_IOMMU, "Intel VT-D Tech" },
  { "MSI", NULL, "svm", PL_FIRMWARE_ABOVE_4G, "Above 4G memory/Crypto" },
  { "Gigabyte Technology Co., Ltd.", NULL, "svm", PL_FIRMWARE_IOMMU, "IOMMU (Settings > Misc" },
  { "ASRock", NULL, "svm", PL_FIRMWARE_CSM, "CSM (Boot)" },
  { "Dell Inc.", NULL, "vmx", PL_FIRMWARE_IOMMU, "VT for Direct I/O" },
  { "Dell Inc.", NULL, "svm", PL_FIRMWARE_IOMMU, "IOMMU, also called AMD-Vi" },
  { "HP", NULL, "vmx", PL_FIRMWARE_IOMMU, "Virtualization Technology for Directed I/O (VTd)" },
  { "Hewlett-Packard", NULL, "vmx", PL_FIRMWARE_VIRTUALIZATION, "Virtualization Technology (VTx)" },
  { "LENOVO", NULL, "vmx", PL_FIRMWARE_IOMMU, "Intel (R) VT-d Feature" },
  { "Supermicro", NULL, "vmx", PL_FIRMWARE_ACS, "ACS Control" },
  { "Super Micro Computer, Inc.", NULL, "svm", PL_FIRMWARE_IOMMU, "IOMMU (Advanced > NB" },
  { "To Be Filled By O.E.M.", NULL, "svm", PL_FIRMWARE_IOMMU, "IOMMU, also called" },
  { NULL, NULL, "vmx", PL_FIRMWARE_IOMMU, "VT-d (often beside" },
  { NULL, NULL, NULL, PL_FIRMWARE_IOMMU, "VT-d (Intel), or IOMMU" },
  { "ASUS", NULL, NULL, PL_FIRMWARE_IOMMU, "VT-d (Intel), or IOMMU" },
  { "", "", "svm", PL_FIRMWARE_ABOVE_4G, "Above 4G Decoding" },
};

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct pl_machine *machine = machine_new (PL_SOURCE_RECORDING);
    if (cases[i].vendor != NULL)
      pl_machine_set_system_vendor (machine, PL_KNOWN, cases[i].vendor);
    if (cases[i].product != NULL)
      pl_machine_set_product_name (machine, PL_KNOWN, cases[i].product);
    if (cases[i].virtualization != NULL)
      pl_machine_set_cpu_virtualization (machine, PL_KNOWN, cases[i].virtualization);
    const char *name = pl_firmware_name (machine, cases[i].setting);
    g_test_message ("%u: %s", i, name != NULL ? name : "none");
    if (cases[i].wanted == NULL)
      g_assert_null (name);
    else
      g_assert_true (name != NULL && g_str_has_prefix (name, cases[i].wanted));
    pl_machine_free (machine);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/firmware-names/names", test_names);
  return g_test_run ();
}
