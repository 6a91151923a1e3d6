/* rules_group.c - can the whole IOMMU group be given away, and what would the host lose with it. */
#include "judge/companions.h"
#include "judge/firmware_names.h"
#include "judge/function.h"
#include "judge/rule.h"
#include "judge/use.h"

#include <string.h>

/* The functions of a group, told apart by what happens to them. */
struct parts {
  GPtrArray *own;     /* asked about, or of the card */
  GPtrArray *mates;   /* of the same chip: they go along */
  GPtrArray *in_way;  /* foreign, and the host needs them, or nobody knows */
  GPtrArray *others;  /* foreign, and the host can do without */
  GPtrArray *bridges; /* stay where they are */
  GPtrArray *free;    /* on no driver, or on vfio already */
};

static struct parts
new_parts (void)
{
  return (struct parts){ g_ptr_array_new (), g_ptr_array_new (), g_ptr_array_new (),
                         g_ptr_array_new (), g_ptr_array_new (), g_ptr_array_new () };
}

static void
clear_parts (struct parts *parts)
{
  g_ptr_array_unref (parts->own);
  g_ptr_array_unref (parts->mates);
  g_ptr_array_unref (parts->in_way);
  g_ptr_array_unref (parts->others);
  g_ptr_array_unref (parts->bridges);
  g_ptr_array_unref (parts->free);
}

/* The kinds that the host may stand on: its disks, network, keyboard and screen. */
static bool
is_weighty (const struct pl_device *device)
{
  return pl_is_base (device, PL_BASE_STORAGE) || pl_is_base (device, PL_BASE_NETWORK)
         || pl_is_base (device, PL_BASE_DISPLAY) || pl_is_class (device, PL_CLASS_USB);
}

/* Another function of the same chip that is of the same kind, or of none that the host stands on: whoever
 * lends one USB controller of a chip that cannot be parted means both. */
static bool
is_same_chip (const struct pl_device *device, const struct pl_device *member)
{
  guint16 one, other;
  if (!pl_address_same_slot (device->address, member->address)
      || pl_device_get_vendor (device, &one) != PL_KNOWN || pl_device_get_vendor (member, &other) != PL_KNOWN
      || one != other)
    return false;
  if (!is_weighty (member))
    return true;
  if (!is_weighty (device))
    return pl_is_class (member, PL_CLASS_USB);
  return pl_device_get_class (device, &one) == PL_KNOWN && pl_device_get_class (member, &other) == PL_KNOWN
         && one == other;
}

/* Whether the host can do without the function: known to be idle. What hangs on a function of the same chip a
 * text does not say; then whoever lends the one means both. */
static bool
can_go (const struct pl_case *judged, const struct pl_device *member, bool is_mate)
{
  if (!is_weighty (member))
    return true;
  enum pl_use_level level = pl_use_of (judged, member).level;
  return level == PL_USE_IDLE
         || (is_mate && level == PL_USE_UNKNOWN && judged->machine->source == PL_SOURCE_TEXT);
}

static void
add_part (const struct pl_case *judged, struct pl_device *member, struct parts *parts)
{
  bool is_mate = is_same_chip (judged->device, member);
  if (g_hash_table_contains (judged->own, member))
    g_ptr_array_add (parts->own, member);
  else if (pl_is_base (member, PL_BASE_BRIDGE))
    g_ptr_array_add (parts->bridges, member);
  else if (!pl_may_be_on_host (member))
    g_ptr_array_add (parts->free, member);
  else if (!can_go (judged, member, is_mate))
    g_ptr_array_add (parts->in_way, member);
  else
    g_ptr_array_add (is_mate ? parts->mates : parts->others, member);
}

/* "the SATA controller 02:00.1 with the disk of /" */
static const char *
name_with_use (const struct pl_case *judged, const struct pl_device *member)
{
  struct pl_use use = pl_use_of (judged, member);
  const char *name = pl_case_name (judged, member);
  if (use.what != NULL)
    return pl_case_format (judged, "%s with %s", name, use.what);
  return use.level == PL_USE_UNKNOWN && is_weighty (member) && judged->machine->source != PL_SOURCE_TEXT
             ? pl_case_format (judged, "%s (what the host does with it is not known)", name)
             : name;
}

/* Nobody reads more names, nor types more addresses. */
#define MOST_MEMBERS 32

