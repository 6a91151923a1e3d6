/* test_kernel_log.c - lines of the kernel log, one by one, as kernels of many versions wrote them. */
#include "machine/kernel_log.h"

#include <string.h>

#define NONE -1

/* The address as sysfs writes it, or NULL; number -1: not looked at. */
static const struct row {
  const char *line;
  int kind;
  const char *address;
  int number;
  const char *text;
} rows[] = {
  { "[    0.608816] pci 0000:00:02.0: Adding to iommu group 3", PL_LOG_GROUP, "0000:00:02.0", 3, NULL },
  { "pci 0000:00:02.0: Adding to iommu group 3", PL_LOG_GROUP, "0000:00:02.0", 3, NULL },
  { "[    1.0] platform 54200000.dc: Adding to iommu group 2", PL_LOG_GROUP, NULL, 2, NULL },
  { "[    1.0] hisi_sas_v2_hw HISI0162:01: Adding to iommu group 0", PL_LOG_GROUP, NULL, 0, NULL },
  { "[   44.1] pci 0000:19:00.0: Removing from iommu group 16", PL_LOG_GROUP_REMOVED, "0000:19:00.0", 16,
    NULL },
  { "[    2.047787] iommu: Adding device 0000:00:00.0 to group 7", PL_LOG_GROUP, "0000:00:00.0", 7, NULL },
  { "[    2.047787] iommu: Removing device 10000:e1:00.0 from group 7", PL_LOG_GROUP_REMOVED, "10000:e1:00.0",
    7, NULL },
  { "[  258.9] pci 0000:81:00.2: Failed to add to iommu group 52: -16", NONE, NULL, 0, NULL },
  { "[    1.0] pci 0000:00:02.0: Adding to iommu group x", NONE, NULL, 0, NULL },
  { "[    1.0] pci 0000:00:02.0: Adding to iommu group 99999999999999", NONE, NULL, 0, NULL },
  { "[    0.000000] Linux version 5.18.5-arch1-1 (linux@archlinux) (gcc) #1", PL_LOG_RELEASE, NULL, 0,
    "5.18.5-arch1-1" },
  { "Linux version 6.1 is needed", NONE, NULL, 0, NULL },
  { "[    0.000000] Command line: root=/dev/sda1 iommu=pt", PL_LOG_COMMAND_LINE, NULL, 0,
    "root=/dev/sda1 iommu=pt" },
  { "[    0.03] Kernel command line: ro quiet ", PL_LOG_COMMAND_LINE, NULL, 0, "ro quiet" },
  { "[    0.03] Unknown kernel command line parameters \"a\", will be passed to user space.", NONE, NULL, 0,
    NULL },
  { "[    0.58] iommu: Default domain type: Passthrough (set via kernel command line)", PL_LOG_PASSTHROUGH,
    NULL, 0, NULL },
  { "[    0.58] iommu: Default domain type: Translated", NONE, NULL, 0, NULL },
  { "[    0.00] Warning: PCIe ACS overrides enabled; This may allow non-IOMMU protected peer-to-peer DMA",
    PL_LOG_ACS_OVERRIDE, NULL, 0, NULL },
  { "[    2.12] iommu ivhd0: AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=06:00.0 address=0x100210750]",
    PL_LOG_TIMEOUT, "0000:06:00.0", 0, NULL },
  { "[    2.12] AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0001:06:00.0 address=0x1]", PL_LOG_TIMEOUT,
    "0001:06:00.0", 0, NULL },
  { "[    2.12] AMD-Vi: Completion-Wait loop timed out", PL_LOG_TIMEOUT, NULL, 0, NULL },
  { "[    9.0] DMAR: VT-d detected Invalidation Time-out Error: SID 0", PL_LOG_TIMEOUT, NULL, 0, NULL },
  { "[   18.1] xhci_hcd 0000:07:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e address=0xce210880]",
    PL_LOG_IOMMU_AMD, "0000:07:00.0", 0, NULL },
  { "[   30.0] vfio-pci 0000:01:00.1: Device is ineligible for IOMMU domain attach due to platform RMRR "
    "requirement.  "
    "Contact your platform vendor.",
    PL_LOG_RMRR, "0000:01:00.1", 0, NULL },
  { "[   30.0] vfio-pci 0000:01:00.0: Firmware has requested this device have a 1:1 IOMMU mapping, rejecting "
    "configuring "
    "the device without a 1:1 mapping. Contact your platform vendor.",
    PL_LOG_RMRR, "0000:01:00.0", 0, NULL },
  { "[    0.03] AMD-Vi: Unknown option - 'on'", PL_LOG_UNKNOWN_OPTION, NULL, 0, "on" },
  { "[    0.03] DMAR: Unknown option - 'pt'", PL_LOG_UNKNOWN_OPTION, NULL, 0, "pt" },
  { "[    0.03] mconsole_setup : Unknown option - 'on'", NONE, NULL, 0, NULL },
  { "[    0.6] AMD-Vi: Interrupt remapping enabled", PL_LOG_REMAPPING_ON, NULL, 0, NULL },
  { "[    0.05] DMAR-IR: Enabled IRQ remapping in x2apic mode", PL_LOG_REMAPPING_ON, NULL, 0, NULL },
  { "[    0.025] Enabled IRQ remapping in xapic mode", PL_LOG_REMAPPING_ON, NULL, 0, NULL },
  { "[    0.025215] Failed to enable irq remapping.  You are vulnerable to irq-injection attacks.",
    PL_LOG_REMAPPING_OFF, NULL, 0, NULL },
  { "[    0.0] DMAR-IR: Not enabling interrupt remapping", PL_LOG_REMAPPING_OFF, NULL, 0, NULL },
  { "[    0.0] [Firmware Bug]: ioapic 2 has no mapping iommu, interrupt remapping will be disabled",
    PL_LOG_REMAPPING_OFF, NULL, 0, NULL },
  { "[  522.1] vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param",
    PL_LOG_REMAPPING_OFF, NULL, 0, NULL },
  { "[    0.6] pci 0000:00:00.2: AMD-Vi: IOMMU performance counters supported", PL_LOG_IOMMU_AMD,
    "0000:00:00.2", 0, NULL },
  { "[    0.6] AMD-Vi: Found IOMMU at 0000:40:00.2 cap 0x40", PL_LOG_IOMMU_AMD, "0000:40:00.2", 0, NULL },
  { "[    0.6] perf/amd_iommu: Detected AMD IOMMU #0 (2 banks, 4 counters/bank).", PL_LOG_IOMMU_AMD, NULL, 0,
    NULL },
  { "[    3.5] AMD-Vi: AMD IOMMUv2 driver by Somebody", NONE, NULL, 0, NULL },
  { "[    3.5] AMD-Vi: AMD IOMMUv2 functionality not available on this system", NONE, NULL, 0, NULL },
  { "[    0.1] AMD-Vi: Using global IVHD EFR:0x0, EFR2:0x0", NONE, NULL, 0, NULL },
  { "[    0.65] DMAR: Intel(R) Virtualization Technology for Directed I/O", PL_LOG_IOMMU_INTEL, NULL, 0,
    NULL },
  { "[    0.65] DMAR: dmar0: Using Queued invalidation", PL_LOG_IOMMU_INTEL, NULL, 0, NULL },
  { "[    0.5] IOMMU 0 0xfed90000: using Queued invalidation", PL_LOG_IOMMU_INTEL, NULL, 0, NULL },
  { "[    0.5] IOMMU: Setting identity map for device 0000:00:1d.0 [0xbdea8000 - 0xbdeb6fff]",
    PL_LOG_IOMMU_INTEL, "0000:00:1d.0", 0, NULL },
  /* Only the command line and the table: an AMD machine says the first, too. */
  { "[    0.0] DMAR: IOMMU enabled", NONE, NULL, 0, NULL },
  { "[    0.0] ACPI: DMAR 0x0000000087ACAD28 000070 (v01 INTEL  SKL)", NONE, NULL, 0, NULL },
  { "[    0.0] DMAR: Host address width 39", NONE, NULL, 0, NULL },
  { "[    1.2] arm-smmu 5000000.iommu: probing hardware configuration...", PL_LOG_IOMMU_OTHER, NULL, 0,
    NULL },
  { "[    1.2] arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x0)", PL_LOG_IOMMU_OTHER,
    NULL, 0, NULL },
  { "[    4.5] vfio-pci 0000:09:00.0: vgaarb: changed VGA decodes: olddecodes=io+mem", PL_LOG_VFIO,
    "0000:09:00.0", 0, NULL },
  { "[    4.6] vfio_pci: add [1002:731f[ffffffff:ffffffff]] class 0x000000/00000000", PL_LOG_VFIO, NULL, 0,
    NULL },
  { "[    4.5] VFIO - User Level meta-driver version: 0.3", NONE, NULL, 0, NULL },
  { "[    2.0] kvm: disabled by bios", PL_LOG_FIRMWARE_DISABLED, NULL, 0, NULL },
  { "[    2.0] kvm: support for 'kvm_intel' disabled by bios", PL_LOG_FIRMWARE_DISABLED, NULL, 0, NULL },
  { "[   18.6] kvm_amd: SVM disabled (by BIOS) in MSR_VM_CR on CPU 3", PL_LOG_FIRMWARE_DISABLED, NULL, 0,
    NULL },
  { "[   18.6] kvm_intel: VMX not enabled (by BIOS) in MSR_IA32_FEAT_CTL on CPU 3", PL_LOG_FIRMWARE_DISABLED,
    NULL, 0, NULL },
  { "[    0.0] x86/cpu: VMX (outside TXT) disabled by BIOS", PL_LOG_FIRMWARE_DISABLED, NULL, 0, NULL },
  { "[    0.0] x86/cpu: SGX disabled by BIOS.", NONE, NULL, 0, NULL },
  { "[    1.0] usb 1-4: new high-speed USB device number 2 using xhci_hcd", NONE, NULL, 0, NULL },
  { "", NONE, NULL, 0, NULL },
  { "[", NONE, NULL, 0, NULL },
};

