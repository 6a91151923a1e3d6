/* kernel_log.c - see kernel_log.h.
 *
 * The wording is the kernel's own, of many versions. The rows name the source file; what a row needs is in
 * the text itself, so that it stands whatever a version puts before it ("AMD-Vi:", "DMAR-IR:", "iommu
 * ivhd0:").
 */
#include "machine/kernel_log.h"

#include <string.h>

/* What was recognised, before any text is copied. */
struct found {
  enum pl_log_kind kind;
  bool has_address;
  struct pl_address address;
  gint64 number;
  struct pl_span text;
};

/* "[    0.608816] ", "[Fri May  1 09:46:35 2026] ", "[      T1] " */
static bool
take_bracket (struct pl_span *line)
{
  if (line->size == 0 || line->at[0] != '[')
    return false;
  const char *close = memchr (line->at, ']', MIN (line->size, 40));
  if (close == NULL)
    return false;
  struct pl_span inside = pl_span_trim ((struct pl_span){ line->at + 1, (gsize) (close - line->at) - 1 });
  gsize digits = 0, colons = 0, dots = 0, others = 0;
  for (gsize i = 0; i < inside.size; i++) {
    digits += g_ascii_isdigit (inside.at[i]);
    colons += inside.at[i] == ':';
    dots += inside.at[i] == '.';
    others += !g_ascii_isdigit (inside.at[i]) && inside.at[i] != '.' && inside.at[i] != ' ';
  }
  bool is_time = digits > 0 && dots == 1 && others == 0;
  bool is_date = colons == 2 && digits >= 9;
  bool is_caller
      = inside.size > 1 && (inside.at[0] == 'T' || inside.at[0] == 'C') && digits == inside.size - 1;
  if (!is_time && !is_date && !is_caller)
    return false;
  *line = pl_span_skip (*line, (gsize) (close - line->at) + 1);
  pl_span_take_any (line, " \t");
  return true;
}

/* "Jun 29 18:28:41 host kernel: ": at most six words, of which the last is "kernel:". */
static bool
take_syslog (struct pl_span *line)
{
  struct pl_span rest = pl_span_head (*line, 120);
  for (guint words = 0; words < 6 && rest.size > 0; words++) {
    struct pl_span word = pl_span_take_word (&rest);
    if (pl_span_is (word, "kernel:")) {
      *line = pl_span_skip (*line, (gsize) (rest.at - line->at));
      return true;
    }
  }
  return false;
}

/* "<6>" */
static bool
take_level (struct pl_span *line)
{
  if (line->size < 3 || line->at[0] != '<' || !g_ascii_isdigit (line->at[1]))
    return false;
  struct pl_span rest = pl_span_skip (*line, 1);
  guint32 level;
  if (!pl_span_take_decimal (&rest, &level) || !pl_span_take (&rest, ">"))
    return false;
  *line = rest;
  return true;
}

struct pl_span
pl_kernel_log_text (struct pl_span line, bool *had_stamp)
{
  line = pl_span_trim (line);
  *had_stamp = false;
  while (take_bracket (&line) || take_level (&line) || take_syslog (&line))
    *had_stamp = true;
  return line;
}

/* "0000:09:00.0: " with the PCI domain, as the kernel names a function. */
static bool
take_named_address (struct pl_span *text, struct pl_address *address)
{
  return text->size > 8 && text->at[4] != '.' && text->at[5] != '.' && pl_span_take_address (text, address);
}

bool
pl_kernel_log_subject (struct pl_span text, struct pl_address *address, struct pl_span *rest)
{
  struct pl_span driver = pl_span_take_word (&text);
  if (driver.size == 0 || driver.size > 32 || !g_ascii_isalpha (driver.at[0]))
    return false;
  for (gsize i = 0; i < driver.size; i++)
    if (!g_ascii_isalnum (driver.at[i]) && strchr ("_-.", driver.at[i]) == NULL)
      return false;
  if (!take_named_address (&text, address) || !pl_span_take (&text, ":"))
    return false;
  *rest = pl_span_trim (text);
  return true;
}