static const char *
name_all (const struct pl_case *judged, const GPtrArray *members)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < members->len && i < MOST_MEMBERS; i++)
    g_ptr_array_add (names, (char *) name_with_use (judged, g_ptr_array_index (members, i)));
  if (members->len > MOST_MEMBERS)
    g_ptr_array_add (names, (char *) pl_case_format (judged, "%u more", members->len - MOST_MEMBERS));
  return pl_case_join (judged, names);
}

static const char *
describe_rest (const struct pl_case *judged, const struct parts *parts)
{
  g_autoptr (GString) text = g_string_new (NULL);
  if (parts->own->len > 0)
    g_string_append_printf (text, "; its own %s %s along", pl_case_addresses (judged, parts->own, ", "),
                            parts->own->len == 1 ? "goes" : "go");
  if (parts->bridges->len > 0)
    g_string_append_printf (text, "; %s %s: %s", pl_case_number (judged, parts->bridges->len),
                            parts->bridges->len == 1 ? "bridge stays" : "bridges stay",
                            pl_case_addresses (judged, parts->bridges, ", "));
  if (parts->free->len > 0)
    g_string_append_printf (text, "; not in the way: %s", pl_case_addresses (judged, parts->free, ", "));
  return g_string_chunk_insert_const (judged->words, text->str);
}

static void
cite_members (struct pl_case *judged, struct pl_finding *finding, const GPtrArray *members)
{
  for (guint i = 0; i < members->len && i < MOST_MEMBERS; i++) {
    pl_case_cite (judged, finding, g_ptr_array_index (members, i), PL_DEVICE_group);
    pl_case_cite (judged, finding, g_ptr_array_index (members, i), PL_DEVICE_driver);
  }
}

static bool
are_of_other_slots (const struct pl_case *judged, const GPtrArray *members)
{
  for (guint i = 0; i < members->len; i++) {
    const struct pl_device *member = g_ptr_array_index (members, i);
    if (pl_address_same_slot (member->address, judged->device->address))
      return false;
  }
  return true;
}

/* "; to give all of them away: pcilend check ADDRESS...": every member that would have to leave its driver.
 */
static const char *
describe_giving_all (const struct pl_case *judged, const struct parts *parts)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_ptr_array_extend (all, parts->in_way, NULL, NULL);
  g_ptr_array_extend (all, parts->mates, NULL, NULL);
  g_ptr_array_extend (all, parts->others, NULL, NULL);
  g_ptr_array_sort (all, pl_compare_devices);
  if (all->len > MOST_MEMBERS)
    return "";
  return pl_case_format (judged, ". To give %s away as well: %s check %s %s",
                         all->len == 1 ? "it" : "all of them", pl_case_command (judged),
                         pl_case_address (judged, judged->device), pl_case_addresses (judged, all, " "));
}

static void
say_in_way (struct pl_case *judged, const struct pl_group_view *view, const struct parts *parts)
{
  const char *others
      = parts->others->len > 0 ? pl_case_format (judged, "; also %s", name_all (judged, parts->others)) : "";
  const char *mates = parts->mates->len > 0
                          ? pl_case_format (judged, "; %s of the same slot", name_all (judged, parts->mates))
                          : "";
  bool is_one = parts->in_way->len == 1;
  const char *where = !are_of_other_slots (judged, parts->in_way) ? ""
                      : is_one                                    ? " of another slot"
                                                                  : " of other slots";
  struct pl_finding *finding = pl_case_add (
      judged, PL_BLOCKER, "group %d of %s also holds %s %s%s that would have to go along: %s%s%s%s", view->id,
      pl_case_address (judged, judged->device), pl_case_number (judged, parts->in_way->len),
      is_one ? "device" : "devices", where, name_all (judged, parts->in_way), others, mates,
      describe_rest (judged, parts));
  const char *acs = pl_firmware_name (judged->machine, PL_FIRMWARE_ACS);
  pl_finding_set_remedy (
      finding,
      "put the card into another slot, %s%s%sor look in a newer firmware for ACS; then: pcilend groups%s",
      acs != NULL ? pl_firmware_place (judged) : "", acs != NULL ? " switch on " : "",
      acs != NULL ? pl_case_format (judged, "%s, ", acs) : "", describe_giving_all (judged, parts));
  cite_members (judged, finding, parts->in_way);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_group);
}

