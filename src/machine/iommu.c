/* iommu.c - the IOMMU's units and groups, and whether interrupts go through it. */
#include "machine/readers.h"
#include "machine/reading.h"

#include <stdlib.h>
#include <string.h>

/* Source: Documentation/ABI/testing/sysfs-class-iommu: the directory is there from Linux 3.17 on, with or
 * without units, where the kernel knows of IOMMUs at all. */
void
pl_read_iommu_units (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_sysfs (machine, root))
    return;
  g_autoptr (GPtrArray) names = NULL;
  enum pl_state state = pl_state_below (root, "sys/class", pl_root_list (root, "sys/class/iommu", &names));
  GPtrArray *units = pl_machine_keep_list (machine, g_ptr_array_sized_new (names->len));
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (units, (char *) pl_machine_string (machine, g_ptr_array_index (names, i), -1));
  pl_machine_set_iommu_units (machine, state, units);
}

static int
compare_ids (const void *left, const void *right)
{
  gint32 first = *(const gint32 *) left, second = *(const gint32 *) right;
  return (first > second) - (first < second);
}

/* Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups. */
void
pl_read_iommu_groups (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_sysfs (machine, root))
    return;
  g_autoptr (GPtrArray) names = NULL;
  enum pl_state state
      = pl_state_below (root, "sys/kernel", pl_root_list (root, "sys/kernel/iommu_groups", &names));
  GArray *ids = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (gint32)));
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    guint64 number;
    if (g_ascii_string_to_unsigned (name, 10, 0, G_MAXINT32, &number, NULL)) {
      gint32 id = (gint32) number;
      g_array_append_val (ids, id);
    } else {
      state = PL_INVALID;
      pl_machine_add_note (machine, "/sys/kernel/iommu_groups", 0, "%s is not the number of a group", name);
    }
  }
  g_array_sort (ids, compare_ids);
  pl_machine_set_iommu_groups (machine, state, ids);
}

/* "0x00000000fee00000 0x00000000feefffff msi". Source: drivers/iommu/iommu.c,
 * iommu_group_show_resv_regions(). */
static bool
parse_region (struct pl_machine *machine, struct pl_span line, struct pl_region *region)
{
  struct pl_span start, end, type;
  if (!pl_span_take_word_into (&line, &start) || !pl_span_take_word_into (&line, &end)
      || !pl_span_take_word_into (&line, &type) || line.size > 0 || !pl_span_take (&start, "0x")
      || !pl_span_take (&end, "0x") || !pl_span_number (start, 16, &region->start)
      || !pl_span_number (end, 16, &region->end) || region->end < region->start)
    return false;
  region->type = pl_machine_string (machine, type.at, (gssize) type.size);
  return true;
}

static enum pl_state
read_regions (struct pl_machine *machine, struct pl_directory *directory, const GArray **regions)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  GArray *found = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (struct pl_region)));
  enum pl_state state = pl_directory_read (directory, "reserved_regions", &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  while (pl_lines_take (&lines, &line)) {
    struct pl_region region;
    if (parse_region (machine, line, &region)) {
      g_array_append_val (found, region);
      continue;
    }
    state = PL_INVALID;
    g_autofree char *path = pl_directory_path (directory);
    pl_machine_add_note (machine, path, 0, "its reserved_regions are not two addresses and a kind a line");
    break;
  }
  pl_buffer_clear (&buffer);
  *regions = found;
  return state;
}

/* A group may hold devices of other buses too, and mediated ones, whose names are UUIDs: these are not
 * listed. */
static bool
want_function (const char *name, gsize length, void *data)
{
  struct pl_address address;
  (void) data;
  return pl_address_parse (name, length, &address) == length;
}

static enum pl_state
read_members (struct pl_machine *machine, struct pl_directory *directory, const GArray **members)
{
  GArray *found = pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (struct pl_address)));
  struct pl_directory devices;
  g_autoptr (GPtrArray) names = NULL;
  pl_directory_open_in (&devices, directory, "devices");
  enum pl_state state = pl_directory_list_some (&devices, want_function, NULL, &names);
  pl_directory_close (&devices);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    struct pl_address address;
    pl_address_parse (name, strlen (name), &address);
    g_array_append_val (found, address);
  }
  *members = found;
  return state;
}

