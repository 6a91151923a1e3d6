/* test_redact_command_line.c - what of a kernel command line may be posted. */
#include "base/redact.h"

#include <string.h>

static void
test_table (void)
{
  static const char *const rows[][2] = {
    { "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet intel_iommu=on iommu=pt\n",
      "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet intel_iommu=on iommu=pt\n" },
    { "rd.iscsi.password=hunter2 ip=10.0.0.1::host:eth0 ro", "rd.iscsi.password= ip= ro" },
    { "root=LABEL=Johns resume=PARTLABEL=x root=nfs:10.0.0.1 root=/dev/sda1",
      "root=LABEL= resume=PARTLABEL= root= root=/dev/sda1" },
    { "vfio-pci.ids=1002:731f vfio_pci.disable_idle_d3=1 vfio=x",
      "vfio-pci.ids=1002:731f vfio_pci.disable_idle_d3=1 vfio=" },
    { "dyndbg=\"file a +p\" \"name=a b\" video=efifb:off", "dyndbg= \"name=\" video=efifb:off" },
    { "iommufd=secret iommu.passthrough=1 pcie_acs_override=downstream",
      "iommufd= iommu.passthrough=1 pcie_acs_override=downstream" },
    { "=x == a= \"", "= = a= \"" },
    { "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GString) once = g_string_new (NULL);
    g_autoptr (GString) twice = g_string_new (NULL);
    pl_redact_command_line (once, rows[i][0], strlen (rows[i][0]));
    g_assert_cmpstr (once->str, ==, rows[i][1]);
    pl_redact_command_line (twice, once->str, once->len);
    g_assert_cmpstr (twice->str, ==, once->str);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact-command-line/table", test_table);
  return g_test_run ();
}
