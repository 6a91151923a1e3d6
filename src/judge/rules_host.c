/* rules_host.c - what the host needs beside the device: virtualization, the modules, and being a real
 * machine. */
#include "judge/firmware_names.h"
#include "judge/function.h"
#include "judge/rule.h"

#include <string.h>

/* Without the list of functions nothing can be said of any. */
static void
judge_devices_unknown (struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  if (machine->devices_state == PL_KNOWN || machine->source == PL_SOURCE_TEXT)
    return;
  struct pl_finding *finding
      = pl_case_add (judged, PL_UNSURE, "the PCI devices could not be listed: /sys/bus/pci/devices %s",
                     machine->devices_state == PL_ABSENT   ? "is not there"
                     : machine->devices_state == PL_DENIED ? "may not be read"
                                                           : "was not read");
  pl_finding_set_remedy (finding,
                         "run pcilend on the host itself, outside of any container: sudo pcilend check");
  struct pl_evidence evidence = { g_strdup ("/sys/bus/pci/devices"), 0, machine->devices_state };
  g_array_append_val (finding->evidence, evidence);
}

static void
judge_no_card (struct pl_case *judged)
{
  const struct pl_machine *machine = judged->machine;
  if (judged->is_asked || judged->n_candidates > 0
      || (machine->devices_state != PL_KNOWN && machine->source != PL_SOURCE_TEXT))
    return;
  bool is_text = machine->source == PL_SOURCE_TEXT;
  struct pl_finding *finding = pl_case_add (judged, is_text ? PL_UNSURE : PL_BLOCKER,
                                            is_text ? "the text names no graphics card"
                                                    : "this machine has no graphics card that could be lent");
  const char *command = pl_case_command (judged);
  if (is_text)
    pl_finding_set_remedy (finding, "add the output of: lspci -nnk; or name another device: %s check ADDRESS",
                           command);
  else
    pl_finding_set_remedy (finding, "name another device to lend: %s check ADDRESS; see: %s groups", command,
                           command);
}

static void
judge_many_cards (struct pl_case *judged)
{
  if (judged->left->len == 0)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_NOTE, "there are %u graphics cards, and only the first %u were judged, not: %s",
      judged->n_candidates + judged->left->len, judged->n_candidates,
      pl_case_addresses (judged, judged->left, ", "));
  pl_finding_set_remedy (finding, "name the one that you want to lend: %s check ADDRESS",
                         pl_case_command (judged));
}

/* A container sees its own mounts, network and processes, not the host's. */
static void
judge_container (struct pl_case *judged)
{
  const char *container;
  if (pl_machine_get_container (judged->machine, &container) != PL_KNOWN)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_UNSURE, "this is a container (%s): what the host itself uses cannot be seen from inside",
      container);
  pl_finding_set_remedy (finding,
                         "run it on the host: sudo pcilend check; or there: sudo pcilend record FILE");
  pl_case_cite_machine (judged, finding, PL_MACHINE_container);
}

static void
judge_is_guest (struct pl_case *judged)
{
  bool is_guest;
  if (pl_machine_get_is_guest (judged->machine, &is_guest) != PL_KNOWN || !is_guest)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING, "this machine is itself a guest: it can lend on only what its own host gave it");
  pl_finding_set_remedy (finding, "run pcilend on the machine that has the hardware");
  pl_case_cite_machine (judged, finding, PL_MACHINE_is_guest);
}

static void
judge_architecture (struct pl_case *judged)
{
  const char *architecture;
  if (pl_machine_get_architecture (judged->machine, &architecture) != PL_KNOWN || pl_is_x86 (judged->machine))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "this machine is %s, not x86: the groups are judged, but the advice on firmware and kernel "
      "parameters is made for x86",
      architecture);
  pl_case_cite_machine (judged, finding, PL_MACHINE_architecture);
}

