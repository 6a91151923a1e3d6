/* test_readers.c - the readers of the platform, the IOMMU, the kernel log and the modules. */
#include "recorded.h"

static void
test_nothing (void)
{
  g_autofree char *body = g_strdup ("");
  struct pl_machine *machine = read_recorded_as ("uid = 0\n", body);
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    g_assert_cmpint (machine->state_[fact], ==, PL_UNREAD);
  g_assert_cmpuint (pl_machine_n_notes (machine), ==, 0);
  pl_machine_free (machine);
}

static void
test_all_denied (void)
{
  struct pl_machine *machine = read_recorded (
      "@/\n.dockerenv ! EACCES\ndev/ ! EACCES\nproc/ ! EACCES\n"
      "@/boot\nconfig-6.1.0 ! EACCES\n"
      "@/etc\nos-release ! EACCES\nmodprobe.d/ ! EACCES\n"
      "@/lib\nmodules/ ! EACCES\n@/usr\nsbin/ ! EACCES\nbin/ ! EACCES\n"
      "@/lib/modules/6.1.0\nmodules.dep ! EACCES\nmodules.builtin ! EACCES\nmodules.alias ! EACCES\n"
      "@/proc\ncmdline ! EACCES\ncpuinfo ! EACCES\nmeminfo ! EACCES\ninterrupts ! EACCES\nmodules ! EACCES\n"
      "swaps ! EACCES\niomem ! EACCES\n"
      "@/proc/net\nroute ! EACCES\nipv6_route ! EACCES\nif_inet6 ! EACCES\n"
      "@/proc/self\nmountinfo ! EACCES\n"
      "@/run\n.containerenv ! EACCES\n@/run/systemd\ncontainer ! EACCES\n"
      "@/sys/class\nblock/ ! EACCES\nnet/ ! EACCES\ndrm/ ! EACCES\ninput/ ! EACCES\niommu/ ! EACCES\n"
      "@/sys/class/dmi\nid/ ! EACCES\n@/sys/bus/usb\ndevices/ ! EACCES\n"
      "@/sys/module/vfio_iommu_type1/parameters\nallow_unsafe_interrupts ! EACCES\n"
      "@/sys/module/vfio_pci/parameters\ndisable_idle_d3 ! EACCES\ndisable_denylist ! EACCES\n"
      "@/sys/module/module/parameters\nsig_enforce ! EACCES\n@/sys/kernel/security\nlockdown ! EACCES\n"
      "@/sys/firmware/acpi\ntables/ ! EACCES\n@/sys/kernel\niommu_groups/ ! EACCES\n"
      "@log\nkernel ! EPERM\n");
  /* Of the texts each has a state of its own. */
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    if (fact != PL_MACHINE_kernel_release && fact != PL_MACHINE_architecture && fact != PL_MACHINE_texts
        && machine->state_[fact] != PL_DENIED)
      g_error ("%s is %s", pl_machine_facts[fact].name, pl_state_name (machine->state_[fact]));
  pl_machine_free (machine);
}

/* Either says so; that there is neither says that there is none. */
static void
test_signed_modules (void)
{
  static const struct {
    const char *lockdown, *enforced;
    enum pl_state state;
    bool is_needed;
  } rows[] = {
    { "= [none] integrity confidentiality", "= N", PL_KNOWN, false },
    { "= none [integrity] confidentiality", "= N", PL_KNOWN, true },
    { "= none integrity [confidentiality]", "-", PL_KNOWN, true },
    { "= [none] integrity confidentiality", "= Y", PL_KNOWN, true },
    { "-", "= Y", PL_KNOWN, true },
    { "-", "= N", PL_KNOWN, false },
    { "-", "-", PL_KNOWN, false },
    { "! EACCES", "= Y", PL_KNOWN, true },
    { "! EACCES", "= N", PL_DENIED, false },
    { "= [none] integrity", "! EACCES", PL_DENIED, false },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strdup_printf (
        "@/sys/kernel/security\nlockdown %s\n@/sys/module/module/parameters\nsig_enforce %s\n",
        rows[i].lockdown, rows[i].enforced);
    struct pl_machine *machine = read_recorded (body);
    bool is_needed = false;
    g_test_message ("row %u", i);
    g_assert_cmpint (pl_machine_get_signed_modules_only (machine, &is_needed), ==, rows[i].state);
    g_assert_true (is_needed == rows[i].is_needed);
    pl_machine_free (machine);
  }
}

