/* detail.c - the lines that stand below a function's own: driver, modules, subsystem, NUMA node, group.
 *
 *     Subsystem: ASUSTeK Computer Inc. Device [1043:04e8]
 *     Kernel driver in use: vfio-pci
 *     Kernel modules: amdgpu
 *
 * Where lspci was asked for drivers (-k, -v) and shows none for a function, the function has none. That it
 * was asked is only certain where the text has such a line anywhere, and the function has others of those
 * lines.
 *
 * Source: pciutils, lspci.c, show_device(); ls-kernel.c, show_kernel().
 */
#include "machine/paste/paste_private.h"

#include <string.h>

/* Names that a cut at the text's end may leave whole; of any other last word nobody can say whether it is. */
static const char *const common_drivers[]
    = { "vfio-pci",       "pci-stub",    "pciback",     "xen-pciback", "nvidia",   "nvidiafb", "nvidia_drm",
        "nouveau",        "amdgpu",      "radeon",      "i915",        "xe",       "ast",      "mgag200",
        "snd_hda_intel",  "xhci_hcd",    "xhci_pci",    "ehci-pci",    "ohci-pci", "nvme",     "ahci",
        "pcieport",       "shpchp",      "r8169",       "e1000e",      "igb",      "ixgbe",    "iwlwifi",
        "i2c_nvidia_gpu", "nvidia-gpu",  "piix4_smbus", "i801_smbus",  "k10temp",  "ccp",      "mei_me",
        "lpc_ich",        "thunderbolt", "sp5100_tco",  "i2c_piix4",   "i2c_i801", "k10temp" };

bool
pl_paste_is_driver (struct pl_span word)
{
  for (guint i = 0; i < G_N_ELEMENTS (common_drivers); i++)
    if (pl_span_is (word, common_drivers[i]))
      return true;
  return false;
}

static bool
is_whole (const struct pl_paste_line *line, struct pl_span words)
{
  if (!line->is_unterminated)
    return true;
  gsize start = words.size;
  while (start > 0 && words.at[start - 1] != ' ')
    start--;
  return pl_paste_is_driver (pl_span_skip (words, start));
}

void
pl_paste_end_block (struct pl_paste *paste, bool is_cut)
{
  const struct pl_paste_block *block = &paste->block;
  if (block->is_open && block->has_details && !block->has_driver && !is_cut) {
    struct pl_paste_undriven undriven = { block->index, block->line };
    g_array_append_val (paste->undriven, undriven);
  }
  paste->block.is_open = false;
}

void
pl_paste_end_listing (struct pl_paste *paste, bool is_cut)
{
  pl_paste_end_block (paste, is_cut);
  for (guint i = 0; i < paste->undriven->len && paste->shows_drivers; i++) {
    const struct pl_paste_undriven *undriven = &g_array_index (paste->undriven, struct pl_paste_undriven, i);
    pl_paste_entry (paste, undriven->index)->undriven_line = undriven->line;
  }
  g_array_set_size (paste->undriven, 0);
  paste->shows_drivers = false;
}

void
pl_paste_begin_block (struct pl_paste *paste, guint index, const struct pl_paste_line *line)
{
  pl_paste_end_block (paste, false);
  paste->block = (struct pl_paste_block){
    .is_open = true,
    .index = index,
    .indent = line->indent,
    .line = line->number,
  };
}

void
pl_paste_finish_drivers (struct pl_paste *paste)
{
  for (guint i = 0; i < paste->entries->len; i++) {
    struct pl_device *device = pl_paste_device (paste, i);
    guint *where = &pl_device_text (device)->line_[PL_DEVICE_driver];
    guint line = pl_paste_entry (paste, i)->undriven_line;
    if (line == 0 || line < *where)
      continue;
    const char *earlier;
    char address[PL_ADDRESS_SIZE];
    if (pl_device_get_driver (device, &earlier) == PL_KNOWN)
      pl_paste_note (paste, line, "%s: no driver is in use here and %s in line %u; the later stands",
                     pl_address_format (device->address, address), earlier, *where);
    pl_device_set_driver (device, PL_ABSENT, NULL);
    *where = line;
  }
}

/* "ASUSTeK Computer Inc. Device [1043:04e8]", "1043:04e8", "ASUSTeK Computer Inc. Device 04e8" */
static void
set_subsystem (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  guint32 vendor, device;
  struct pl_span rest = value;
  bool has_ids = pl_paste_take_pair (&rest, &vendor, &device) && rest.size == 0;
  struct pl_span name = { value.at, 0 };
  if (!has_ids) {
    gssize at = pl_paste_find_ids (value, &vendor, &device);
    has_ids = at >= 0;
    bool was_cut = line->is_unterminated;
    name = has_ids ? pl_span_trim (pl_span_head (value, (gsize) at)) : pl_paste_without_cut (value, &was_cut);
    if (!has_ids && was_cut)
      name.size = 0;
  }
  if (has_ids) {
    pl_paste_set_number (paste, index, PL_DEVICE_subsystem_vendor, (guint16) vendor, line->number);
    pl_paste_set_number (paste, index, PL_DEVICE_subsystem_device, (guint16) device, line->number);
  }
  if (name.size > 0)
    pl_device_text (pl_paste_device (paste, index))->subsystem_name
        = pl_machine_string (paste->machine, name.at, (gssize) name.size);
}

