/* needs.c - what a host of guests needs, and what shows that it is there; see distribution.h. */
#include "packages/distribution.h"

#include <string.h>

#define NETWORKS "etc/libvirt/qemu/networks"
#define WANTS "etc/systemd/system/"
#define UNITS "usr/lib/systemd/system"

/* RHEL's QEMU is no program that users start. Source: libvirt, src/qemu/qemu_capabilities.c,
 * virQEMUCapsFindBinaryForArch(); Debian 12 packages, listed with dpkg-deb -c. A recording that was not asked
 * for this directory is of a version that knew nothing of packages: then its lists of programs are short. */
#define LIBEXEC "usr/libexec"

/* Programs are looked for wherever programs are; a file of a directory by the beginning of its name, or by
 * all of it: Debian's libvirt-daemon-config-network that was removed leaves default.xml.dpkg-backup (its
 * postrm). */
struct mark {
  const char *directory; /* NULL: a program */
  const char *name;
  bool is_whole;
};

static const struct need {
  const char *title;
  struct mark marks[9]; /* one of them is enough; ended by an empty one */
} needs[PL_N_NEEDS] = {
  [PL_NEED_QEMU] = { "QEMU for x86", { { NULL, "qemu-system-x86_64" }, { LIBEXEC, "qemu-kvm" } } },
  [PL_NEED_QEMU_IMG] = { "qemu-img", { { NULL, "qemu-img" } } },
  [PL_NEED_LIBVIRT] = { "libvirt's daemon", { { NULL, "libvirtd" }, { NULL, "virtqemud" } } },
  [PL_NEED_VIRSH] = { "virsh", { { NULL, "virsh" } } },
  [PL_NEED_NETWORK] = { "libvirt's default network", { { NETWORKS, "default.xml", true } } },
  [PL_NEED_DNSMASQ] = { "dnsmasq", { { NULL, "dnsmasq" } } },
  /* libvirt's network driver takes either. Source: libvirt, src/network/network.conf.in, firewall_backend. */
  [PL_NEED_FIREWALL] = { "nft or iptables", { { NULL, "nft" }, { NULL, "iptables" } } },
  /* OVMF: Debian, and a link on others; edk2: Fedora, Arch; edk2-ovmf: Gentoo, Void; the files of openSUSE,
   * and QEMU's own copy, stand in its own directory. Source: the firmware descriptors' mapping.filename in
   * qemu, pc-bios/descriptors, and in the packages; that of openSUSE and Void from memory. */
  [PL_NEED_FIRMWARE] = { "UEFI firmware for guests (OVMF)",
                         { { "usr/share", "OVMF" },
                           { "usr/share", "ovmf" },
                           { "usr/share", "edk2" },
                           { "usr/share/qemu", "ovmf-x86_64" },
                           { "usr/share/qemu", "edk2-x86_64" } } },
  [PL_NEED_SWTPM] = { "swtpm, the TPM for Windows 11", { { NULL, "swtpm" } } },
  [PL_NEED_SWTPM_SETUP] = { "swtpm_setup", { { NULL, "swtpm_setup" } } },
  [PL_NEED_TOOLS]
  = { "virt-install or virt-manager", { { NULL, "virt-install" }, { NULL, "virt-manager" } } },
};

const char *const pl_package_programs[] = { "qemu-system-x86_64",
                                            "qemu-img",
                                            "libvirtd",
                                            "virtqemud",
                                            "virsh",
                                            "dnsmasq",
                                            "nft",
                                            "iptables",
                                            "swtpm",
                                            "swtpm_setup",
                                            "virt-install",
                                            "virt-manager",
                                            "rpm-ostree",
                                            "pveversion",
                                            "steamos-readonly",
                                            "transactional-update",
                                            "bootc",
                                            "systemctl",
                                            "rc-update",
                                            NULL };

