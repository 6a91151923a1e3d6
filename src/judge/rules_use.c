/* rules_use.c - what the host does with a function now. Whether its group's other members are needed is
 * group.shared. */
#include "judge/function.h"
#include "judge/judge.h"
#include "judge/remedy.h"
#include "judge/rule.h"
#include "judge/use.h"

#include <string.h>

/* Disks hang on storage controllers, but also on USB, FireWire and SD card readers. */
static bool
may_carry_disks (const struct pl_case *judged)
{
  const struct pl_device *device = judged->device;
  return pl_may_be_base (device, PL_BASE_STORAGE) || pl_is_class (device, PL_CLASS_USB)
         || pl_is_class (device, PL_CLASS_FIREWIRE) || pl_is_class (device, PL_CLASS_SD_HOST);
}

static bool
may_carry_network (const struct pl_case *judged)
{
  return pl_may_be_base (judged->device, PL_BASE_NETWORK) || pl_may_be_class (judged->device, PL_CLASS_USB);
}

/* The state of the list says whether anything is known at all; that is the engine's to say. */
static void
add_use (struct pl_case *judged, struct pl_use use, bool is_list_known, const char *remedy,
         const enum pl_machine_fact *facts, guint n_facts)
{
  struct pl_finding *finding = NULL;
  const char *name = pl_case_name (judged, judged->device);
  if (use.level == PL_USE_VITAL)
    finding
        = pl_case_add (judged, PL_BLOCKER, "the host cannot live without %s: it holds %s", name, use.what);
  else if (use.level == PL_USE_SOME)
    finding = pl_case_add (judged, PL_WARNING, "the host uses %s: %s; it loses that while it is lent", name,
                           use.what != NULL ? use.what : "something is connected");
  if (finding != NULL) {
    pl_finding_set_remedy (finding, "%s", remedy);
    for (guint i = 0; i < n_facts; i++)
      pl_case_cite_machine (judged, finding, facts[i]);
  }
  if (use.level == PL_USE_VITAL || !use.is_partly_unknown || !is_list_known
      || judged->machine->source == PL_SOURCE_TEXT)
    return;
  finding = pl_case_add (judged, PL_UNSURE,
                         "it cannot be told whether the host can live without %s: not all of what "
                         "hangs on it could be read",
                         name);
  pl_finding_set_remedy (finding, "%s",
                         judged->machine->is_privileged
                             ? "run pcilend on the host itself, outside of any container"
                             : pl_remedy_as_root (judged, judged->device));
  for (guint i = 0; i < n_facts; i++)
    pl_case_cite_machine (judged, finding, facts[i]);
}

static bool
are_known (const struct pl_case *judged, const enum pl_machine_fact *facts, guint n_facts)
{
  for (guint i = 0; i < n_facts; i++)
    if (pl_is_missing (pl_machine_state (judged->machine, facts[i])))
      return false;
  return true;
}

static void
judge_disks (struct pl_case *judged)
{
  static const enum pl_machine_fact facts[] = { PL_MACHINE_blocks, PL_MACHINE_mounts, PL_MACHINE_swaps };
  struct pl_use use = pl_use_of_storage (judged, judged->device);
  add_use (judged, use, are_known (judged, facts, G_N_ELEMENTS (facts)),
           use.level == PL_USE_VITAL
               ? "lend another controller, or move that file system to a disk elsewhere; see: "
                 "findmnt; lsblk"
               : "unmount what is on it and take it out of /etc/fstab before it is lent; see: lsblk",
           facts, G_N_ELEMENTS (facts));
}

static void
judge_network (struct pl_case *judged)
{
  static const enum pl_machine_fact facts[] = { PL_MACHINE_interfaces };
  struct pl_use use = pl_use_of_network (judged, judged->device);
  add_use (judged, use, are_known (judged, facts, G_N_ELEMENTS (facts)),
           use.level == PL_USE_VITAL ? "give the host another way to the network first; see: ip route"
                                     : "take its interface down before it is lent; see: ip address",
           facts, G_N_ELEMENTS (facts));
}