/* What every kernel has cannot be absent: then /proc is, and nothing is known. */
static void
test_no_proc (void)
{
  struct pl_machine *machine
      = read_recorded ("@/proc\ncmdline -\ncpuinfo -\nmeminfo -\ninterrupts -\nmodules -\niomem -\nswaps -\n"
                       "@/proc/self\nmountinfo -\n@/proc/net\nroute -\nipv6_route -\nif_inet6 -\n");
  assert_state (machine, command_line, PL_UNREAD);
  assert_state (machine, cpu_vendor, PL_UNREAD);
  assert_state (machine, is_guest, PL_UNREAD);
  assert_state (machine, memory_bytes, PL_UNREAD);
  assert_state (machine, interrupt_remapping, PL_UNREAD);
  assert_state (machine, mounts, PL_UNREAD);
  assert_state (machine, framebuffers, PL_UNREAD);
  assert_state (machine, loaded_modules, PL_ABSENT);
  assert_state (machine, swaps, PL_ABSENT);
  pl_machine_free (machine);
}

static void
test_host (void)
{
  struct pl_machine *machine = read_recorded ("@/proc\ncmdline = quiet amd_iommu=on\n");
  const struct pl_command_line *line = NULL;
  assert_text (machine, kernel_release, "6.1.0");
  assert_text (machine, architecture, "x86_64");
  assert_state (machine, command_line, PL_KNOWN);
  get (machine, command_line, &line);
  g_assert (line != NULL);
  g_assert_cmpstr (pl_command_line_value (line, "amd_iommu"), ==, "on");
  pl_machine_free (machine);

  machine = read_recorded ("@/proc\ncmdline x\n\t61 00 62\n");
  assert_state (machine, command_line, PL_INVALID);
  g_assert_cmpuint (pl_machine_n_notes (machine), ==, 1);
  pl_machine_free (machine);
}