/* A number at the begin that nothing but the end or a blank follows. */
static bool
take_whole_number (struct pl_span rest, gint64 *number)
{
  guint32 value;
  if (!pl_span_take_decimal (&rest, &value) || (rest.size > 0 && rest.at[0] != ' '))
    return false;
  *number = value;
  return true;
}

/* The function whose name is the last word of the text, with its colon: "pci 0000:00:01.0:". */
static bool
find_last_name (struct pl_span text, struct pl_address *address)
{
  text = pl_span_trim (text);
  if (text.size == 0 || text.at[text.size - 1] != ':')
    return false;
  text.size--;
  gsize start = text.size;
  while (start > 0 && text.at[start - 1] != ' ')
    start--;
  struct pl_span name = pl_span_skip (text, start);
  return take_named_address (&name, address) && name.size == 0;
}

/* Source: drivers/iommu/iommu.c, iommu_group_add_device() and __iommu_group_remove_device(). Platform devices
 * have groups too: then no address stands before the words. Of two lines that run into each other the last
 * name counts. */
static bool
find_group (struct pl_span text, struct found *found)
{
  static const struct {
    const char *words;
    enum pl_log_kind kind;
  } rows[] = {
    { "Adding to iommu group ", PL_LOG_GROUP },
    { "Removing from iommu group ", PL_LOG_GROUP_REMOVED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    gssize at = pl_span_find (text, rows[i].words);
    if (at < 0)
      continue;
    found->kind = rows[i].kind;
    found->has_address = find_last_name (pl_span_head (text, (gsize) at), &found->address);
    return take_whole_number (pl_span_skip (text, (gsize) at + strlen (rows[i].words)), &found->number);
  }

  /* Until Linux 5.3: "iommu: Adding device 0000:00:00.0 to group 0". */
  struct pl_span rest = text;
  if (!pl_span_take (&rest, "iommu: ") && !pl_span_take (&rest, "IOMMU: "))
    return false;
  if (pl_span_take (&rest, "Adding device "))
    found->kind = PL_LOG_GROUP;
  else if (pl_span_take (&rest, "Removing device "))
    found->kind = PL_LOG_GROUP_REMOVED;
  else
    return false;
  struct pl_span name = pl_span_take_word (&rest);
  found->has_address = take_named_address (&name, &found->address) && name.size == 0;
  return (pl_span_take (&rest, "to group ") || pl_span_take (&rest, "from group "))
         && take_whole_number (rest, &found->number);
}

/* The function that the words name, or the subject of the line: "Event logged [IOTLB_INV_TIMEOUT
 * device=06:00.0", "Found IOMMU at 0000:00:00.2", "Setting identity map for device 0000:00:02.0". */
static void
find_address (struct pl_span text, struct found *found)
{
  static const char *const words[] = { "device=", "IOMMU at ", "for device " };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    gssize at = pl_span_find (text, words[i]);
    if (at < 0)
      continue;
    struct pl_span rest = pl_span_skip (text, (gsize) at + strlen (words[i]));
    found->has_address = pl_span_take_address (&rest, &found->address);
    return;
  }
  struct pl_span rest;
  found->has_address = pl_kernel_log_subject (text, &found->address, &rest);
}

/* A row needs both its texts; @start stands at the begin, @words anywhere. NULL: not asked for. */
struct row {
  enum pl_log_kind kind;
  const char *start;
  const char *words;
};

