/* rules_card.c - what concerns graphics cards: who shows the host's screen, and what becomes of it. */
#include "judge/function.h"
#include "judge/rule.h"

#include <string.h>

/* The framebuffer that lies in one of the function's BARs, or NULL. */
static const struct pl_framebuffer *
find_framebuffer (const struct pl_machine *machine, const struct pl_device *device)
{
  const GPtrArray *framebuffers;
  const GArray *bars;
  if (pl_machine_get_framebuffers (machine, &framebuffers) != PL_KNOWN
      || pl_device_get_bars (device, &bars) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < framebuffers->len; i++) {
    const struct pl_framebuffer *framebuffer = g_ptr_array_index (framebuffers, i);
    for (guint j = 0; j < bars->len; j++) {
      const struct pl_bar *bar = &g_array_index (bars, struct pl_bar, j);
      if (bar->number < 6 && framebuffer->start >= bar->start && framebuffer->end >= framebuffer->start
          && framebuffer->end - bar->start < bar->size_bytes)
        return framebuffer;
    }
  }
  return NULL;
}

static void
judge_boot_gpu (struct pl_case *judged)
{
  bool is_boot = false;
  enum pl_state state = pl_device_get_boot_vga (judged->device, &is_boot);
  bool by_framebuffer = state != PL_KNOWN && find_framebuffer (judged->machine, judged->device) != NULL;
  if (!(state == PL_KNOWN && is_boot) && !by_framebuffer)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "the firmware drew the boot screen on %s: lent, the host's boot messages and maybe its login "
      "screen are gone, and its ROM as the kernel shows it may be a used one",
      pl_case_address (judged, judged->device));
  pl_finding_set_remedy (finding,
                         "choose the other card as first display in the firmware's setup (Primary Display, "
                         "Initial Display Output), or put the cards into each other's slots");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_boot_vga);
  if (by_framebuffer)
    pl_case_cite_machine (judged, finding, PL_MACHINE_framebuffers);
}

static void
judge_management_screen (struct pl_case *judged)
{
  if (!pl_is_management_screen (judged->device))
    return;
  struct pl_finding *finding = pl_case_add (judged, PL_NOTE,
                                            "%s is the screen of the board's management processor (BMC): "
                                            "remote consoles show it, and it has no power "
                                            "for graphics, so that there is little use in lending it",
                                            pl_case_address (judged, judged->device));
  pl_finding_set_remedy (finding, "leave it to the host as its console, and lend another card");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_vendor);
}

/* Whether a display function stays with the host; also where that cannot be told. */
static bool
is_display_left (const struct pl_case *judged)
{
  for (guint i = 0; i < pl_machine_n_devices (judged->machine); i++) {
    const struct pl_device *other = pl_machine_device (judged->machine, i);
    if (!pl_is_virtual_function (other) && !g_hash_table_contains (judged->lent, other)
        && (judged->machine->source == PL_SOURCE_TEXT ? pl_is_base (other, PL_BASE_DISPLAY)
                                                      : pl_may_be_base (other, PL_BASE_DISPLAY)))
      return true;
  }
  return false;
}

static void
judge_only_gpu (struct pl_case *judged)
{
  if (is_display_left (judged))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "%sno graphics card is left for the host when %s is lent: it has no screen then, and is reached "
      "only over the network",
      judged->machine->source == PL_SOURCE_TEXT ? "as far as the text tells " : "",
      pl_case_address (judged, judged->device));
  pl_finding_set_remedy (
      finding, "make sure of a way in before: sudo systemctl enable --now sshd; or put in a second card, "
               "or switch on the processor's own graphics in the firmware's setup");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_class);
}

static const char *
framebuffer_remedy (const struct pl_case *judged, const char *name)
{
  if (strcmp (name, "efifb") == 0)
    return "add video=efifb:off to the kernel command line";
  return pl_case_format (judged, "before it is lent: echo simple-framebuffer.0 | sudo tee "
                                 "/sys/bus/platform/drivers/simple-framebuffer/unbind (the exact name: ls "
                                 "/sys/bus/platform/devices | grep framebuffer)");
}

/* From Linux 6.0 on vfio-pci removes the firmware's framebuffer itself, of class 0300 and of no other. */
static void
judge_framebuffer_held (struct pl_case *judged)
{
  const struct pl_framebuffer *framebuffer = find_framebuffer (judged->machine, judged->device);
  if (framebuffer == NULL)
    return;
  bool is_removed = pl_is_class (judged->device, PL_CLASS_VGA) && pl_kernel_is_since (judged->machine, 6, 0);
  bool is_early = pl_is_class (judged->device, PL_CLASS_VGA) && pl_kernel_is_before (judged->machine, 6, 0);
  const char *why
      = is_removed ? "vfio-pci takes it away by itself, and the host's text console goes dark at that moment"
        : is_early ? "before Linux 6.0 nothing takes it away when the card is lent"
        : pl_is_class (judged->device, PL_CLASS_VGA)
            ? "whether vfio-pci takes it away depends on the kernel, which is not known"
            : "the card is of no VGA class, and of such vfio-pci takes nothing away";
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING, "the boot framebuffer (%s) lies in the memory of %s: %s",
                     framebuffer->name, pl_case_address (judged, judged->device), why);
  if (is_removed)
    pl_finding_set_remedy (finding, "nothing is to be done if the host shows its screen on another card");
  else
    pl_finding_set_remedy (finding, "%s", framebuffer_remedy (judged, framebuffer->name));
  pl_case_cite_machine (judged, finding, PL_MACHINE_framebuffers);
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_bars);
}