static void
say_along (struct pl_case *judged, const struct pl_group_view *view, const struct parts *parts)
{
  g_autoptr (GPtrArray) along = g_ptr_array_new ();
  g_ptr_array_extend (along, parts->mates, NULL, NULL);
  g_ptr_array_extend (along, parts->others, NULL, NULL);
  if (along->len == 0)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING, "group %d of %s also holds %s: the host loses %s too%s", view->id,
                     pl_case_address (judged, judged->device), name_all (judged, along),
                     along->len == 1 ? "it" : "them", describe_rest (judged, parts));
  const char *what = along->len == 1 ? "it" : "them";
  if (along->len > MOST_MEMBERS)
    pl_finding_set_remedy (finding, "lend %s as well, or take %s off %s", what, what,
                           along->len == 1 ? "its driver" : "their drivers");
  else
    pl_finding_set_remedy (finding, "lend %s as well, or take %s off %s: %s check %s %s", what, what,
                           along->len == 1 ? "its driver" : "their drivers", pl_case_command (judged),
                           pl_case_address (judged, judged->device), pl_case_addresses (judged, along, " "));
  cite_members (judged, finding, along);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_group);
}

/* The group's own listing and the functions' links are two ways to one fact; where they differ nobody knows
 * it. */
static void
say_contradiction (struct pl_case *judged, const struct pl_group_view *view)
{
  char address[PL_ADDRESS_SIZE];
  struct pl_finding *finding = NULL;
  if (view->n_strangers > 0)
    finding
        = pl_case_add (judged, PL_UNSURE,
                       "it cannot be told who is in group %d: it lists %s, of which nothing could be read",
                       view->id, pl_address_format_short (view->stranger, judged->with_domain, address));
  else if (view->contradictory->len > 0)
    finding = pl_case_add (
        judged, PL_UNSURE,
        "it cannot be told who is in group %d: its listing and the functions say different things of %s",
        view->id, pl_case_addresses (judged, view->contradictory, ", "));
  if (finding == NULL)
    return;
  pl_finding_set_remedy (finding,
                         "the devices may just have changed: run it again; else see: ls -l "
                         "/sys/kernel/iommu_groups/%d/devices",
                         view->id);
  pl_case_cite_group (judged, finding, view->id, PL_GROUP_MEMBERS);
  for (guint i = 0; i < view->contradictory->len; i++)
    pl_case_cite (judged, finding, g_ptr_array_index (view->contradictory, i), PL_DEVICE_group);
}

static bool
is_first_of_group (const struct pl_case *judged)
{
  gint32 group;
  if (judged->device == judged->asked)
    return true;
  if (pl_device_get_group (judged->device, &group) != PL_KNOWN)
    return !pl_is_missing (pl_device_state (judged->asked, PL_DEVICE_group)); /* else it is said once */
  return g_hash_table_lookup (judged->firsts, GINT_TO_POINTER (group + 1)) == judged->device;
}

static void
judge_shared (struct pl_case *judged)
{
  const struct pl_group_view *view = pl_groups_view_of (judged->groups, judged->device);
  if (view == NULL)
    return;
  struct parts parts = new_parts ();
  for (guint i = 0; i < view->members->len; i++)
    if (g_ptr_array_index (view->members, i) != judged->device)
      add_part (judged, g_ptr_array_index (view->members, i), &parts);
  if (parts.in_way->len > 0)
    say_in_way (judged, view, &parts);
  else
    say_along (judged, view, &parts);
  say_contradiction (judged, view);
  clear_parts (&parts);
}

/* Until Linux 5.18 vfio looked at the header type and took any driver of a bridge for harmless; since 5.19 a
 * driver must say that it leaves DMA alone (driver_managed_dma), which of bridge drivers only portdrv does.
 * Functions of base class 06 with an ordinary header (host and ISA bridges) were never exempt. */
static bool
is_bridge_driver_in_way (const struct pl_device *device, const char *driver)
{
  return pl_is_base (device, PL_BASE_BRIDGE) && strcmp (driver, "pcieport") != 0
         && pl_hold_of (device) == PL_HOLD_HOST;
}