/* The first row that fits stands: what says more is above. */
static const struct row rows[] = {
  /* drivers/iommu/intel/iommu.c, intel_iommu_attach_device() */
  { PL_LOG_RMRR, NULL, "ineligible for IOMMU domain attach due to platform RMRR" },
  /* drivers/iommu/iommu.c, __iommu_device_set_domain(), in place of the former since Linux 6.6 or so */
  { PL_LOG_RMRR, NULL, "Firmware has requested this device have a 1:1 IOMMU mapping" },
  /* drivers/iommu/amd/iommu.c, iommu_print_event() and wait_on_sem() */
  { PL_LOG_TIMEOUT, NULL, "IOTLB_INV_TIMEOUT" },
  { PL_LOG_TIMEOUT, NULL, "Completion-Wait loop timed out" },
  { PL_LOG_TIMEOUT, NULL, "COMPLETION_WAIT" },
  /* drivers/iommu/intel/dmar.c, qi_dump_fault() */
  { PL_LOG_TIMEOUT, NULL, "Invalidation Time-out Error" },
  /* drivers/iommu/iommu.c, iommu_subsys_init(); arch/x86: "iommu: Default domain type: Passthrough" */
  { PL_LOG_PASSTHROUGH, NULL, "efault domain type: Passthrough" },
  /* the patch that distributions carry for drivers/pci/quirks.c, pcie_acs_override_setup() */
  { PL_LOG_ACS_OVERRIDE, NULL, "PCIe ACS overrides enabled" },
  /* drivers/vfio/vfio_iommu_type1.c, vfio_iommu_type1_attach_group() */
  { PL_LOG_REMAPPING_OFF, NULL, "No interrupt remapping support" },
  /* drivers/iommu/intel/irq_remapping.c, intel_prepare_irq_remapping() and parse_ioapics_under_ir() */
  { PL_LOG_REMAPPING_OFF, NULL, "Failed to enable irq remapping" },
  { PL_LOG_REMAPPING_OFF, NULL, "ot enabling interrupt remapping" },
  { PL_LOG_REMAPPING_OFF, NULL, "ot enable interrupt remapping" },
  { PL_LOG_REMAPPING_OFF, NULL, "interrupt remapping will be disabled" },
  { PL_LOG_REMAPPING_OFF, NULL, "interrupt remapping is being disabled" },
  /* drivers/iommu/amd/init.c, check_ioapic_information() */
  { PL_LOG_REMAPPING_OFF, NULL, "Disabling interrupt remapping" },
  /* drivers/iommu/intel/irq_remapping.c, intel_enable_irq_remapping(); before Linux 4.2 without "DMAR-IR:" */
  { PL_LOG_REMAPPING_ON, NULL, "Enabled IRQ remapping in" },
  { PL_LOG_REMAPPING_ON, NULL, "Enabled Interrupt-remapping" },
  /* drivers/iommu/amd/init.c, print_iommu_info() */
  { PL_LOG_REMAPPING_ON, NULL, "AMD-Vi: Interrupt remapping enabled" },
  /* arch/x86/kvm/vmx/vmx.c and svm/svm.c, kvm_is_*_supported(); kvm/x86.c until Linux 6.2;
     kernel/cpu/feat_ctl.c */
  { PL_LOG_FIRMWARE_DISABLED, "kvm", "isabled by bios" },
  { PL_LOG_FIRMWARE_DISABLED, NULL, "SVM disabled (by BIOS)" },
  { PL_LOG_FIRMWARE_DISABLED, NULL, "VMX not enabled (by BIOS)" },
  { PL_LOG_FIRMWARE_DISABLED, NULL, "VMX (outside TXT) disabled by BIOS" },
  { PL_LOG_FIRMWARE_DISABLED, "AMD-Vi: ", "isabled by firmware" },
  { PL_LOG_FIRMWARE_DISABLED, "AMD-Vi: ", "isabled by BIOS" },
  { PL_LOG_FIRMWARE_DISABLED, "DMAR: ", "isabled by BIOS" },
  { PL_LOG_FIRMWARE_DISABLED, "DMAR: ", "isabled in BIOS" },
  /* drivers/vfio/pci/vfio_pci.c, vfio_pci_fill_ids(); vfio_pci_config.c: "vfio_ecap_init: 0000:01:00.0 hiding
     ecap" */
  { PL_LOG_VFIO, "vfio_pci: add [", NULL },
  { PL_LOG_VFIO, "vfio_ecap_init: ", NULL },
  /* The hardware at work: what is only said once the units were set up. Not "IOMMU enabled", which repeats
   * the command line (intel_iommu_setup()) on an AMD machine too, and nothing that only reads the ACPI table.
   * drivers/iommu/amd/init.c: amd_iommu_init_pci(), print_iommu_info(), init_iommu_perf_ctr(); amd/iommu.c;
   * arch/x86/events/amd/iommu.c */
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: IOMMU performance counters" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Unable to read/write to IOMMU perf counter" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Found IOMMU" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Extended features" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Virtual APIC enabled" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: X2APIC enabled" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Lazy IO/TLB flushing enabled" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: IO/TLB flush on unmap enabled" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Initialized for Passthrough Mode" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Enabling IOMMU at" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD-Vi: Event logged" },
  { PL_LOG_IOMMU_AMD, NULL, "AMD IOMMUv2 loaded and initialized" },
  { PL_LOG_IOMMU_AMD, NULL, "Detected AMD IOMMU #" },
  /* drivers/iommu/intel/iommu.c: intel_iommu_init(), init_dmars(), domain setup; dmar.c: dmar_fault_do_one()
   */
  { PL_LOG_IOMMU_INTEL, NULL, "Virtualization Technology for Directed I/O" },
  { PL_LOG_IOMMU_INTEL, NULL, "sing Queued invalidation" },
  { PL_LOG_IOMMU_INTEL, NULL, "sing Register based invalidation" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: No ATSR found" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: No RMRR found" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: No SATC found" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Setting RMRR" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Setting identity map" },
  { PL_LOG_IOMMU_INTEL, NULL, "IOMMU: Setting identity map for device" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Software identity mapping" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Hardware identity mapping" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Device uses a private" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: Intel-IOMMU force enabled" },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: IOMMU feature " },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR: [DMA " },
  { PL_LOG_IOMMU_INTEL, NULL, "DMAR:[DMA " },
  { PL_LOG_IOMMU_INTEL, NULL, "DRHD: handling fault status" },
  /* drivers/iommu/arm/arm-smmu/arm-smmu.c, arm-smmu-v3.c, drivers/iommu/virtio-iommu.c, riscv/iommu.c,
     apple-dart.c */
  { PL_LOG_IOMMU_OTHER, "arm-smmu", "probing hardware configuration" },
  { PL_LOG_IOMMU_OTHER, "arm-smmu", "SMMUv" },
  { PL_LOG_IOMMU_OTHER, "arm-smmu", "translation" },
  { PL_LOG_IOMMU_OTHER, "arm-smmu", "ias " },
  { PL_LOG_IOMMU_OTHER, "virtio_iommu ", "input address" },
  { PL_LOG_IOMMU_OTHER, "riscv,iommu", NULL },
  { PL_LOG_IOMMU_OTHER, "riscv-iommu", NULL },
  { PL_LOG_IOMMU_OTHER, "apple-dart ", "DART " },
};

