/* test_packages.c - the table of distributions, what shows that something is there, and what is planned for a
 * host on each distribution. */
#include "judge_machine.h"
#include "packages/distribution.h"
#include "plan/plan.h"

#include <string.h>

/* Names in a directory: blanks between them; NULL: the directory is not there. */
static void
set_names (struct pl_texts *texts, const char *directory, const char *names)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) words = g_strsplit (names != NULL ? names : "", " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_ptr_array_add (list, g_strdup (words[i]));
  pl_texts_set_names (texts, directory, names != NULL ? PL_KNOWN : PL_ABSENT, list);
}

/* A host that has these programs in usr/bin, and nothing else of what is asked for. */
static struct pl_texts *
texts_new (const char *programs)
{
  struct pl_texts *texts = pl_texts_new ();
  for (guint i = 0; i < pl_n_package_wants; i++)
    set_names (texts, pl_package_wants[i].path, NULL);
  set_names (texts, "usr/sbin", "");
  set_names (texts, "usr/bin", programs);
  return texts;
}

/* All that guests need on a Debian, switched on; "systemctl" among the programs. */
#define ALL "qemu-system-x86_64 qemu-img libvirtd virsh dnsmasq nft swtpm swtpm_setup virt-install systemctl"
static struct pl_texts *
ready_texts_new (void)
{
  struct pl_texts *texts = texts_new (ALL);
  set_names (texts, "usr/share", "OVMF");
  set_names (texts, "etc/libvirt/qemu/networks", "default.xml");
  set_names (texts, "etc/libvirt/qemu/networks/autostart", "default.xml");
  set_names (texts, "usr/lib/systemd/system", "libvirtd.service libvirtd.socket");
  set_names (texts, "etc/systemd/system/multi-user.target.wants", "libvirtd.service");
  return texts;
}

/* The plan of a desk whose card is lent already: only the host's steps can be left. Takes the texts over. */
static struct pl_plan *
plan_on (struct pl_machine **machine, struct pl_texts *texts, const char *id, const char *like,
         const struct pl_plan_wishes *wishes)
{
  static const struct pl_plan_wishes none = { 0 };
  *machine = desk_new (PL_SOURCE_LIVE);
  set_names (texts, "etc/modprobe.d", "");
  g_hash_table_insert ((*machine)->lists_, texts, (void *) pl_texts_free);
  pl_machine_set_texts (*machine, PL_KNOWN, texts);
  pl_machine_set_distribution_id (*machine, id != NULL ? PL_KNOWN : PL_ABSENT, id);
  pl_machine_set_distribution_like (*machine, like != NULL ? PL_KNOWN : PL_ABSENT, like);
  struct pl_judgement *judgement = judge (*machine, "09:00.0");
  struct pl_plan *plan = pl_plan_make (*machine, judgement, wishes != NULL ? wishes : &none);
  pl_judgement_free (judgement);
  return plan;
}

/* The host's steps as they would be typed, a line each. */
static char *
lines_of (const struct pl_plan *plan)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < plan->steps->len; i++) {
    const struct pl_step *step = g_ptr_array_index (plan->steps, i);
    if (step->leave == PL_LEAVE_NOTHING)
      continue;
    g_assert_cmpint (step->when, ==, PL_WHEN_NOW);
    g_assert_true (g_path_is_absolute (step->argv[0]) && g_path_is_absolute (step->undo_argv[0]));
    g_autofree char *line = g_strjoinv (" ", step->argv);
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", line);
  }
  return g_string_free (text, FALSE);
}

/* Whether a remark of that kind has these words. */
static bool
has_remark (const struct pl_plan *plan, enum pl_remark_kind kind, const char *words)
{
  for (guint i = 0; i < plan->remarks->len; i++) {
    const struct pl_remark *remark = g_ptr_array_index (plan->remarks, i);
    if (remark->kind == kind && strstr (remark->text, words) != NULL)
      return true;
  }
  return false;
}

static void
assert_lines (struct pl_texts *texts, const char *id, const char *like, const struct pl_plan_wishes *wishes,
              const char *lines)
{
  struct pl_machine *machine;
  struct pl_plan *plan = plan_on (&machine, texts, id, like, wishes);
  g_autofree char *found = lines_of (plan);
  g_assert_cmpstr (found, ==, lines);
  pl_plan_free (plan);
  pl_machine_free (machine);
}