static void
test_distribution (void)
{
  static const struct {
    const char *body;
    enum pl_state name_state, id_state;
    const char *name, *id;
  } rows[] = {
    { "@/etc\nos-release |\n\t# a comment\n\tNAME=Arch\n\tPRETTY_NAME=\"Arch \\\"Linux\\\"\"\n\tID='arch'\n",
      PL_KNOWN, PL_KNOWN, "Arch \"Linux\"", "arch" },
    { "@/etc\nos-release -\n@/usr/lib\nos-release |\n\tNAME=Void\n\tID=void\n", PL_KNOWN, PL_KNOWN, "Void",
      "void" },
    { "@/etc\nos-release |\n\tID=one\n\tID=two\n", PL_ABSENT, PL_KNOWN, NULL, "two" },
    { "@/etc\nos-release |\n\tPRETTY_NAME=\"open\n\tID=x\n", PL_INVALID, PL_KNOWN, NULL, "x" },
    { "@/etc\nos-release |\n", PL_ABSENT, PL_ABSENT, NULL, NULL },
    { "@/etc\nos-release -\n@/usr/lib\nos-release -\n", PL_ABSENT, PL_ABSENT, NULL, NULL },
    { "@/etc\nos-release -\n", PL_UNREAD, PL_UNREAD, NULL, NULL },
    { "@/etc\nos-release x\n\t49 44 3d ff fe 00 0a\n", PL_ABSENT, PL_KNOWN, NULL, "\xff\xfe" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = read_recorded (rows[i].body);
    assert_state (machine, distribution, rows[i].name_state);
    assert_state (machine, distribution_id, rows[i].id_state);
    if (rows[i].name != NULL)
      assert_text (machine, distribution, rows[i].name);
    if (rows[i].id != NULL)
      assert_text (machine, distribution_id, rows[i].id);
    pl_machine_free (machine);
  }
}

static void
test_cpu (void)
{
  struct pl_machine *machine = read_recorded (
      "@/proc\ncpuinfo |\n\tprocessor\t: 0\n\tvendor_id\t: AuthenticAMD\n\tmodel name\t: AMD Ryzen 9\n"
      "\tflags\t\t: fpu svm sse hypervisor\n\tpower management: ts\n\t\n\tprocessor\t: 1\n"
      "\tvendor_id\t: other\n\tflags\t\t: fpu vmx\n");
  bool is_guest = false;
  assert_text (machine, cpu_vendor, "AuthenticAMD");
  assert_text (machine, cpu_model, "AMD Ryzen 9");
  assert_text (machine, cpu_virtualization, "svm");
  assert_state (machine, is_guest, PL_KNOWN);
  get (machine, is_guest, &is_guest);
  g_assert_true (is_guest);
  pl_machine_free (machine);

  machine = read_recorded ("@/proc\ncpuinfo |\n\tvendor_id : GenuineIntel\n\tflags :fpu\n");
  assert_state (machine, cpu_model, PL_ABSENT);
  assert_state (machine, cpu_virtualization, PL_ABSENT);
  assert_state (machine, is_guest, PL_KNOWN);
  pl_machine_free (machine);

  machine = read_recorded ("@/proc\ncpuinfo |\n\tflags:vmx svm vmx\n");
  assert_state (machine, cpu_virtualization, PL_INVALID);
  pl_machine_free (machine);

  machine = read_recorded ("@/proc\ncpuinfo |\n\tflags:vmx\n");
  assert_text (machine, cpu_virtualization, "vmx");
  pl_machine_free (machine);

  /* Arm */
  machine
      = read_recorded ("@/proc\ncpuinfo |\n\tprocessor : 0\n\tBogoMIPS : 243.75\n\tFeatures : fp asimd\n");
  assert_state (machine, cpu_vendor, PL_ABSENT);
  assert_state (machine, cpu_virtualization, PL_UNREAD);
  assert_state (machine, is_guest, PL_UNREAD);
  pl_machine_free (machine);
}

static void
test_memory (void)
{
  struct pl_machine *machine
      = read_recorded ("@/proc\nmeminfo |\n\tMemTotal:       32768000 kB\n\tMemFree: 1 kB\n");
  gint64 bytes = 0;
  assert_state (machine, memory_bytes, PL_KNOWN);
  get (machine, memory_bytes, &bytes);
  g_assert_cmpint (bytes, ==, G_GINT64_CONSTANT (32768000) * 1024);
  pl_machine_free (machine);
  static const char *const wrong[] = { "MemTotal: 99999999999999999999 kB",
                                       "MemTotal: 9223372036854775807 kB", "MemTotal: 5", "MemTotal:", "x" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *body = g_strdup_printf ("@/proc\nmeminfo = %s\n", wrong[i]);
    machine = read_recorded (body);
    assert_state (machine, memory_bytes, PL_INVALID);
    pl_machine_free (machine);
  }
}

static void
test_container (void)
{
  static const struct {
    const char *body;
    enum pl_state state;
    const char *name;
  } rows[] = {
    { "@/\n.dockerenv -\n@/run\n.containerenv -\n@/run/systemd\ncontainer -\n"
      "@/proc/self/ns\npid -> pid:[4026531836]\n",
      PL_ABSENT, NULL },
    { "@/\n.dockerenv -\n@/run\n.containerenv -\n@/run/systemd\ncontainer -\n@/proc/self/ns\npid -\n",
      PL_ABSENT, NULL },
    { "@/\n.dockerenv -\n@/run\n.containerenv -\n@/run/systemd\ncontainer -\n"
      "@/proc/self/ns\npid -> pid:[4026532841]\n",
      PL_KNOWN, "its own PID namespace" },
    { "@/\n.dockerenv -\n@/run\n.containerenv -\n@/run/systemd\ncontainer -\n", PL_UNREAD, NULL },
    { "@/\n.dockerenv |\n@/run\n.containerenv -\nsystemd/ -\n", PL_KNOWN, "docker" },
    { "@/\n.dockerenv -\n@/run\n.containerenv |\n\tid=\"0123\"\n@/run/systemd\ncontainer -\n", PL_KNOWN,
      "podman" },
    { "@/run/systemd\ncontainer = lxc\n", PL_KNOWN, "lxc" },
    { "@/\n.dockerenv -\n@/run\n.containerenv ! EACCES\n@/run/systemd\ncontainer -\n", PL_DENIED, NULL },
    { "@/\n.dockerenv -\n@/run/systemd\ncontainer -\n", PL_UNREAD, NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine = read_recorded (rows[i].body);
    assert_state (machine, container, rows[i].state);
    if (rows[i].name != NULL)
      assert_text (machine, container, rows[i].name);
    pl_machine_free (machine);
  }
}

static void
test_board (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/class/dmi/id\nsys_vendor = ASUSTeK COMPUTER INC.\nproduct_name =~  \nboard_name |\n\ta\n\tb\n"
      "@/sys/firmware/acpi\ntables/ |\n\tAPIC\n\tDMAR\n\tIVRS\n\tdata\n@/\ndev/ "
      "|\n\tkvm\n\tnull\n\tsda\n\tvfio\n");
  assert_text (machine, system_vendor, "ASUSTeK COMPUTER INC.");
  assert_state (machine, product_name, PL_ABSENT);
  assert_state (machine, board_name, PL_INVALID);
  assert_names (machine, firmware_tables, "DMAR IVRS");
  assert_names (machine, dev_kvm, "kvm vfio");
  pl_machine_free (machine);
}

#define GROUP_14 "@/sys/bus/pci/devices/0000:09:00.0\niommu_group -> ../../../../kernel/iommu_groups/14\n"

static void
test_iommu (void)
{
  struct pl_machine *machine = read_recorded (
      "@/sys/class\niommu/ |\n\tivhd0\n@/sys/kernel\niommu_groups/ |\n\t0\n\t1\n\t10\n\t2\n");
  const GArray *ids = NULL;
  assert_names (machine, iommu_units, "ivhd0");
  assert_state (machine, iommu_groups, PL_KNOWN);
  get (machine, iommu_groups, &ids);
  g_assert (ids != NULL);
  g_assert_cmpuint (ids->len, ==, 4);
  g_assert_cmpint (g_array_index (ids, gint32, 3), ==, 10);
  pl_machine_free (machine);

  machine = read_recorded ("@/sys/class\niommu/ -\n@/sys/kernel\niommu_groups/ |\n\t0\n\tx\n");
  assert_state (machine, iommu_units, PL_ABSENT);
  assert_state (machine, iommu_groups, PL_INVALID);
  pl_machine_free (machine);
}

static void
test_group (void)
{
  struct pl_root *root = open_recorded (
      AS_ROOT,
      "@/sys/kernel/iommu_groups/14\ntype = DMA-FQ\nreserved_regions |\n"
      "\t0x00000000fee00000 0x00000000feefffff msi\n\t0x000000007c000000 0x000000007fffffff direct\n"
      "@/sys/kernel/iommu_groups/14/devices\n"
      "@/sys/kernel/iommu_groups/14\ndevices/ |\n\t0000:09:00.0\n\t0000:09:00.1\n"
      "\t83b8f4f2-509f-382f-3c1e-e6bfe0fa1001\n"
      "@/sys/kernel/iommu_groups/15\ntype ! EACCES\nreserved_regions = 0x2 0x1 msi\ndevices/ ! EACCES\n");
  struct pl_machine *machine = pl_machine_read (root, "test", pl_names_new ());
  pl_machine_read_group (machine, root, 14);
  pl_machine_read_group (machine, root, 15);
  pl_machine_read_group (machine, root, 16);
  const struct pl_group *group = pl_machine_group (machine, 14);
  g_assert_cmpstr (group->type, ==, "DMA-FQ");
  g_assert_cmpint (group->regions_state, ==, PL_KNOWN);
  g_assert_cmpuint (group->regions->len, ==, 2);
  const struct pl_region *region = &g_array_index (group->regions, struct pl_region, 1);
  g_assert_cmpstr (region->type, ==, "direct");
  g_assert_cmphex (region->end, ==, 0x7fffffff);
  g_assert_cmpint (group->members_state, ==, PL_KNOWN);
  g_assert_cmpuint (group->members->len, ==, 2);
  g_assert_cmpuint (g_array_index (group->members, struct pl_address, 1).function, ==, 1);
  group = pl_machine_group (machine, 15);
  g_assert_cmpint (group->type_state, ==, PL_DENIED);
  g_assert_cmpint (group->regions_state, ==, PL_INVALID);
  g_assert_cmpint (group->members_state, ==, PL_DENIED);
  group = pl_machine_group (machine, 16);
  g_assert_cmpint (group->members_state, ==, PL_UNREAD);
  pl_machine_free (machine);
  pl_root_close (root);
}

static void
test_interrupts (void)
{
  static const struct {
    const char *host, *line;
    enum pl_state state;
    bool is_on;
  } rows[] = {
    { AS_ROOT, " 24: 0 0 IR-PCI-MSI 524288-edge nvme0q1", PL_KNOWN, true },
    { AS_ROOT, " 24: 0 0 PCI-MSI-0000:00:00.2 0-edge AMD-Vi\n\t 25: 0 0 IR-PCI-MSIX-0000:01:00.0 0-edge x",
      PL_KNOWN, true },
    { AS_ROOT, " 24: 0 12345678901 PCI-MSI 524288-edge x", PL_KNOWN, false },
    { AS_ROOT, "  1: 0 0 IO-APIC 1-edge i8042", PL_UNREAD, false },
    { AS_ROOT, "  1: 0 0 DMAR-MSI 0-edge dmar0", PL_UNREAD, false },
    { "architecture = aarch64\n", " 24: 0 0 ITS-PCI-MSIX-0000:01:00.0 0 Edge x", PL_UNREAD, false },
    { "architecture = riscv64\n", " 24: 0 0 PCI-MSIX-0000:01:00.0 0 Edge x", PL_UNREAD, false },
    { "architecture = i\n", " 24: 0 0 PCI-MSI 0-edge x", PL_UNREAD, false },
    { AS_ROOT, " 24: 0 0", PL_UNREAD, false },
    { AS_ROOT, "IR-PCI-MSI", PL_UNREAD, false },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strdup_printf (
        "@/proc\ninterrupts |\n\t          CPU0  CPU1\n\t%s\n\tNMI: 0 0 Non-maskable\n", rows[i].line);
    struct pl_machine *machine = read_recorded_as (rows[i].host, body);
    bool is_on = false;
    assert_state (machine, interrupt_remapping, rows[i].state);
    get (machine, interrupt_remapping, &is_on);
    g_assert_cmpint (is_on, ==, rows[i].is_on);
    pl_machine_free (machine);
  }
}

#define JOURNAL "/usr/bin/journalctl\\x20-k\\x20-b\\x20-o\\x20short-monotonic\\x20--no-hostname\\x20-q"
#define JOURNAL_NIXOS \
  "/run/current-system/sw/bin/journalctl\\x20-k\\x20-b\\x20-o\\x20short-monotonic\\x20--no-hostname\\x20-q"

static void
test_log (void)
{
  struct pl_machine *machine = read_recorded (
      "@log\nkernel |\n\t[    0.000000] Linux version 5.18.5-arch1-1 (linux@archlinux) (gcc)\n"
      "\t[    1.000000] usb 1-4: SerialNumber: 0123456789\n"
      "\t[    0.608816] pci 0000:09:00.0: Adding to iommu group 18\n");
  const struct pl_log_event *event = element (machine, log_events, pl_log_event, 1, 2);
  g_assert_cmpint (event->kind, ==, PL_LOG_GROUP);
  g_assert_cmpint (event->number, ==, 18);
  pl_machine_free (machine);

  /* dmesg_restrict: the journal of who may read it */
  machine = read_recorded_as (AS_USER, "@log\nkernel ! EPERM\n@run\n" JOURNAL " |\n"
                                       "\t[    0.000000] kernel: Linux version 6.1.0 (x@y) (gcc)\n"
                                       "\t[    1.000000] kernel: usb 1-4: SerialNumber: 0123456789\n");
  event = element (machine, log_events, pl_log_event, 0, 1);
  g_assert_cmpint (event->kind, ==, PL_LOG_RELEASE);
  g_assert_cmpstr (event->text, ==, "6.1.0");
  pl_machine_free (machine);

  static const char *const denied[]
      = { "@log\nkernel ! EPERM\n", "@log\nkernel ! EPERM\n@run\n" JOURNAL " |\n",
          "@log\nkernel ! EPERM\n@run\n" JOURNAL " ! EIO\n",
          "@log\nkernel ! EPERM\n@run\n" JOURNAL " -\n" JOURNAL_NIXOS " -\n" };
  for (guint i = 0; i < G_N_ELEMENTS (denied); i++) {
    machine = read_recorded_as (AS_USER, denied[i]);
    assert_state (machine, log_events, PL_DENIED);
    pl_machine_free (machine);
  }
  machine = read_recorded ("@log\nkernel ! ENOENT\n");
  assert_state (machine, log_events, PL_UNREAD);
  pl_machine_free (machine);
}

static void
test_modules (void)
{
  struct pl_machine *machine = read_recorded (
      "@/proc\nmodules |\n\tvfio_pci 16384 0 - Live 0xffffffffc0a00000\n\text4 1 1 - Live "
      "0xffffffffc0a00001\n"
      "\tkvm_amd 1 0 - Live 0x0\n"
      "@/lib/modules/6.1.0\nmodules.dep |\n\tkernel/drivers/vfio/pci/vfio-pci.ko.zst: kernel/a/vfio.ko.zst\n"
      "\tkernel/fs/ext4/ext4.ko:\n\tupdates/dkms/vendor-reset.ko:\n"
      "modules.builtin |\n\tkernel/drivers/usb/host/xhci-hcd.ko\n\tkernel/x/kvm\n");
  assert_names (machine, loaded_modules, "vfio_pci kvm_amd");
  assert_names (machine, available_modules, "vfio_pci vendor_reset xhci_hcd");
  pl_machine_free (machine);

  /* One list alone does not tell what there is not. */
  machine = read_recorded ("@/lib/modules/6.1.0\nmodules.dep |\n\ta/vfio-pci.ko:\n");
  assert_state (machine, available_modules, PL_UNREAD);
  pl_machine_free (machine);

  /* NixOS */
  machine
      = read_recorded ("@/lib/modules/6.1.0\nmodules.dep -\nmodules.builtin -\n"
                       "@/run/booted-system/kernel-modules/lib/modules/6.1.0\nmodules.dep = a/vfio.ko.xz:\n"
                       "modules.builtin |\n");
  assert_names (machine, available_modules, "vfio");
  pl_machine_free (machine);

  /* No release is told: one installed kernel is the one, of two none is. */
  machine = read_recorded_as ("uid = 0\n", "@/lib\nmodules/ |\n\t6.9.0\n@/lib/modules/6.9.0\nmodules.dep |\n"
                                           "modules.builtin = a/kvm.ko\n");
  assert_names (machine, available_modules, "kvm");
  pl_machine_free (machine);
  machine = read_recorded_as ("uid = 0\n", "@/lib\nmodules/ |\n\t6.9.0\n\t6.9.1\n");
  assert_state (machine, available_modules, PL_UNREAD);
  pl_machine_free (machine);
  machine = read_recorded_as ("release = ../../etc\n", "@/lib\nmodules/ |\n\t6.9.0\n");
  assert_state (machine, available_modules, PL_INVALID);
  pl_machine_free (machine);
}

#define NO_PARAMETERS                                                     \
  "@/sys/module/vfio_iommu_type1/parameters\nallow_unsafe_interrupts -\n" \
  "@/sys/module/vfio_pci/parameters\ndisable_idle_d3 -\ndisable_denylist -\n"

static void
test_vfio_options (void)
{
  const GPtrArray *options = NULL;
  struct pl_machine *machine = read_recorded (
      "@/sys/module/vfio_iommu_type1/parameters\nallow_unsafe_interrupts = Y\n"
      "@/sys/module/vfio_pci/parameters\ndisable_idle_d3 = N\ndisable_denylist -\n"
      "@/etc\nmodprobe.d/ |\n\tnotes.txt\n\tvfio.conf\n@/etc/modprobe.d\nvfio.conf |\n"
      "\toptions vfio-pci ids=1002:731f  disable_idle_d3=1\n\toptions kvm nx=1\n\t# options vfio-pci x=1\n");
  assert_state (machine, vfio_options, PL_KNOWN);
  get (machine, vfio_options, &options);
  static const char *const wanted[]
      = { "vfio_iommu_type1 allow_unsafe_interrupts=Y", "vfio_pci disable_idle_d3=N",
          "vfio_pci ids=1002:731f", "vfio_pci disable_idle_d3=1" };
  g_assert_cmpuint (options->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < options->len; i++)
    g_assert_cmpstr (g_ptr_array_index (options, i), ==, wanted[i]);
  pl_machine_free (machine);

  machine = read_recorded (NO_PARAMETERS "@/etc\nmodprobe.d/ -\n");
  assert_state (machine, vfio_options, PL_KNOWN);
  pl_machine_free (machine);
  machine = read_recorded (NO_PARAMETERS "@/etc\nmodprobe.d/ ! EACCES\n");
  assert_state (machine, vfio_options, PL_DENIED);
  pl_machine_free (machine);
  machine = read_recorded (NO_PARAMETERS "@/etc\nmodprobe.d/ |\n\ta.conf\n");
  assert_state (machine, vfio_options, PL_UNREAD);
  pl_machine_free (machine);
}

static void
test_kernel_config (void)
{
  static const struct {
    const char *line;
    enum pl_state state;
    bool is_on;
  } rows[] = { { "config-6.1.0 |\n\tCONFIG_PCI=y\n\tCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n", PL_KNOWN, true },
               { "config-6.1.0 |\n\t# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n", PL_KNOWN, false },
               { "config-6.1.0 |\n\t# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n"
                 "\tCONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y\n",
                 PL_KNOWN, true },
               { "config-6.1.0 = CONFIG_PCI=y\n", PL_ABSENT, false },
               { "config-6.1.0 -\n", PL_ABSENT, false },
               { "config-6.1.0 ! EACCES\n", PL_DENIED, false },
               { "config-6.9.0 -\n", PL_UNREAD, false } };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *body = g_strconcat ("@/boot\n", rows[i].line, NULL);
    struct pl_machine *machine = read_recorded (body);
    bool is_on = false;
    assert_state (machine, intel_iommu_default_on, rows[i].state);
    get (machine, intel_iommu_default_on, &is_on);
    g_assert_true (is_on == rows[i].is_on);
    pl_machine_free (machine);
  }
}