static bool
find_row (struct pl_span text, struct found *found)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const struct row *row = &rows[i];
    if ((row->start != NULL && !pl_span_starts (text, row->start))
        || (row->words != NULL && pl_span_find (text, row->words) < 0))
      continue;
    found->kind = row->kind;
    find_address (text, found);
    return true;
  }
  return false;
}

/* "Linux version 5.18.5-arch1-1 (linux@archlinux) (gcc ...". Source: init/version-timestamp.c, linux_banner.
 */
static bool
find_release (struct pl_span text, struct found *found)
{
  if (!pl_span_take (&text, "Linux version "))
    return false;
  struct pl_span release = pl_span_take_word (&text);
  if (release.size < 3 || release.size > 64 || !g_ascii_isdigit (release.at[0])
      || !pl_span_starts (text, "("))
    return false;
  found->kind = PL_LOG_RELEASE;
  found->text = release;
  return true;
}

/* Source: arch/x86/kernel/setup.c, setup_arch(); init/main.c, start_kernel(): the second also on other
 * machines. */
static bool
find_command_line (struct pl_span text, struct found *found)
{
  if (!pl_span_take (&text, "Command line: ") && !pl_span_take (&text, "Kernel command line: "))
    return false;
  found->kind = PL_LOG_COMMAND_LINE;
  found->text = pl_span_trim (text);
  return found->text.size > 0;
}

