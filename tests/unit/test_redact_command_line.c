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

/* A file of a boot loader stays what it is for an editor. */
static void
test_boot_files (void)
{
  static const struct {
    const char *only, *text, *wanted;
  } rows[] = {
    { "CMDLINE",
      "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet ip=10.0.0.1 iommu=pt\"\n# "
      "GRUB_CMDLINE_LINUX=ip=1\n",
      "GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet ip= iommu=pt\"\n# GRUB_CMDLINE_LINUX=ip=\n" },
    { "CMDLINE", "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX rd.iscsi.password=x\"",
      "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX rd.iscsi.password=\"" },
    { "CMDLINE", "GRUB_CMDLINE_LINUX+=' user=me\\\n'\nGRUB_PASSWORD=b",
      "GRUB_CMDLINE_LINUX+=' user=\\\n'\nGRUB_PASSWORD=b" },
    { "CMDLINE", "GRUB_CMDLINE_LINUX=quiet", "GRUB_CMDLINE_LINUX=quiet" },
    { NULL, "\"Boot with standard options\" \"root=UUID=1 ro name=me initrd=\\EFI\\x.img\"\n# ip=1\n",
      "\"Boot with standard options\" \"root=UUID=1 ro name= initrd=\\EFI\\x.img\"\n# ip=\n" },
    { NULL, "title a\nmachine-id 0a1b\noptions root=UUID=1 ip=10.0.0.1\ninitrd /a/initrd\n",
      "title a\nmachine-id 0a1b\noptions root=UUID=1 ip=\ninitrd /a/initrd\n" },
    { NULL, "MENU MASTER PASSWD $4$x$\n  menu passwd b\nLABEL a\n APPEND ro ip=1\n",
      "MENU MASTER PASSWD \n  menu passwd \nLABEL a\n APPEND ro ip=\n" },
    { "default_kernel_opts", "password='a b'\nroot=UUID=1\ndefault_kernel_opts=\"quiet ip=1\"\npassword=",
      "password=\nroot=UUID=1\ndefault_kernel_opts=\"quiet ip=\"\npassword=" },
    { "CMDLINE", "KERNEL_CMDLINE[default]+=\" ip=1 iommu=pt\"\n    CMDLINE=root=UUID=1 name=me\n",
      "KERNEL_CMDLINE[default]+=\" ip= iommu=pt\"\n    CMDLINE=root=UUID=1 name=\n" },
    { NULL, "  cmdline: root=UUID=1 name=me\n", "  cmdline: root=UUID=1 name=\n" },
    { NULL, "      \"quiet\",\n      \"ip=1.2.3.4\",\n    \"esp_path\": \"/boot/efi\"\n",
      "      \"quiet\",\n      \"ip=\",\n    \"esp_path\": \"/boot/efi\"\n" },
    { NULL, "=\n\"\"= a", "=\n\"\"= a" },
    { NULL, "", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GString) once = g_string_new (NULL);
    g_autoptr (GString) twice = g_string_new (NULL);
    pl_redact_boot_file (once, rows[i].text, strlen (rows[i].text), rows[i].only);
    g_assert_cmpstr (once->str, ==, rows[i].wanted);
    pl_redact_boot_file (twice, once->str, once->len, rows[i].only);
    g_assert_cmpstr (twice->str, ==, once->str);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redact-command-line/table", test_table);
  g_test_add_func ("/redact-command-line/boot-files", test_boot_files);
  return g_test_run ();
}