static void
judge_usb (struct pl_case *judged)
{
  static const enum pl_machine_fact facts[] = { PL_MACHINE_inputs, PL_MACHINE_usb_devices };
  add_use (judged, pl_use_of_usb (judged, judged->device), false,
           "plug what the host needs into a socket of another controller; see: lsusb -t", facts,
           G_N_ELEMENTS (facts));
}

static void
judge_display (struct pl_case *judged)
{
  static const enum pl_machine_fact facts[] = { PL_MACHINE_connectors, PL_MACHINE_holders };
  struct pl_use use = pl_use_of_display (judged, judged->device);
  if (use.level == PL_USE_UNKNOWN && use.what != NULL)
    use.level = PL_USE_SOME; /* a process that uses one of the driver's cards, perhaps this one */
  add_use (judged, use, false,
           "plug the monitor into the card that the host keeps, and end what uses this one; see: sudo fuser "
           "-v /dev/dri/*",
           facts, G_N_ELEMENTS (facts));
}

static void
judge_lent (struct pl_case *judged)
{
  const struct pl_holder *holder = pl_judge_holder (judged->machine, judged->device);
  if (!pl_judge_is_on_vfio (judged->device) || holder == NULL)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING, "%s is lent now: %s (process %u) holds %s",
                     pl_case_address (judged, judged->device), holder->command, holder->pid, holder->node);
  pl_finding_set_remedy (finding, "shut that guest down before another one gets the device");
  pl_case_cite_machine (judged, finding, PL_MACHINE_holders);
}

static bool
is_usb (const struct pl_case *judged)
{
  return pl_is_class (judged->device, PL_CLASS_USB);
}

static bool
is_vfio (const struct pl_case *judged)
{
  return pl_judge_is_on_vfio (judged->device);
}

#define IN_USE_SOURCE \
  "Documentation/driver-api/driver-model/driver.rst, remove(): the device leaves whatever uses it"

static const struct pl_rule rules[] = {
  /* The disk under the running system cannot be taken from it. */
  { .id = "device.in-use",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.machine = PL_WANT_MACHINE (blocks) | PL_WANT_MACHINE (mounts) | PL_WANT_MACHINE (swaps),
    .question = "whether the host's disks hang on it",
    .applies = may_carry_disks,
    .judge = judge_disks,
    .source = IN_USE_SOURCE "; man 5 proc, mountinfo" },
  /* A host whose only way out is lent cannot be reached any more. */
  { .id = "device.in-use",
    .scope = PL_SCOPE_FUNCTION,
    .can_block = true,
    .wants.machine = PL_WANT_MACHINE (interfaces),
    .question = "whether the host's network hangs on it",
    .applies = may_carry_network,
    .judge = judge_network,
    .source = IN_USE_SOURCE "; Documentation/ABI/testing/sysfs-class-net" },
  /* A keyboard goes with its USB controller. */
  { .id = "device.in-use",
    .scope = PL_SCOPE_FUNCTION,
    .wants.machine = PL_WANT_MACHINE (inputs) | PL_WANT_MACHINE (usb_devices),
    .applies = is_usb,
    .judge = judge_usb,
    .source = IN_USE_SOURCE "; Documentation/ABI/testing/sysfs-bus-usb" },
  /* A card that shows something, or that a program draws on, is missed. */
  { .id = "device.in-use",
    .scope = PL_SCOPE_FUNCTION,
    .wants.machine = PL_WANT_MACHINE (connectors) | PL_WANT_MACHINE (holders),
    .applies = pl_case_is_display,
    .judge = judge_display,
    .source = IN_USE_SOURCE "; drivers/gpu/drm/drm_sysfs.c, status" },
  /* What a guest has already, no second one can get. */
  { .id = "device.in-use",
    .scope = PL_SCOPE_DEVICE,
    .wants.machine = PL_WANT_MACHINE (holders),
    .applies = is_vfio,
    .judge = judge_lent,
    .source = "drivers/vfio/group.c, vfio_group_fops_open(): one opener" },
};

const struct pl_rule_table pl_rules_use = { rules, G_N_ELEMENTS (rules) };