/* The driver's own name, or "none", "(none)", "-". */
static bool
set_driver (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  if (pl_span_is (value, "none") || pl_span_is (value, "(none)") || pl_span_is (value, "<none>")
      || pl_span_is (value, "-")) {
    pl_paste_entry (paste, index)->undriven_line = line->number;
    paste->shows_drivers = true;
    return true;
  }
  if (value.size == 0 || value.size > 64)
    return false;
  for (gsize i = 0; i < value.size; i++)
    if (!g_ascii_isalnum (value.at[i]) && strchr ("_-.", value.at[i]) == NULL)
      return false;
  if (is_whole (line, value))
    pl_paste_set_driver (paste, index, value, line->number);
  return true;
}

/* "amdgpu, radeon": names of modules, with commas. */
static bool
set_modules (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  for (gsize i = 0; i < value.size; i++)
    if (!g_ascii_isalnum (value.at[i]) && strchr ("_-, ", value.at[i]) == NULL)
      return false;
  if (value.size > 0 && is_whole (line, value))
    pl_paste_set_modules (paste, index, value, line->number);
  return value.size > 0;
}

/* A number that the end of the text has not cut. */
static bool
take_last_number (const struct pl_paste_line *line, struct pl_span value, guint32 *number)
{
  return pl_span_take_decimal (&value, number)
         && (value.size > 0 ? value.at[0] == ',' || value.at[0] == ' ' : !line->is_unterminated);
}

static void
set_numa_node (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  guint32 node;
  if (!take_last_number (line, value, &node))
    return;
  struct pl_device *device = pl_paste_device (paste, index);
  pl_device_set_numa_node (device, PL_KNOWN, node);
  pl_device_text (device)->line_[PL_DEVICE_numa_node] = line->number;
}

static void
set_group (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  guint32 group;
  if (take_last_number (line, value, &group) && group <= G_MAXUINT16)
    pl_paste_state_group (paste, index, (gint32) group, PL_PASTE_DETAIL, line->number);
}

/* "Flags: bus master, fast devsel, latency 0, IRQ 186, IOMMU group 15" */
static void
set_flags (struct pl_paste *paste, guint index, const struct pl_paste_line *line, struct pl_span value)
{
  static const char words[] = "IOMMU group ";
  gssize at = pl_span_find (value, words);
  if (at >= 0)
    set_group (paste, index, line, pl_span_skip (value, (gsize) at + strlen (words)));
}

/* A line whose like the block has had already, or that lspci prints above one that it has had: it belongs to
 * a function whose own line is missing in the text. */
static bool
is_of_another (const struct pl_paste_block *block, bool is_there)
{
  return is_there || (!block->has_subsystem && (block->has_driver || block->has_modules));
}

static bool
take_driver_line (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_span text)
{
  struct pl_paste_block *block = &paste->block;
  bool is_kernels = pl_span_take (&text, "Kernel driver in use:") || pl_span_take (&text, "Driver in use:");
  if (!is_kernels && !pl_span_take (&text, "Driver:") && !pl_span_take (&text, "driver:"))
    return false;
  if (block->has_driver) {
    block->is_open = false;
    return is_kernels;
  }
  block->has_driver = set_driver (paste, block->index, line, pl_span_trim (text));
  return block->has_driver || is_kernels;
}

static bool
take_modules_line (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_span text)
{
  struct pl_paste_block *block = &paste->block;
  bool is_kernels = pl_span_take (&text, "Kernel modules:");
  if (!is_kernels && !pl_span_take (&text, "Module:") && !pl_span_take (&text, "Modules:"))
    return false;
  if (block->has_modules) {
    pl_paste_end_block (paste, false);
    return is_kernels;
  }
  block->has_modules = set_modules (paste, block->index, line, pl_span_trim (text));
  block->has_details = block->has_details || block->has_modules;
  return block->has_modules || is_kernels;
}

static bool
take_subsystem_line (struct pl_paste *paste, const struct pl_paste_line *line, struct pl_span text)
{
  struct pl_paste_block *block = &paste->block;
  if (pl_span_take (&text, "Capabilities: [")) {
    /* A bridge keeps its subsystem in a capability. Source: drivers/pci/probe.c, pci_setup_device():
     * PCI_CAP_ID_SSVID. */
    gssize at = pl_span_find (text, "] Subsystem: ");
    if (at >= 0)
      set_subsystem (paste, block->index, line,
                     pl_span_trim (pl_span_skip (text, (gsize) at + strlen ("] Subsystem: "))));
    return true;
  }
  if (!pl_span_take (&text, "Subsystem:"))
    return false;
  if (is_of_another (block, block->has_subsystem)) {
    pl_paste_end_block (paste, false);
    return true;
  }
  block->has_subsystem = block->has_details = true;
  set_subsystem (paste, block->index, line, pl_span_trim (text));
  return true;
}

bool
pl_paste_detail_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_paste_block *block = &paste->block;
  struct pl_span text = line->text;
  if (!block->is_open)
    return false;
  if (take_subsystem_line (paste, line, text) || take_driver_line (paste, line, text)
      || take_modules_line (paste, line, text))
    return true;
  if (pl_span_take (&text, "DeviceName:") || pl_span_take (&text, "Control:")) {
    block->has_details = true;
    return true;
  }
  if (pl_span_take (&text, "Flags:")) {
    block->has_details = true;
    set_flags (paste, block->index, line, pl_span_trim (text));
    return true;
  }
  if (pl_span_take (&text, "NUMA node:")) {
    set_numa_node (paste, block->index, line, pl_span_trim (text));
    return true;
  }
  /* A script's header may read the same; this one stands inside of a function's block. */
  if ((line->indent > block->indent || (block->has_details && !paste->context.is_open))
      && pl_span_take (&text, "IOMMU group: ")) {
    set_group (paste, block->index, line, pl_span_trim (text));
    return true;
  }
  return false;
}