static void
test_rows (void)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; pl_distributions[i] != NULL; i++) {
    const struct pl_distribution *row = pl_distributions[i];
    for (guint j = 0; row->ids[j] != NULL; j++)
      g_assert_true (g_hash_table_add (ids, (char *) row->ids[j]));
    if (row->is_declared)
      continue;
    g_assert_true (g_path_is_absolute (row->install[0]) && g_path_is_absolute (row->remove[0]));
    g_assert_true (row->refresh != NULL && row->services != NULL && row->services[0] != NULL);
    g_assert_nonnull (row->packages[PL_NEED_QEMU]);
    g_assert_nonnull (row->packages[PL_NEED_LIBVIRT]);
    g_assert_nonnull (row->packages[PL_NEED_SWTPM]);
    g_assert_nonnull (row->packages[PL_NEED_TOOLS]);
  }
}

static void
test_found_by_id_and_kin (void)
{
  static const struct {
    const char *id, *like, *title;
  } rows[] = {
    { "debian", NULL, "Debian" },
    { "ubuntu", "debian", "Ubuntu" },
    { "tuxedo", "ubuntu debian", "Ubuntu" },
    { "kali", "debian", "Debian" },
    { "mine", "debian", "Debian" },
    { "arch", NULL, "Arch Linux" },
    { "cachyos", "arch", "Arch Linux" },
    { "fedora", NULL, "Fedora, RHEL and kin" },
    { "rocky", "rhel centos fedora", "Fedora, RHEL and kin" },
    { "scientific", "rhel fedora", "Fedora, RHEL and kin" },
    { "opensuse-tumbleweed", "opensuse suse", "openSUSE" },
    { "gecko", "suse opensuse", "openSUSE" },
    { "void", NULL, "Void Linux" },
    { "alpine", NULL, "Alpine Linux" },
    { "gentoo", NULL, "Gentoo" },
    { "nixos", NULL, "NixOS" },
    { "slackware", NULL, NULL },
    { "plan9", "unix", NULL },
    { "plan9", "", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const struct pl_distribution *found = pl_distribution_find (rows[i].id, rows[i].like);
    g_assert_cmpstr (found != NULL ? found->title : NULL, ==, rows[i].title);
  }
}

static void
test_what_shows_a_need (void)
{
  static const struct {
    enum pl_need need;
    const char *directory, *name;
  } rows[] = {
    { PL_NEED_QEMU, "usr/bin", "qemu-system-x86_64" },
    { PL_NEED_QEMU, "usr/libexec", "qemu-kvm" },
    { PL_NEED_LIBVIRT, "usr/sbin", "libvirtd" },
    { PL_NEED_LIBVIRT, "usr/bin", "virtqemud" },
    { PL_NEED_FIREWALL, "usr/sbin", "nft" },
    { PL_NEED_FIREWALL, "usr/bin", "iptables" },
    { PL_NEED_FIRMWARE, "usr/share", "OVMF" },
    { PL_NEED_FIRMWARE, "usr/share", "edk2-ovmf" },
    { PL_NEED_FIRMWARE, "usr/share/qemu", "ovmf-x86_64-code.bin" },
    { PL_NEED_TOOLS, "usr/bin", "virt-manager" },
    { PL_NEED_NETWORK, "etc/libvirt/qemu/networks", "default.xml" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_texts *texts = texts_new ("bash");
    g_assert_cmpint (pl_need_state (texts, rows[i].need), ==, PL_ABSENT);
    set_names (texts, rows[i].directory, rows[i].name);
    g_assert_cmpint (pl_need_state (texts, rows[i].need), ==, PL_KNOWN);
    pl_texts_free (texts);
  }
  /* What Debian's packages leave when they were removed: dependencies, and configuration under another name.
   */
  struct pl_texts *left = texts_new ("libvirtd systemctl");
  set_names (left, "etc/libvirt/qemu/networks", "default.xml.dpkg-backup");
  set_names (left, "etc/systemd/system/multi-user.target.wants", "libvirtd.service");
  g_assert_cmpint (pl_need_state (left, PL_NEED_NETWORK), ==, PL_ABSENT);
  g_assert_cmpint (pl_need_state (left, PL_NEED_LIBVIRT), ==, PL_ABSENT);
  set_names (left, "usr/lib/systemd/system", "libvirtd.service");
  g_assert_cmpint (pl_need_state (left, PL_NEED_LIBVIRT), ==, PL_KNOWN);
  /* Of a recording that was not asked for units. */
  struct pl_texts *old = pl_texts_new ();
  set_names (old, "usr/libexec", NULL);
  set_names (old, "usr/sbin", "libvirtd");
  set_names (old, "usr/bin", "systemctl");
  g_assert_cmpint (pl_need_state (old, PL_NEED_LIBVIRT), ==, PL_KNOWN);
  pl_texts_free (old);
  pl_texts_free (left);
  /* A list of programs that may not be read, and one that was not asked for what guests need. */
  struct pl_texts *texts = texts_new ("bash");
  pl_texts_set_names (texts, "usr/bin", PL_DENIED, g_ptr_array_new ());
  g_assert_cmpint (pl_need_state (texts, PL_NEED_SWTPM), ==, PL_DENIED);
  pl_texts_free (texts);
  texts = pl_texts_new ();
  set_names (texts, "usr/sbin", "update-grub");
  set_names (texts, "usr/bin", "");
  g_assert_cmpint (pl_need_state (texts, PL_NEED_SWTPM), ==, PL_UNREAD);
  pl_texts_free (texts);
}

/* On a host with systemctl and nothing that guests need. */
static void
test_a_bare_host (void)
{
  static const struct {
    const char *id, *lines;
  } rows[] = {
    { "debian", "/usr/bin/env DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get -y --no-remove install "
                "qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-clients "
                "libvirt-daemon-config-network dnsmasq-base iptables ovmf swtpm swtpm-tools virtinst\n"
                "/usr/bin/virsh -c qemu:///system net-autostart default" },
    { "ubuntu", "/usr/bin/env DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get -y --no-remove install "
                "qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-clients "
                "libvirt-daemon-config-network dnsmasq-base iptables ovmf swtpm swtpm-tools virtinst" },
    { "arch", "/usr/bin/pacman -S --noconfirm --needed qemu-desktop libvirt dnsmasq iptables-nft edk2-ovmf "
              "swtpm virt-manager\n"
              "/usr/bin/systemctl enable --now libvirtd.service\n"
              "/usr/bin/virsh -c qemu:///system net-autostart default" },
    { "fedora", "/usr/bin/dnf -y install qemu-kvm qemu-img libvirt-daemon-kvm libvirt-client "
                "libvirt-daemon-config-network dnsmasq nftables edk2-ovmf swtpm swtpm-tools virt-install" },
    { "opensuse-leap",
      "/usr/bin/zypper --non-interactive install qemu-x86 qemu-tools libvirt-daemon-qemu libvirt-client "
      "libvirt-daemon-config-network dnsmasq nftables qemu-ovmf-x86_64 swtpm virt-install\n"
      "/usr/bin/systemctl enable --now virtqemud.socket virtnetworkd.socket virtnodedevd.socket "
      "virtnwfilterd.socket virtsecretd.socket virtstoraged.socket\n"
      "/usr/bin/virsh -c qemu:///system net-autostart default" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_lines (texts_new ("systemctl"), rows[i].id, NULL, NULL, rows[i].lines);
}

/* Without systemd nothing can be asked of a daemon that was just linked: that is left to a person. */
static void
test_other_inits (void)
{
  struct pl_machine *machine;
  struct pl_plan *plan = plan_on (&machine, texts_new ("sh"), "void", NULL, NULL);
  g_autofree char *lines = lines_of (plan);
  g_assert_cmpstr (lines, ==,
                   "/usr/bin/xbps-install -y qemu libvirt edk2-ovmf swtpm virt-manager-tools\n"
                   "/usr/bin/ln -s /etc/sv/virtlogd /etc/sv/virtlockd /etc/sv/libvirtd "
                   "/etc/runit/runsvdir/default/");
  const struct pl_step *step = g_ptr_array_index (plan->steps, 1);
  g_autofree char *undo = g_strjoinv (" ", step->undo_argv);
  g_assert_cmpstr (undo, ==,
                   "/usr/bin/rm /etc/runit/runsvdir/default/virtlogd /etc/runit/runsvdir/default/virtlockd "
                   "/etc/runit/runsvdir/default/libvirtd");
  g_assert_true (has_remark (plan, PL_REMARK_BY_HAND, "net-autostart default"));
  pl_plan_free (plan);
  pl_machine_free (machine);
  assert_lines (texts_new ("sh"), "alpine", NULL, NULL,
                "/sbin/apk add qemu-system-x86_64 qemu-modules qemu-img libvirt-daemon libvirt-qemu "
                "libvirt-client ovmf swtpm virt-install\n"
                "/sbin/rc-update add libvirtd default");
  /* Devuan: neither systemctl nor rc-update. */
  plan = plan_on (&machine, texts_new ("libvirtd virsh"), "devuan", "debian", NULL);
  g_assert_true (has_remark (plan, PL_REMARK_BY_HAND, "started at every boot: libvirtd"));
  pl_plan_free (plan);
  pl_machine_free (machine);
}

static void
test_already_so_is_no_step (void)
{
  static const char *const ids[]
      = { "debian", "ubuntu", "arch", "fedora", "opensuse-leap", "gentoo", "mine" };
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    struct pl_machine *machine;
    struct pl_plan *plan = plan_on (&machine, ready_texts_new (), ids[i], NULL, NULL);
    g_autofree char *lines = lines_of (plan);
    g_assert_cmpstr (lines, ==, "");
    for (enum pl_remark_kind kind = PL_REMARK_UNKNOWN; kind <= PL_REMARK_NOTE; kind++)
      g_assert_false (has_remark (plan, kind, "guests") || has_remark (plan, kind, "libvirt"));
    pl_plan_free (plan);
    pl_machine_free (machine);
  }
}

/* Each part by itself: only what is missing is in the step. */
static void
test_a_part_is_missing (void)
{
  struct pl_texts *texts = ready_texts_new ();
  set_names (texts, "usr/share", "");
  assert_lines (texts, "debian", NULL, NULL,
                "/usr/bin/env DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get -y --no-remove install ovmf");
  texts = ready_texts_new ();
  set_names (texts, "etc/libvirt/qemu/networks/autostart", "");
  assert_lines (texts, "debian", NULL, NULL, "/usr/bin/virsh -c qemu:///system net-autostart default");
  texts = ready_texts_new ();
  set_names (texts, "etc/systemd/system/multi-user.target.wants", "");
  assert_lines (texts, "debian", NULL, NULL, "/usr/bin/systemctl enable --now libvirtd.service");
  /* The daemon that is there decides, not the one that the distribution would install. */
  texts = ready_texts_new ();
  set_names (texts, "etc/systemd/system/multi-user.target.wants", "");
  assert_lines (texts, "fedora", NULL, NULL, "/usr/bin/systemctl enable --now libvirtd.service");
  texts = ready_texts_new ();
  set_names (texts, "etc/systemd/system/multi-user.target.wants", "");
  set_names (texts, "etc/systemd/system/sockets.target.wants", "virtqemud.socket");
  assert_lines (texts, "fedora", NULL, NULL, "");
  /* Another network than the default one is a person's choice. */
  texts = ready_texts_new ();
  set_names (texts, "etc/libvirt/qemu/networks", "");
  set_names (texts, "etc/libvirt/qemu/networks/autostart", "");
  struct pl_machine *machine;
  struct pl_plan *plan = plan_on (&machine, texts, "arch", NULL, NULL);
  g_autofree char *lines = lines_of (plan);
  g_assert_cmpstr (lines, ==, "");
  g_assert_false (has_remark (plan, PL_REMARK_NOTE, "default network"));
  pl_plan_free (plan);
  pl_machine_free (machine);
}

static void
test_what_is_not_known_is_said (void)
{
  struct pl_machine *machine;
  struct pl_texts *texts = ready_texts_new ();
  pl_texts_set_names (texts, "etc/libvirt/qemu/networks", PL_DENIED, g_ptr_array_new ());
  pl_texts_set_names (texts, "etc/libvirt/qemu/networks/autostart", PL_DENIED, g_ptr_array_new ());
  struct pl_plan *plan = plan_on (&machine, texts, "debian", NULL, NULL);
  g_autofree char *lines = lines_of (plan);
  g_assert_cmpstr (lines, ==, "");
  g_assert_true (has_remark (plan, PL_REMARK_NOTE, "starts by itself is not known (denied)"));
  pl_plan_free (plan);
  pl_machine_free (machine);
  /* A recording of a version that did not ask. */
  texts = pl_texts_new ();
  set_names (texts, "usr/bin", "");
  plan = plan_on (&machine, texts, "arch", NULL, NULL);
  g_autofree char *none = lines_of (plan);
  g_assert_cmpstr (none, ==, "");
  g_assert_true (has_remark (plan, PL_REMARK_NOTE, "qemu-desktop libvirt"));
  pl_plan_free (plan);
  pl_machine_free (machine);
}

/* Where a package manager is not to be used, or not known, a person is told. */
static void
test_left_to_a_person (void)
{
  static const struct {
    const char *programs, *id, *like;
    enum pl_remark_kind kind;
    const char *words;
  } rows[] = {
    { "systemctl", "slackware", NULL, PL_REMARK_BY_HAND, "qemu-img, libvirt's daemon" },
    { "systemctl", NULL, NULL, PL_REMARK_BY_HAND, "qemu-img, libvirt's daemon" },
    { "systemctl", "gentoo", NULL, PL_REMARK_BY_HAND,
      "/usr/bin/emerge --noreplace app-emulation/qemu app-emulation/libvirt" },
    { "systemctl rpm-ostree", "bazzite", "fedora", PL_REMARK_BY_HAND, "rpm-ostree install qemu-kvm" },
    { "systemctl transactional-update", "opensuse-microos", "suse opensuse", PL_REMARK_BY_HAND,
      "transactional-update pkg install qemu-x86" },
    { "systemctl steamos-readonly", "steamos", "arch", PL_REMARK_NOTE, "the system is an image" },
    { "systemctl qemu-system-x86_64 pveversion", "debian", NULL, PL_REMARK_NOTE, "Proxmox VE" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct pl_machine *machine;
    struct pl_plan *plan = plan_on (&machine, texts_new (rows[i].programs), rows[i].id, rows[i].like, NULL);
    g_autofree char *lines = lines_of (plan);
    g_assert_cmpstr (lines, ==, "");
    g_assert_true (has_remark (plan, rows[i].kind, rows[i].words));
    pl_plan_free (plan);
    pl_machine_free (machine);
  }
}

static void
test_the_person (void)
{
  static const char *const none[] = { "users", NULL }, *const one[] = { "users", "libvirt", NULL },
                           *const both[] = { "kvm", "libvirt", NULL };
  struct pl_person person = { .name = "alice", .groups = none };
  struct pl_plan_wishes wishes = { .person = &person };
  assert_lines (ready_texts_new (), "debian", NULL, &wishes,
                "/usr/bin/gpasswd -a alice libvirt\n/usr/bin/gpasswd -a alice kvm");
  person.groups = one;
  assert_lines (ready_texts_new (), "debian", NULL, &wishes, "/usr/bin/gpasswd -a alice kvm");
  person.groups = both;
  assert_lines (ready_texts_new (), "debian", NULL, &wishes, "");
  person.groups = one;
  struct pl_texts *texts = texts_new ("qemu-system-x86_64 qemu-img libvirtd virsh swtpm virt-install");
  set_names (texts, "usr/share", "OVMF");
  set_names (texts, "etc/runlevels/default", "libvirtd");
  assert_lines (texts, "alpine", NULL, &wishes, "/usr/sbin/addgroup alice kvm");
  /* A group is of no use without a libvirt, and the packages were not wanted. */
  person.groups = none;
  assert_lines (texts_new ("systemctl"), "slackware", NULL, &wishes, "");
  wishes.without_packages = true;
  assert_lines (texts_new ("systemctl"), "debian", NULL, &wishes, "");
}

/* What is done for the host needs no reboot, and undo may leave it. */
static void
test_steps_of_the_host (void)
{
  struct pl_machine *machine;
  struct pl_texts *texts = ready_texts_new ();
  set_names (texts, "usr/bin", "qemu-system-x86_64 libvirtd virsh dnsmasq nft swtpm swtpm_setup systemctl");
  struct pl_plan *plan = plan_on (&machine, texts, "debian", NULL, NULL);
  const struct pl_step *step = g_ptr_array_index (plan->steps, 0);
  g_autofree char *undo = g_strjoinv (" ", step->undo_argv), *writes = g_strjoinv (" ", step->writes);
  g_assert_cmpstr (undo, ==, "/usr/bin/dpkg --remove qemu-utils virtinst");
  g_assert_cmpstr (writes, ==, "usr/bin/qemu-img usr/bin/virt-install");
  g_assert_cmpint (step->leave, ==, PL_LEAVE_PACKAGES);
  g_assert_nonnull (strstr (step->why, "apt-get update"));
  pl_plan_free (plan);
  pl_machine_free (machine);
}

static void
test_nixos (void)
{
  struct pl_machine *machine = desk_new (PL_SOURCE_LIVE);
  static const char *const none[] = { NULL };
  const struct pl_person person = { .name = "alice", .groups = none };
  const struct pl_plan_wishes wishes = { .person = &person };
  struct pl_texts *texts = texts_new ("systemctl");
  set_names (texts, "etc/modprobe.d", "");
  g_hash_table_insert (machine->lists_, texts, (void *) pl_texts_free);
  pl_machine_set_texts (machine, PL_KNOWN, texts);
  pl_machine_set_distribution_id (machine, PL_KNOWN, "nixos");
  pl_device_set_driver (get (machine, "09:00.0"), PL_KNOWN, "amdgpu");
  struct pl_judgement *judgement = judge (machine, "09:00.0");
  struct pl_plan *plan = pl_plan_make (machine, judgement, &wishes);
  g_assert_cmpuint (plan->steps->len, ==, 0);
  static const char *const lines[]
      = { "boot.initrd.kernelModules = [ \"vfio_pci\" \"vfio\" \"vfio_iommu_type1\" ];",
          "options vfio-pci ids=1002:73df,1002:ab28", "virtualisation.libvirtd.enable = true;",
          "users.users.alice.extraGroups = [ \"libvirtd\" \"kvm\" ];", "nixos-rebuild boot" };
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_true (has_remark (plan, PL_REMARK_BY_HAND, lines[i]));
  g_assert_false (has_remark (plan, PL_REMARK_BY_HAND, "kernelParams"));
  pl_plan_free (plan);
  pl_judgement_free (judgement);
  /* Only the parameter where the IOMMU is off. */
  pl_machine_set_cpu_vendor (machine, PL_KNOWN, "GenuineIntel");
  pl_machine_set_firmware_tables (machine, PL_KNOWN, words (machine, "DMAR"));
  pl_machine_set_iommu_units (machine, PL_KNOWN, words (machine, ""));
  pl_machine_set_iommu_groups (machine, PL_KNOWN,
                               pl_machine_keep_array (machine, g_array_new (FALSE, FALSE, sizeof (gint32))));
  for (guint i = 0; i < pl_machine_n_devices (machine); i++)
    pl_device_set_group (pl_machine_device (machine, i), PL_ABSENT, -1);
  judgement = judge (machine, "09:00.0");
  plan = pl_plan_make (machine, judgement, &wishes);
  g_assert_true (plan->is_first_stage);
  g_assert_true (has_remark (plan, PL_REMARK_BY_HAND, "boot.kernelParams = [ \"intel_iommu=on\" ];"));
  g_assert_false (has_remark (plan, PL_REMARK_BY_HAND, "vfio-pci ids"));
  pl_plan_free (plan);
  pl_judgement_free (judgement);
  pl_machine_free (machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packages/rows", test_rows);
  g_test_add_func ("/packages/found-by-id-and-kin", test_found_by_id_and_kin);
  g_test_add_func ("/packages/what-shows-a-need", test_what_shows_a_need);
  g_test_add_func ("/packages/a-bare-host", test_a_bare_host);
  g_test_add_func ("/packages/other-inits", test_other_inits);
  g_test_add_func ("/packages/already-so-is-no-step", test_already_so_is_no_step);
  g_test_add_func ("/packages/a-part-is-missing", test_a_part_is_missing);
  g_test_add_func ("/packages/what-is-not-known-is-said", test_what_is_not_known_is_said);
  g_test_add_func ("/packages/left-to-a-person", test_left_to_a_person);
  g_test_add_func ("/packages/the-person", test_the_person);
  g_test_add_func ("/packages/steps-of-the-host", test_steps_of_the_host);
  g_test_add_func ("/packages/nixos", test_nixos);
  return g_test_run ();
}