static void
judge_bridge_driver (struct pl_case *judged)
{
  const struct pl_group_view *view = pl_groups_view_of (judged->groups, judged->device);
  const struct pl_machine *machine = judged->machine;
  for (guint i = 0; view != NULL && i < view->members->len; i++) {
    const struct pl_device *member = g_ptr_array_index (view->members, i);
    const char *driver;
    if (member == judged->device || pl_device_get_driver (member, &driver) != PL_KNOWN
        || !is_bridge_driver_in_way (member, driver))
      continue;
    bool by_version = pl_has_bridge_header (member);
    if (by_version && pl_kernel_is_before (machine, 5, 19))
      continue;
    bool is_sure = !by_version || pl_kernel_is_since (machine, 5, 19);
    const char *name = pl_case_name (judged, member);
    struct pl_finding *finding = pl_case_add (
        judged, is_sure ? PL_BLOCKER : PL_UNSURE,
        is_sure ? "%s in group %d is on the driver %s: while it is, the kernel gives none of the group away"
                : "%s in group %d is on the driver %s: from Linux 5.19 on the kernel then gives none of the "
                  "group away, "
                  "and which kernel runs is not known",
        name, view->id, driver);
    char address[PL_ADDRESS_SIZE];
    pl_finding_set_remedy (finding,
                           "take it off that driver and see whether anything is missed: echo %s | sudo tee "
                           "/sys/bus/pci/drivers/%s/unbind",
                           pl_address_format (member->address, address), driver);
    pl_case_cite (judged, finding, member, PL_DEVICE_driver);
    pl_case_cite_machine (judged, finding, PL_MACHINE_kernel_release);
  }
}

/* The log names one function; what holds for it holds for its whole group. */
static const struct pl_log_event *
find_rmrr (const struct pl_case *judged)
{
  const struct pl_group_view *view = pl_groups_view_of (judged->groups, judged->device);
  const struct pl_log_event *event = NULL;
  if (pl_log_find (judged->machine, PL_LOG_RMRR, NULL) == NULL)
    return NULL;
  for (guint i = 0; view != NULL && event == NULL && i < view->members->len; i++)
    event = pl_log_find (judged->machine, PL_LOG_RMRR, g_ptr_array_index (view->members, i));
  return event;
}

/* The firmware wants a range mapped one to one for the whole life of the device, which a guest's own memory
 * cannot give. "direct-relaxable" (Intel: USB and graphics), "msi" and "reserved" are no obstacle. */
static void
judge_reserved_region (struct pl_case *judged)
{
  gint32 id;
  if (pl_device_get_group (judged->device, &id) != PL_KNOWN)
    return;
  const struct pl_group *group = pl_machine_group (judged->machine, id);
  bool is_known = group != NULL && (group->regions_state == PL_KNOWN || group->regions_state == PL_ABSENT);
  const struct pl_log_event *event = find_rmrr (judged);
  const struct pl_region *direct = NULL;
  for (guint i = 0; is_known && group->regions != NULL && group->regions_state == PL_KNOWN && direct == NULL
                    && i < group->regions->len;
       i++) {
    const struct pl_region *region = &g_array_index (group->regions, struct pl_region, i);
    if (strcmp (region->type, "direct") == 0)
      direct = region;
  }
  if (direct == NULL && (is_known || event == NULL))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_BLOCKER,
      "the firmware keeps a range of memory for group %d of %s (RMRR, 1:1 mapping), so the kernel "
      "refuses to lend it",
      id, pl_case_address (judged, judged->device));
  pl_finding_set_remedy (
      finding,
      "in the firmware's setup switch off what uses it: pre-boot DMA protection, legacy USB, "
      "option ROMs or remote management of that slot; or use another slot; see: cat "
      "/sys/kernel/iommu_groups/%d/reserved_regions",
      id);
  pl_case_cite_group (judged, finding, id, PL_GROUP_REGIONS);
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
}

/* Groups exist, and this function is in none: the IOMMU does not see it. */
static void
judge_none (struct pl_case *judged)
{
  if (pl_device_state (judged->device, PL_DEVICE_group) != PL_ABSENT)
    return;
  bool is_all = !pl_groups_has_any (judged->groups);
  const GArray *groups;
  if (is_all && !(pl_machine_get_iommu_groups (judged->machine, &groups) == PL_KNOWN && groups->len > 0))
    return; /* the IOMMU is off as a whole: iommu.off and its like say it */
  struct pl_finding *finding
      = pl_case_add (judged, PL_BLOCKER, "%s is in no IOMMU group, so vfio cannot lend it",
                     pl_case_address (judged, judged->device));
  pl_finding_set_remedy (
      finding,
      "see what the kernel says of it: dmesg | grep %s; behind a RAID mode (Intel VMD) switch "
      "that mode off in the firmware's setup",
      pl_case_address (judged, judged->device));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_group);
}

/* The functions of its card that are asked about or go along, itself too, by address. Free with
 * g_ptr_array_unref(). */