const struct pl_text_want pl_package_wants[] = {
  { PL_TEXT_NAMES, LIBEXEC, { "qemu-kvm", NULL } },
  { PL_TEXT_NAMES, "usr/share", { "OVMF", "ovmf", "edk2", NULL } },
  { PL_TEXT_NAMES, "usr/share/qemu", { "ovmf-x86_64", "edk2-x86_64", NULL } },
  { PL_TEXT_NAMES, NETWORKS, { "default.xml", NULL } },
  { PL_TEXT_NAMES, NETWORKS "/autostart", { "default.xml", NULL } },
  { PL_TEXT_NAMES, UNITS, { "libvirtd.", "virtqemud.", NULL } },
  { PL_TEXT_NAMES, WANTS "multi-user.target.wants", { "libvirtd.", "virtqemud.", NULL } },
  { PL_TEXT_NAMES, WANTS "sockets.target.wants", { "libvirtd.socket", "virtqemud.socket", NULL } },
  { PL_TEXT_NAMES, "etc/runlevels/default", { "libvirtd", NULL } },
  { PL_TEXT_NAMES, "etc/runit/runsvdir/default", { "libvirtd", NULL } },
};
const guint pl_n_package_wants = G_N_ELEMENTS (pl_package_wants);

const char *
pl_need_title (enum pl_need need)
{
  return needs[need].title;
}

/* What of the directory's answers begins so. */
static enum pl_state
state_in (const struct pl_texts *texts, const char *directory, const char *beginning, bool is_exact)
{
  const GPtrArray *names;
  enum pl_state state = pl_texts_names (texts, directory, &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (is_exact ? strcmp (name, beginning) == 0 : g_str_has_prefix (name, beginning))
      return PL_KNOWN;
  }
  return state == PL_KNOWN ? PL_ABSENT : state;
}

/* The better of two places: there in one is there; else what keeps it from being known. */
static enum pl_state
either (enum pl_state left, enum pl_state right)
{
  if (left == PL_KNOWN || right == PL_KNOWN)
    return PL_KNOWN;
  return left == PL_ABSENT ? right : left;
}

static enum pl_state
state_of_program (const struct pl_texts *texts, const char *name)
{
  return either (state_in (texts, "usr/sbin", name, true), state_in (texts, "usr/bin", name, true));
}

/* Debian's libvirt-daemon, which stays as a dependency, has the program; its units and groups are
 * libvirt-daemon-system's. Source: dpkg-deb -c of Debian 12's packages. */
static bool
lacks_unit (const struct pl_texts *texts)
{
  return state_of_program (texts, "systemctl") == PL_KNOWN
         && either (state_in (texts, UNITS, "libvirtd.", false), state_in (texts, UNITS, "virtqemud.", false))
                == PL_ABSENT;
}

enum pl_state
pl_need_state (const struct pl_texts *texts, enum pl_need need)
{
  const GPtrArray *names;
  enum pl_state state = PL_ABSENT;
  for (const struct mark *mark = needs[need].marks; mark->name != NULL; mark++)
    state = either (state, mark->directory != NULL
                               ? state_in (texts, mark->directory, mark->name, mark->is_whole)
                               : state_of_program (texts, mark->name));
  if (need == PL_NEED_LIBVIRT && state == PL_KNOWN && lacks_unit (texts))
    state = PL_ABSENT;
  bool was_asked = pl_texts_names (texts, LIBEXEC, &names) != PL_UNREAD;
  return state == PL_ABSENT && !was_asked ? PL_UNREAD : state;
}

/* Source: man 1 systemctl, enable; OpenRC, man 8 rc-update; Void Handbook, "Services and Daemons". */
enum pl_state
pl_service_state (const struct pl_texts *texts, enum pl_init init)
{
  if (init == PL_INIT_OPENRC)
    return state_in (texts, "etc/runlevels/default", "libvirtd", true);
  if (init == PL_INIT_RUNIT)
    return state_in (texts, "etc/runit/runsvdir/default", "libvirtd", true);
  enum pl_state state = PL_ABSENT;
  static const char *const folders[] = { WANTS "multi-user.target.wants", WANTS "sockets.target.wants" };
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    state = either (state, state_in (texts, folders[i], "libvirtd.", false));
    state = either (state, state_in (texts, folders[i], "virtqemud.", false));
  }
  return state;
}

/* Source: libvirt, src/conf/virnetworkobj.c: a link of that name in autostart (autostartLink,
 * virFileLinkPointsTo()). */
enum pl_state
pl_network_state (const struct pl_texts *texts)
{
  return state_in (texts, NETWORKS "/autostart", "default.xml", true);
}