#define FUNCTION(address, driver, id, class)             \
  "@/sys/bus/pci/devices/" address "\nuevent |\n" driver \
  "\tPCI_CLASS=" class "\n\tPCI_ID=" id "\n\tPCI_SUBSYS_ID=1043:04E8\nrevision = 0xc1\niommu_group -\n"

static void
test_device_modules (void)
{
  static const char body[] = FUNCTION ("0000:09:00.0", "\tDRIVER=amdgpu\n", "1002:731F", "30000")
      FUNCTION ("0000:09:00.1", "\tDRIVER=xhci_hcd\n", "1022:43D0", "C0330")
          FUNCTION ("0000:0a:00.0", "", "10DE:1234", "30000")
              FUNCTION ("0000:0a:00.1", "\tDRIVER=../x\n", "10DE:1235", "40300") FUNCTION (
                  "0000:0a:00.2", "\tDRIVER=other\n", "10DE:1236",
                  "40300") "@/sys/bus/pci/drivers/amdgpu\nmodule -> ../../../../module/amdgpu\n"
                           "@/sys/module/amdgpu\ninitstate = live\n"
                           "@/sys/bus/pci/drivers/xhci_hcd\nmodule -> ../../../../module/xhci_hcd\n"
                           "@/sys/module/xhci_hcd\ninitstate -\n"
                           "@/sys/bus/pci/drivers/other\nmodule -> ../../../../module/other\n"
                           "@/lib/modules/6.1.0\nmodules.alias |\n"
                           "\t# Aliases extracted from modules themselves.\n"
                           "\talias pci:v00001002d0000731Fsv*sd*bc*sc*i* amdgpu\n"
                           "\talias pci:v00001002d0000731Fsv*sd*bc*sc*i* amdgpu\n"
                           "\talias pci:v00001002d0000731Esv*sd*bc*sc*i* radeon\n"
                           "\talias pci:v00001002d0000731Fsv00001043sd000004E9bc*sc*i* wrong-subsystem\n"
                           "\talias pci:v00001002d0000731Fsv00001043sd000004E8bc03sc00i00* snd-right\n"
                           "\talias pci:v*d*sv*sd*bc0Csc03i30* xhci-pci\n"
                           "\talias pci:v000010DEd*sv*sd*bc03sc00i00* nouveau\n"
                           "\talias pci:v000010DE* everything\n"
                           "\talias pci:v0001002d0000731Fsv*sd*bc*sc*i* short\n"
                           "\talias pci:v000010DEd* sv*\n"
                           "\talias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
                           "\talias pci:\n"
                           "\talias usb:v1002p*d* usb\n";
  static const struct {
    const char *address;
    enum pl_state state;
    const char *module, *modules;
  } rows[] = {
    { "0000:09:00.0", PL_KNOWN, "amdgpu", "amdgpu snd_right" },
    { "0000:09:00.1", PL_ABSENT, NULL, "xhci_pci" },
    { "0000:0a:00.0", PL_ABSENT, NULL, "nouveau everything sv*" },
    { "0000:0a:00.1", PL_INVALID, NULL, "everything sv*" },
    { "0000:0a:00.2", PL_UNREAD, NULL, "everything sv*" },
  };
  g_autofree char *text = g_strconcat ("pcilend recording 1\n@host\n" AS_ROOT
                                       "@/sys/bus/pci\ndevices/ |\n\t0000:09:00.0\n\t0000:09:00.1\n"
                                       "\t0000:0a:00.0\n\t0000:0a:00.1\n\t0000:0a:00.2\n",
                                       body, "@end\n", NULL);
  for (guint pass = 0; pass < 2; pass++) {
    g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
    struct pl_root *root = pl_root_open_recording ("test", bytes, NULL);
    struct pl_machine *machine;
    GString *recorded = record_all (root, &machine);
    g_assert_cmpuint (pl_machine_n_devices (machine), ==, G_N_ELEMENTS (rows));
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
      struct pl_device *device = pl_machine_device (machine, i);
      const char *module = NULL;
      const GPtrArray *modules = NULL;
      g_assert_cmpint (pl_device_get_driver_module (device, &module), ==, rows[i].state);
      g_assert_cmpstr (module, ==, rows[i].module);
      enum pl_state state = pl_device_get_modules (device, &modules);
      g_autofree char *joined = join_names (state, modules);
      g_assert_cmpstr (joined, ==, rows[i].modules);
    }
    pl_machine_free (machine);
    pl_root_close (root);
    /* The second time from what was recorded: only the lines that fit. */
    g_assert_null (strstr (recorded->str, "wrong-subsystem"));
    g_assert_null (strstr (recorded->str, "radeon"));
    g_free (text);
    text = g_string_free (recorded, FALSE);
  }
}