static void
judge_kvm_missing (struct pl_case *judged)
{
  const char *container;
  if (pl_machine_get_container (judged->machine, &container) == PL_KNOWN)
    return; /* what a container has in /dev says nothing of the host */
  const GPtrArray *nodes;
  enum pl_state state = pl_machine_get_dev_kvm (judged->machine, &nodes);
  if (state != PL_KNOWN || pl_names_have (nodes, "kvm"))
    return;
  const char *kind = "";
  pl_machine_get_cpu_virtualization (judged->machine, &kind);
  bool is_intel = strcmp (kind, "vmx") == 0, is_amd = strcmp (kind, "svm") == 0;
  struct pl_finding *finding
      = pl_case_add (judged, PL_WARNING,
                     "there is no /dev/kvm: a guest would run without the processor's help, far too slow");
  if (is_intel || is_amd)
    pl_finding_set_remedy (
        finding, "sudo modprobe %s; if that fails, switch on virtualization (%s) in the firmware's setup",
        is_intel ? "kvm_intel" : "kvm_amd", is_intel ? "VT-x" : "SVM");
  else
    pl_finding_set_remedy (
        finding, "%s",
        pl_is_x86 (judged->machine)
            ? "switch on virtualization (VT-x, or SVM) in the firmware's setup; the module is "
              "then loaded by itself"
            : "see what the kernel says of it: dmesg | grep -i kvm");
  pl_case_cite_machine (judged, finding, PL_MACHINE_dev_kvm);
}

static void
judge_virtualization_disabled (struct pl_case *judged)
{
  const char *virtualization;
  const struct pl_machine *machine = judged->machine;
  if (!pl_is_x86 (machine))
    return;
  const struct pl_log_event *event = pl_log_find (machine, PL_LOG_FIRMWARE_DISABLED, NULL);
  bool is_missing = pl_machine_get_cpu_virtualization (machine, &virtualization) == PL_ABSENT;
  if (!is_missing
      && (event == NULL || event->text == NULL || strstr (event->text, "AMD-Vi") != NULL
          || strstr (event->text, "DMAR") != NULL))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING,
      "the processor shows no virtualization (vmx or svm): switched off in the firmware, or there is none");
  bool is_guest = false;
  pl_machine_get_is_guest (machine, &is_guest);
  if (is_guest)
    pl_finding_set_remedy (finding, "switch on nested virtualization for this guest on its host");
  else
    pl_finding_set_remedy (finding, "%s switch on %s", pl_firmware_place (judged),
                           pl_firmware_name (machine, PL_FIRMWARE_VIRTUALIZATION));
  pl_case_cite_machine (judged, finding, PL_MACHINE_cpu_virtualization);
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
}

static bool
has_vfio_pci (const GPtrArray *modules)
{
  return pl_names_have (modules, "vfio_pci") || pl_names_have (modules, "vfio-pci");
}

static void
judge_module_missing (struct pl_case *judged)
{
  const GPtrArray *loaded, *available;
  if (pl_machine_get_available_modules (judged->machine, &available) != PL_KNOWN || has_vfio_pci (available)
      || (pl_machine_get_loaded_modules (judged->machine, &loaded) == PL_KNOWN && has_vfio_pci (loaded)))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_WARNING, "the running kernel has no module vfio-pci, built in or to be loaded");
  pl_finding_set_remedy (
      finding, "install your distribution's full kernel package (Debian: linux-image-amd64, not -cloud; "
               "Fedora: kernel-modules), and reboot if the kernel was updated since the last boot");
  pl_case_cite_machine (judged, finding, PL_MACHINE_available_modules);
  pl_case_cite_machine (judged, finding, PL_MACHINE_loaded_modules);
}

/* amd_iommu has no value "on": AMD's IOMMU is on by default where the firmware offers it. */
static void
say_amd_iommu_on (struct pl_case *judged, const struct pl_command_line *line)
{
  const char *value = pl_command_line_value (line, "amd_iommu");
  if (value == NULL || strcmp (value, "on") != 0)
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_NOTE,
      "amd_iommu=on does nothing: AMD's IOMMU is on where the firmware offers it, and the kernel knows no "
      "such value");
  pl_finding_set_remedy (finding, "remove amd_iommu=on from the kernel command line when you next edit it");
  pl_case_cite_machine (judged, finding, PL_MACHINE_command_line);
  const struct pl_log_event *event = pl_log_find (judged->machine, PL_LOG_UNKNOWN_OPTION, NULL);
  if (event != NULL)
    pl_case_cite_log (judged, finding, event);
}

/* Whether any video= says it; several are told apart by the driver's name before the colon.
 * Source: Documentation/fb/modedb.rst. */
static bool
has_efifb_off (const struct pl_command_line *line)
{
  for (guint i = 0; i < line->parameters->len; i++) {
    const struct pl_parameter *parameter = &g_array_index (line->parameters, struct pl_parameter, i);
    if (strcmp (parameter->name, "video") != 0 || parameter->value == NULL)
      continue;
    g_auto (GStrv) parts = g_strsplit (parameter->value, ",", -1);
    if (g_strv_contains ((const char *const *) parts, "efifb:off"))
      return true;
  }
  return false;
}