/* "AMD-Vi: Unknown option - 'on'". Source: drivers/iommu/amd/init.c, parse_amd_iommu_options(); the same in
 * drivers/iommu/intel/iommu.c, intel_iommu_setup(). */
static bool
find_unknown_option (struct pl_span text, struct found *found)
{
  static const char words[] = "Unknown option - '";
  gssize at = pl_span_find (text, words);
  if (at < 0 || (!pl_span_starts (text, "AMD-Vi: ") && !pl_span_starts (text, "DMAR: ")))
    return false;
  text = pl_span_skip (text, (gsize) at + strlen (words));
  if (text.size == 0 || text.at[text.size - 1] != '\'')
    return false;
  found->kind = PL_LOG_UNKNOWN_OPTION;
  found->text = pl_span_head (text, text.size - 1);
  return true;
}

/* "vfio-pci 0000:09:00.0: vgaarb: changed VGA decodes". Source: drivers/vfio/pci/, pci_*() on the device. */
static bool
find_vfio (struct pl_span text, struct found *found)
{
  struct pl_span rest;
  if (!pl_span_starts (text, "vfio-pci ") || !pl_kernel_log_subject (text, &found->address, &rest))
    return false;
  found->kind = PL_LOG_VFIO;
  found->has_address = true;
  return true;
}

/* One of these stands in every line that is known; most lines of a log have none, and are done with in one
 * pass. */
static bool
may_be_known (struct pl_span line)
{
  static const char *const parts[]
      = { "mmu",     "MMU",        "AMD-Vi",        "DMAR",         "ommand line: ", "Linux version ",
          "vfio",    "emapping",   "ACS overrides", "Directed I/O", "BIOS)",         "bios",
          "by BIOS", "Queued inv", "DRHD: ",        "apple-dart" };
  static const bool begins[256]
      = { ['m'] = true, ['M'] = true, ['A'] = true, ['D'] = true, ['o'] = true, ['L'] = true,
          ['v'] = true, ['e'] = true, ['B'] = true, ['b'] = true, ['Q'] = true, ['a'] = true };
  for (gsize at = 0; at + 2 < line.size; at++) {
    if (!begins[(guchar) line.at[at]])
      continue;
    struct pl_span rest = pl_span_skip (line, at);
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
      if (parts[i][0] == rest.at[0] && parts[i][1] == rest.at[1] && pl_span_starts (rest, parts[i]))
        return true;
  }
  return false;
}

static bool
recognise (struct pl_span line, struct found *found)
{
  if (!may_be_known (line))
    return false;
  bool had_stamp;
  struct pl_span text = pl_kernel_log_text (line, &had_stamp);
  *found = (struct found){ .text = text };
  return find_group (text, found) || find_release (text, found) || find_command_line (text, found)
         || find_unknown_option (text, found) || find_row (text, found) || find_vfio (text, found);
}

bool
pl_kernel_log_find (struct pl_span line, struct pl_log_event *event, struct pl_span *text)
{
  struct found found;
  if (!recognise (line, &found))
    return false;
  *event = (struct pl_log_event){
    .kind = found.kind,
    .has_address = found.has_address,
    .number = found.number,
  };
  if (found.has_address)
    event->address = found.address;
  *text = found.text;
  return true;
}

bool
pl_kernel_log_parse (struct pl_machine *machine, const char *line, gsize length, struct pl_log_event *event)
{
  struct pl_span text;
  if (!pl_kernel_log_find ((struct pl_span){ line, length }, event, &text))
    return false;
  event->text = pl_machine_string (machine, text.at, (gssize) text.size);
  return true;
}

bool
pl_kernel_log_is_wanted (const char *line, gsize length, void *data)
{
  struct found found;
  (void) data;
  return recognise ((struct pl_span){ line, length }, &found);
}