static void
judge_resizable_bar (struct pl_case *judged)
{
  const GPtrArray *entries;
  if (pl_device_get_entries (judged->device, &entries) != PL_KNOWN)
    return;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < entries->len; i++) {
    const char *entry = g_ptr_array_index (entries, i);
    if (g_str_has_prefix (entry, "resource") && g_str_has_suffix (entry, "_resize"))
      g_ptr_array_add (names, (char *) entry);
  }
  if (names->len == 0)
    return;
  char address[PL_ADDRESS_SIZE];
  pl_address_format (judged->device->address, address);
  struct pl_finding *finding = pl_case_add (
      judged, PL_NOTE, "%s has resizable BARs (%s): the guest sees the size that is set before it starts",
      pl_case_address (judged, judged->device), pl_case_join (judged, names));
  pl_finding_set_remedy (finding,
                         "the possible sizes: cat /sys/bus/pci/devices/%s/%s; nothing needs to be done",
                         address, (const char *) g_ptr_array_index (names, 0));
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_entries);
}

/* Cards that were reported not to wake from the idle power state that vfio-pci puts them into.
 * Source: mroboff/vm-curator, issue 60 and pull request 63 (RX 9070 XT); the ids are those of pci.ids. */
static const struct {
  guint16 device;
  const char *name;
} sleepers[] = {
  { 0x7550, "Navi 48" },
  { 0x7551, "Navi 48" },
};

static void
judge_d3cold (struct pl_case *judged)
{
  guint16 id;
  if (!pl_has_vendor (judged->device, PL_VENDOR_ATI)
      || pl_device_get_device (judged->device, &id) != PL_KNOWN)
    return;
  const char *name = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (sleepers); i++)
    if (sleepers[i].device == id)
      name = sleepers[i].name;
  bool is_allowed = true;
  bool is_disabled = pl_has_module_option (judged->machine, "vfio_pci", "disable_idle_d3");
  if (name == NULL || is_disabled
      || (pl_device_get_d3cold_allowed (judged->device, &is_allowed) == PL_KNOWN && !is_allowed))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "%s (%s) is known not to wake again from the sleep that vfio-pci puts an idle card into (stuck in "
      "D3)",
      pl_case_address (judged, judged->device), name);
  pl_finding_set_remedy (finding, "add to /etc/modprobe.d/vfio.conf: options vfio-pci disable_idle_d3=1");
  pl_case_cite (judged, finding, judged->device, PL_DEVICE_d3cold_allowed);
}

static const struct pl_rule rules[] = {
  /* The card that the firmware chose is the one whose loss is seen first. */
  { .id = "device.boot-gpu",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (boot_vga) | PL_WANT (bars),
    .wants.machine = PL_WANT_MACHINE (framebuffers),
    .applies = pl_case_is_display,
    .judge = judge_boot_gpu,
    .source = "Documentation/ABI/testing/sysfs-bus-pci, boot_vga" },
  /* A server board's own screen looks like a card and is none. */
  { .id = "device.management-screen",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (vendor) | PL_WANT (device),
    .applies = pl_case_is_display,
    .judge = judge_management_screen,
    .source = "drivers/gpu/drm/ast/ast_drv.c; drivers/gpu/drm/mgag200/mgag200_drv.c, mgag200_pciidlist" },
  /* People do lend their only card; what it costs is said. */
  { .id = "device.only-gpu",
    .scope = PL_SCOPE_DEVICE,
    .wants.device = PL_WANT (class),
    .applies = pl_case_is_display,
    .judge = judge_only_gpu,
    .source = "PCI Code and ID Assignment Specification, base class 03" },
  /* A guest's driver fails on memory that the host still draws on. */
  { .id = "device.framebuffer-held",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (bars),
    .wants.machine = PL_WANT_MACHINE (framebuffers) | PL_WANT_MACHINE (kernel_release),
    .applies = pl_case_is_display,
    .judge = judge_framebuffer_held,
    .source
    = "drivers/vfio/pci/vfio_pci_core.c, vfio_pci_vga_init(), since Linux 6.0 (commit d17378062079)" },
  /* Some cards never come back from sleep. */
  { .id = "device.d3cold",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (vendor) | PL_WANT (device) | PL_WANT (d3cold_allowed),
    .wants.machine = PL_WANT_MACHINE (command_line) | PL_WANT_MACHINE (vfio_options),
    .applies = pl_case_is_display,
    .judge = judge_d3cold,
    .source = "drivers/vfio/pci/vfio_pci.c, parameter disable_idle_d3; mroboff/vm-curator issue 60" },
  /* The size of a BAR can only be changed while no driver holds the card. */
  { .id = "device.resizable-bar",
    .scope = PL_SCOPE_FUNCTION,
    .wants.device = PL_WANT (entries),
    .applies = pl_case_is_display,
    .judge = judge_resizable_bar,
    .source = "Documentation/ABI/testing/sysfs-bus-pci, resourceN_resize (Linux 6.1)" },
};

const struct pl_rule_table pl_rules_card = { rules, G_N_ELEMENTS (rules) };