static void
test_rows (void)
{
  g_autoptr (GBytes) names = g_bytes_new_static ("", 0);
  struct pl_machine *machine = pl_machine_new (PL_SOURCE_TEXT, "text", pl_names_new_for_text (names));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const struct row *row = &rows[i];
    struct pl_log_event event = { .line = 99 };
    char address[PL_ADDRESS_SIZE];
    g_test_message ("%s", row->line);
    bool is_known = pl_kernel_log_parse (machine, row->line, strlen (row->line), &event);
    g_assert_cmpint (is_known ? (int) event.kind : NONE, ==, row->kind);
    g_assert_true (pl_kernel_log_is_wanted (row->line, strlen (row->line), NULL) == is_known);
    if (!is_known || row->kind == NONE)
      continue;
    g_assert_cmpstr (event.has_address ? pl_address_format (event.address, address) : NULL, ==, row->address);
    g_assert_cmpint ((int) event.number, ==, row->number);
    g_assert_cmpuint (event.line, ==, 0);
    if (row->text != NULL)
      g_assert_cmpstr (event.text, ==, row->text);
  }
  pl_machine_free (machine);
}

static void
test_stamps (void)
{
  static const struct {
    const char *line, *text;
    bool had_stamp;
  } stamps[] = {
    { "[    1.085193] pci x", "pci x", true },
    { "[    1.085193] [      T1] pci x", "pci x", true },
    { "[ 1.0][T1] pci x", "pci x", true },
    { "[    0.908585] kernel: pci x", "pci x", true },
    { "[Fri May  1 09:46:35 2026] pci x", "pci x", true },
    { "<6>[    1.085193] pci x", "pci x", true },
    { "Jun 29 18:28:41 hp-4300G kernel: pci x", "pci x", true },
    { "jan 13 14:17:13 localhost kernel: [    1.0] pci x", "pci x", true },
    { "2026-05-01T09:46:35+0200 host kernel: pci x", "pci x", true },
    { "  pci x", "pci x", false },
    { "[1002:731f] pci x", "[1002:731f] pci x", false },
    { "[drm] DMAR active", "[drm] DMAR active", false },
    { "[AMD/ATI] x", "[AMD/ATI] x", false },
    { "the words that say kernel: are here and more", "are here and more", true },
  };
  for (guint i = 0; i < G_N_ELEMENTS (stamps); i++) {
    bool had_stamp;
    struct pl_span text
        = pl_kernel_log_text ((struct pl_span){ stamps[i].line, strlen (stamps[i].line) }, &had_stamp);
    g_autofree char *found = g_strndup (text.at, text.size);
    g_assert_cmpstr (found, ==, stamps[i].text);
    g_assert_true (had_stamp == stamps[i].had_stamp);
  }
}

/* The filter must want its own output again: a recording of a recording is the same. */
static void
test_wants_its_own_output (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    bool had_stamp;
    struct pl_span text
        = pl_kernel_log_text ((struct pl_span){ rows[i].line, strlen (rows[i].line) }, &had_stamp);
    g_autofree char *line = g_strdup_printf ("[ 1.000000] %.*s", (int) text.size, text.at);
    g_assert_true (pl_kernel_log_is_wanted (line, strlen (line), NULL) == (rows[i].kind != NONE));
  }
}

/* No byte behind the line is looked at: AddressSanitizer sees it. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize size = 0; size <= strlen (rows[i].line); size++) {
      g_autofree char *line = g_memdup2 (rows[i].line, size > 0 ? size : 1);
      (void) pl_kernel_log_is_wanted (line, size, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  g_test_add_func ("/kernel-log/rows", test_rows);
  g_test_add_func ("/kernel-log/stamps", test_stamps);
  g_test_add_func ("/kernel-log/wants-its-own-output", test_wants_its_own_output);
  g_test_add_func ("/kernel-log/cut", test_cut);
  return g_test_run ();
}