void
pl_machine_read_group (struct pl_machine *machine, struct pl_root *root, gint32 id)
{
  const struct pl_group *known = pl_machine_group (machine, id);
  if (known != NULL && known->members_state != PL_UNREAD)
    return;
  g_autofree char *path = g_strdup_printf ("sys/kernel/iommu_groups/%d", id);
  struct pl_directory directory;
  pl_directory_open (&directory, root, path);
  struct pl_group *group = pl_machine_add_group (machine, id);
  group->type = pl_read_text (machine, &directory, "type", &group->type_state);
  group->regions_state = read_regions (machine, &directory, &group->regions);
  group->members_state = read_members (machine, &directory, &group->members);
  /* Some function's link leads here: a group that is not there is hidden, or gone meanwhile: nothing is
   * known. */
  if (directory.state == PL_ABSENT)
    group->type_state = group->regions_state = PL_UNREAD;
  group->members_state = pl_state_of_fixed (group->members_state);
  pl_directory_close (&directory);
}

/* What a line of /proc/interrupts tells: the name of the chip that its interrupts come through. */
enum chip { REMAPPED, PLAIN, N_CHIPS };

/* "  28:    0    0 IR-PCI-MSIX-0000:01:00.0 0-edge nvme0q0": behind the counters, one a processor.
 *
 * "IR-" before the name: through interrupt remapping; "PCI-MSI", "PCI-MSIX" alone: past it. The unit's own
 * interrupt is "PCI-MSI" on AMD also where all others are remapped. Source: kernel/irq/proc.c,
 * show_interrupts(); drivers/iommu/intel/irq_remapping.c and drivers/iommu/amd/iommu.c: msi_parent_ops,
 * prefix "IR-" (Linux 6.2), the chip "IR-PCI-MSI" in arch/x86/kernel/apic/msi.c before. Arm's "ITS-PCI-MSI"
 * is neither. */
static enum chip
find_chip (struct pl_span line, struct pl_span *label, struct pl_span *chip)
{
  guint64 counter;
  if (!pl_span_take_word_into (&line, label) || label->at[label->size - 1] != ':')
    return N_CHIPS;
  do {
    if (!pl_span_take_word_into (&line, chip))
      return N_CHIPS;
  } while (pl_span_number (*chip, 10, &counter));
  if (pl_span_starts (*chip, "IR-"))
    return REMAPPED;
  return pl_span_starts (*chip, "PCI-MSI") ? PLAIN : N_CHIPS;
}

/* Leaves "28: IR-PCI-MSIX-0000:01:00.0" of the first line of each kind. */
static gsize
edit_interrupt (char *text, gsize length, void *data)
{
  bool *seen = data;
  struct pl_span label, chip;
  enum chip found = find_chip ((struct pl_span){ text, length }, &label, &chip);
  if (found == N_CHIPS || seen[found])
    return 0;
  seen[found] = true;
  memmove (text, label.at, label.size);
  text[label.size] = ' ';
  memmove (text + label.size + 1, chip.at, chip.size);
  return label.size + 1 + chip.size;
}

/* Elsewhere than on x86 an interrupt past a remapping unit says nothing: vfio asks the controller. */
void
pl_read_interrupt_remapping (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_running (root, "proc/interrupts"))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  bool seen[N_CHIPS] = { false }, found[N_CHIPS + 1] = { false };
  enum pl_state state
      = pl_state_of_fixed (pl_root_read_edited (root, "proc/interrupts", edit_interrupt, seen, &buffer));
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line, label, chip;
  while (pl_lines_take (&lines, &line))
    found[find_chip (line, &label, &chip)] = true;
  pl_buffer_clear (&buffer);
  if (state == PL_KNOWN && !found[REMAPPED] && (!found[PLAIN] || !pl_may_be_x86 (root)))
    state = PL_UNREAD;
  pl_machine_set_interrupt_remapping (machine, state, found[REMAPPED]);
}