/* From 6.0 on vfio-pci removes the framebuffer of VGA cards itself. */
static void
say_efifb_off (struct pl_case *judged, const struct pl_command_line *line)
{
  if (!has_efifb_off (line) || !pl_kernel_is_since (judged->machine, 6, 0))
    return;
  struct pl_finding *finding = pl_case_add (
      judged, PL_NOTE,
      "video=efifb:off is not needed: since Linux 6.0 vfio-pci takes the boot framebuffer of a VGA card away "
      "itself; and where the kernel uses simpledrm, this parameter does not reach it");
  pl_finding_set_remedy (finding,
                         "remove video=efifb:off from the kernel command line when you next edit it");
  pl_case_cite_machine (judged, finding, PL_MACHINE_command_line);
  pl_case_cite_machine (judged, finding, PL_MACHINE_kernel_release);
}

static void
judge_obsolete_parameter (struct pl_case *judged)
{
  const struct pl_command_line *line;
  if (pl_machine_get_command_line (judged->machine, &line) != PL_KNOWN)
    return;
  say_amd_iommu_on (judged, line);
  say_efifb_off (judged, line);
}

static const struct pl_rule rules[] = {
  /* Unknown is never fine: no list, no answer. */
  { .id = "host.devices-unknown",
    .scope = PL_SCOPE_MACHINE,
    .judge = judge_devices_unknown,
    .source = "Documentation/ABI/testing/sysfs-bus-pci" },
  /* Nothing was named, and there is no card to choose. */
  { .id = "host.no-card",
    .scope = PL_SCOPE_MACHINE,
    .judge = judge_no_card,
    .source = "PCI Code and ID Assignment Specification, base class 03" },
  /* Judging takes a while for each card, and nobody reads about hundreds of them. */
  { .id = "host.many-cards",
    .scope = PL_SCOPE_MACHINE,
    .judge = judge_many_cards,
    .source = "pcilend's own bound, src/judge/candidates.c" },
  /* What is judged idle inside may be the host's own disk outside. */
  { .id = "host.container",
    .scope = PL_SCOPE_MACHINE,
    .can_block = true,
    .wants.machine = PL_WANT_MACHINE (container),
    .question = "whether this is a container, which does not see what its host uses",
    .judge = judge_container,
    .source = "https://systemd.io/CONTAINER_INTERFACE; man 7 mount_namespaces" },
  /* A guest's hardware is what its host shows it. */
  { .id = "host.is-guest",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = PL_WANT_MACHINE (is_guest),
    .judge = judge_is_guest,
    .source = "arch/x86/include/asm/cpufeatures.h, X86_FEATURE_HYPERVISOR" },
  /* DMAR, IVRS, vmx and svm are of x86. */
  { .id = "host.architecture",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = PL_WANT_MACHINE (architecture),
    .judge = judge_architecture,
    .source = "Documentation/arch/x86/iommu.rst" },
  /* QEMU falls back to emulation without it. */
  { .id = "host.kvm-missing",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine
    = PL_WANT_MACHINE (dev_kvm) | PL_WANT_MACHINE (cpu_virtualization) | PL_WANT_MACHINE (container),
    .judge = judge_kvm_missing,
    .source = "Documentation/virt/kvm/api.rst" },
  /* The kernel hides the flag where the firmware locked virtualization. */
  { .id = "host.virtualization-disabled",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = PL_WANT_MACHINE (cpu_virtualization) | PL_WANT_MACHINE (log_events),
    .judge = judge_virtualization_disabled,
    .source = "arch/x86/kernel/cpu/feat_ctl.c, init_ia32_feat_ctl(); arch/x86/kvm/svm/svm.c" },
  /* Without vfio-pci nothing can hold the device for a guest. */
  { .id = "host.module-missing",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = PL_WANT_MACHINE (loaded_modules) | PL_WANT_MACHINE (available_modules),
    .judge = judge_module_missing,
    .source = "drivers/vfio/pci/Kconfig, VFIO_PCI" },
  /* Old guides live on in command lines. */
  { .id = "host.obsolete-parameter",
    .scope = PL_SCOPE_MACHINE,
    .wants.machine = PL_WANT_MACHINE (command_line) | PL_WANT_MACHINE (kernel_release),
    .judge = judge_obsolete_parameter,
    .source = "Documentation/admin-guide/kernel-parameters.txt, amd_iommu; drivers/vfio/pci/vfio_pci_core.c, "
              "vfio_pci_vga_init()" },
};

const struct pl_rule_table pl_rules_host = { rules, G_N_ELEMENTS (rules) };