static GPtrArray *
list_card (const struct pl_case *judged)
{
  GPtrArray *card = g_ptr_array_new ();
  g_ptr_array_add (card, (void *) judged->device);
  for (guint i = 0; i < judged->companions->len; i++)
    if (pl_is_same_card (judged->machine, judged->device, g_ptr_array_index (judged->companions, i)))
      g_ptr_array_add (card, g_ptr_array_index (judged->companions, i));
  g_ptr_array_sort (card, pl_compare_devices);
  return card;
}

static void
judge_split_functions (struct pl_case *judged)
{
  gint32 own, other;
  bool is_split = false;
  g_autoptr (GString) words = g_string_new (NULL);
  g_autoptr (GPtrArray) card = list_card (judged), addresses = g_ptr_array_new ();
  if (pl_device_get_group (judged->device, &own) != PL_KNOWN)
    return;
  for (guint i = 0; i < card->len; i++) {
    const struct pl_device *mate = g_ptr_array_index (card, i);
    g_ptr_array_add (addresses, (char *) pl_case_address (judged, mate));
    if (pl_device_get_group (mate, &other) != PL_KNOWN)
      continue;
    is_split = is_split || other != own;
    g_string_append_printf (words, "%s%s in group %d", words->len > 0 ? ", " : "",
                            pl_case_address (judged, mate), other);
  }
  if (!is_split)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING,
                     "the card's functions are in different groups: %s; that is good, but lend all of "
                     "them to the same guest: a reset of the card reaches them all",
                     words->str);
  pl_finding_set_remedy (finding, "give the same guest %s", pl_case_join (judged, addresses));
  for (guint i = 0; i < card->len; i++)
    pl_case_cite (judged, finding, g_ptr_array_index (card, i), PL_DEVICE_group);
}

static const struct pl_rule rules[] = {
  /* Every endpoint of a group must leave its driver before any of them can be given away; bridges may stay.
   */
  { .id = "group.shared",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.device = PL_WANT (group),
    .member_wants = PL_WANT (class) | PL_WANT (driver) | PL_WANT (vendor),
    .group_wants = PL_GROUP_MEMBERS,
    .text_wants = PL_WANT (group) | PL_WANT (class),
    .text_member_wants = PL_WANT (class),
    .names_companions = true,
    .question = "whether all of the IOMMU group can be lent",
    .applies = is_first_of_group,
    .judge = judge_shared,
    .source = "Documentation/driver-api/vfio.rst, VFIO Usage Example; drivers/iommu/iommu.c, "
              "iommu_group_claim_dma_owner()" },
  /* vfio answers -EINVAL for a device without a group. Where its group is not known group.shared is unsure
     already. */
  { .id = "group.none",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (group),
    .judge = judge_none,
    .source = "drivers/vfio/group.c, vfio_group_find_or_alloc()" },
  /* A driver that does DMA for the host owns the whole group's DMA. Where a member's class or driver is not
   * known group.shared is unsure already. */
  { .id = "group.bridge-driver",
    .scope = PL_SCOPE_FUNCTION,
    .wants.machine = PL_WANT_MACHINE (kernel_release),
    .member_wants = PL_WANT (class) | PL_WANT (driver),
    .group_wants = PL_GROUP_MEMBERS,
    .applies = is_first_of_group,
    .judge = judge_bridge_driver,
    .source = "drivers/pci/pci-driver.c, pci_dma_configure() and drivers/pci/pcie/portdrv.c, "
              "driver_managed_dma (Linux "
              "5.19); before: drivers/vfio/vfio.c, vfio_dev_driver_allowed()" },
  /* A device with a range of type direct is refused (require_direct). */
  { .id = "iommu.reserved-region",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .group_wants = PL_GROUP_REGIONS,
    .question = "whether the firmware keeps memory for it",
    .applies = is_first_of_group,
    .judge = judge_reserved_region,
    .source = "Documentation/ABI/testing/sysfs-kernel-iommu_groups, reserved_regions; drivers/iommu/iommu.c, "
              "require_direct" },
  /* Functions of one card in different groups can be given to different guests, and must not. */
  { .id = "group.split-functions",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (group),
    .names_all = true,
    .judge = judge_split_functions,
    .source = "drivers/vfio/pci/vfio_pci_core.c, vfio_pci_ioctl_pci_hot_reset()" },
};

const struct pl_rule_table pl_rules_group = { rules, G_N_ELEMENTS (rules) };