/* Many patterns for every vendor and many kinds of functions: given up, in time, and said. */
static void
test_hostile_aliases (void)
{
  GString *body = g_string_new ("@/sys/bus/pci\ndevices/ |\n");
  for (guint i = 0; i < 4000; i++)
    g_string_append_printf (body, "\t%04x:%02x:00.0\n", i >> 8, i & 255);
  for (guint i = 0; i < 4000; i++)
    g_string_append_printf (
        body,
        "@/sys/bus/pci/devices/%04x:%02x:00.0\nuevent |\n\tPCI_CLASS=30000\n\tPCI_ID=1002:%04X\n"
        "\tPCI_SUBSYS_ID=0:0\n",
        i >> 8, i & 255, i);
  g_string_append (body, "@/lib/modules/6.1.0\nmodules.alias |\n");
  for (guint i = 0; i < 30000; i++)
    g_string_append (body, "\talias pci:v*d*sv*sd*bc04sc*i* m\n");
  g_autofree char *text = g_strconcat ("pcilend recording 1\n@host\n" AS_ROOT, body->str, "@end\n", NULL);
  g_string_free (body, TRUE);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  struct pl_root *root = pl_root_open_recording ("test", bytes, NULL);
  struct pl_machine *machine = pl_machine_read (root, "test", pl_names_new ());
  struct pl_device *device = pl_machine_device (machine, 0);
  const GPtrArray *modules;
  pl_machine_read_device_facts (machine, root, device, PL_WANT (modules));
  g_assert_cmpint (pl_device_get_modules (device, &modules), ==, PL_INVALID);
  g_assert_cmpuint (pl_machine_n_notes (machine), >, 0);
  pl_machine_free (machine);
  pl_root_close (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/readers/nothing", test_nothing);
  g_test_add_func ("/readers/all-denied", test_all_denied);
  g_test_add_func ("/readers/signed-modules", test_signed_modules);
  g_test_add_func ("/readers/no-proc", test_no_proc);
  g_test_add_func ("/readers/host", test_host);
  g_test_add_func ("/readers/distribution", test_distribution);
  g_test_add_func ("/readers/cpu", test_cpu);
  g_test_add_func ("/readers/memory", test_memory);
  g_test_add_func ("/readers/container", test_container);
  g_test_add_func ("/readers/board", test_board);
  g_test_add_func ("/readers/iommu", test_iommu);
  g_test_add_func ("/readers/group", test_group);
  g_test_add_func ("/readers/interrupts", test_interrupts);
  g_test_add_func ("/readers/log", test_log);
  g_test_add_func ("/readers/modules", test_modules);
  g_test_add_func ("/readers/vfio-options", test_vfio_options);
  g_test_add_func ("/readers/kernel-config", test_kernel_config);
  g_test_add_func ("/readers/device-modules", test_device_modules);
  g_test_add_func ("/readers/hostile-aliases", test_hostile_aliases);
  return g_test_run ();
}
