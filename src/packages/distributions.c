/* distributions.c - the table of distributions; see distribution.h.
 *
 * Commands: a package manager is called so that it asks nothing; what it would have to remove to install
 * something is a failure. To remove, the lower tool is taken where the upper one would take along what else
 * depends on a package: dpkg and rpm refuse. What came along as a dependency stays, and goes with the
 * distribution's own autoremove.
 */
#include "packages/distribution.h"

#include <string.h>

/* Source: Debian 12 packages, read with apt-cache show and dpkg-deb -c and -I: libvirt-daemon-system's
 * postinst makes the groups libvirt and kvm and starts libvirtd; that of libvirt-daemon-config-network
 * defines the default network and does not have it start. man 8 apt-get: --no-remove aborts where something
 * would go; man 1 dpkg: --remove. DEBIAN_FRONTEND: man 7 debconf. */
static const char *const apt_install[] = {
  "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "/usr/bin/apt-get", "-y", "--no-remove", "install", NULL
};
static const char *const dpkg_remove[] = { "/usr/bin/dpkg", "--remove", NULL };
static const char *const libvirtd[] = { "libvirtd.service", NULL };
#define APT_PACKAGES                                                                         \
  {                                                                                          \
    [PL_NEED_QEMU] = "qemu-system-x86", [PL_NEED_QEMU_IMG] = "qemu-utils",                   \
    [PL_NEED_LIBVIRT] = "libvirt-daemon-system", [PL_NEED_VIRSH] = "libvirt-clients",        \
    [PL_NEED_NETWORK] = "libvirt-daemon-config-network", [PL_NEED_DNSMASQ] = "dnsmasq-base", \
    [PL_NEED_FIREWALL] = "iptables", [PL_NEED_FIRMWARE] = "ovmf", [PL_NEED_SWTPM] = "swtpm", \
    [PL_NEED_SWTPM_SETUP] = "swtpm-tools", [PL_NEED_TOOLS] = "virtinst"                      \
  }

static const struct pl_distribution debian = {
  .title = "Debian",
  .ids = { "debian", "devuan", "kali", "raspbian", NULL },
  .packages = APT_PACKAGES,
  .install = apt_install,
  .remove = dpkg_remove,
  .refresh = "apt-get update",
  .services = libvirtd,
  .starts_service = true,
};

/* The same packages; the network starts by itself. Source: Ubuntu's packages carry the same names in their
 * archive index; the link in autostart is from memory, and where it is not there the next plan makes it. */
static const struct pl_distribution ubuntu = {
  .title = "Ubuntu",
  .ids = { "ubuntu", "linuxmint", "pop", "zorin", "elementary", "neon", NULL },
  .packages = APT_PACKAGES,
  .install = apt_install,
  .remove = dpkg_remove,
  .refresh = "apt-get update",
  .services = libvirtd,
  .starts_service = true,
  .starts_network = true,
};

/* The guide's own packages, and swtpm for Windows 11. qemu-img comes with qemu-desktop, virsh and the network
 * with libvirt, swtpm_setup with swtpm. Source: guide.md, section 1; ArchWiki "libvirt" and "QEMU"; man 8
 * pacman: -R refuses where another package depends. The service and the network are switched on by hand there
 * (ArchWiki "libvirt", from memory). */
static const char *const pacman_install[] = { "/usr/bin/pacman", "-S", "--noconfirm", "--needed", NULL };
static const char *const pacman_remove[] = { "/usr/bin/pacman", "-R", "--noconfirm", NULL };
static const struct pl_distribution arch = {
  .title = "Arch Linux",
  .ids = { "arch", "manjaro", "endeavouros", "cachyos", "garuda", "artix", NULL },
  .packages = { [PL_NEED_QEMU] = "qemu-desktop",
                [PL_NEED_LIBVIRT] = "libvirt",
                [PL_NEED_DNSMASQ] = "dnsmasq",
                [PL_NEED_FIREWALL] = "iptables-nft",
                [PL_NEED_FIRMWARE] = "edk2-ovmf",
                [PL_NEED_SWTPM] = "swtpm",
                [PL_NEED_TOOLS] = "virt-manager" },
  .install = pacman_install,
  .remove = pacman_remove,
  .refresh = "pacman -Syu",
  .services = libvirtd,
};

/* Modular daemons since Fedora 35 and RHEL 9; presets switch their sockets on, and -config-network's
 * scriptlet makes the link in autostart. A socket that is switched on is not started before the next boot.
 * Source: libvirt, libvirt.spec.in (libvirt-daemon-kvm, %post daemon-config-network) and docs/daemons.rst;
 * the names of the other packages: RHEL 9 "Configuring and managing virtualization", Fedora's package
 * index. */
static const char *const dnf_install[] = { "/usr/bin/dnf", "-y", "install", NULL };
static const char *const rpm_remove[] = { "/usr/bin/rpm", "-e", NULL };
static const char *const modular[] = { "virtqemud.socket",
                                       "virtnetworkd.socket",
                                       "virtnodedevd.socket",
                                       "virtnwfilterd.socket",
                                       "virtsecretd.socket",
                                       "virtstoraged.socket",
                                       NULL };
static const struct pl_distribution fedora = {
  .title = "Fedora, RHEL and kin",
  .ids = { "fedora", "nobara", "rhel", "centos", "rocky", "almalinux", "ol", NULL },
  .packages = { [PL_NEED_QEMU] = "qemu-kvm",
                [PL_NEED_QEMU_IMG] = "qemu-img",
                [PL_NEED_LIBVIRT] = "libvirt-daemon-kvm",
                [PL_NEED_VIRSH] = "libvirt-client",
                [PL_NEED_NETWORK] = "libvirt-daemon-config-network",
                [PL_NEED_DNSMASQ] = "dnsmasq",
                [PL_NEED_FIREWALL] = "nftables",
                [PL_NEED_FIRMWARE] = "edk2-ovmf",
                [PL_NEED_SWTPM] = "swtpm",
                [PL_NEED_SWTPM_SETUP] = "swtpm-tools",
                [PL_NEED_TOOLS] = "virt-install" },
  .install = dnf_install,
  .remove = rpm_remove,
  .refresh = "dnf makecache",
  .services = modular,
  .starts_service = true,
  .starts_network = true,
};

/* Source: SUSE "Virtualization Guide" and openSUSE's libvirt.spec; scripts of 2025 and 2026 for Leap 16 and
 * Tumbleweed use these names and the modular daemons. Whether the network starts by itself: from memory, not.
 */
static const char *const zypper_install[] = { "/usr/bin/zypper", "--non-interactive", "install", NULL };
static const struct pl_distribution opensuse = {
  .title = "openSUSE",
  .ids
  = { "opensuse", "opensuse-tumbleweed", "opensuse-leap", "opensuse-slowroll", "suse", "sles", "sled", NULL },
  .packages = { [PL_NEED_QEMU] = "qemu-x86",
                [PL_NEED_QEMU_IMG] = "qemu-tools",
                [PL_NEED_LIBVIRT] = "libvirt-daemon-qemu",
                [PL_NEED_VIRSH] = "libvirt-client",
                [PL_NEED_NETWORK] = "libvirt-daemon-config-network",
                [PL_NEED_DNSMASQ] = "dnsmasq",
                [PL_NEED_FIREWALL] = "nftables",
                [PL_NEED_FIRMWARE] = "qemu-ovmf-x86_64",
                [PL_NEED_SWTPM] = "swtpm",
                [PL_NEED_TOOLS] = "virt-install" },
  .install = zypper_install,
  .remove = rpm_remove,
  .refresh = "zypper refresh",
  .services = modular,
};

/* dnsmasq and iptables come with libvirt. Source: void-packages, srcpkgs/libvirt/template (depends, vsv),
 * srcpkgs/qemu, srcpkgs/edk2-ovmf, srcpkgs/swtpm; Void Handbook, "Services and Daemons"; the name
 * virt-manager-tools from scripts for Void; man 1 xbps-remove. */
static const char *const xbps_install[] = { "/usr/bin/xbps-install", "-y", NULL };
static const char *const xbps_remove[] = { "/usr/bin/xbps-remove", "-y", NULL };
static const char *const runit_services[] = { "virtlogd", "virtlockd", "libvirtd", NULL };
static const struct pl_distribution void_linux = {
  .title = "Void Linux",
  .ids = { "void", NULL },
  .packages = { [PL_NEED_QEMU] = "qemu",
                [PL_NEED_LIBVIRT] = "libvirt",
                [PL_NEED_FIRMWARE] = "edk2-ovmf",
                [PL_NEED_SWTPM] = "swtpm",
                [PL_NEED_TOOLS] = "virt-manager-tools" },
  .install = xbps_install,
  .remove = xbps_remove,
  .refresh = "xbps-install -S",
  .init = PL_INIT_RUNIT,
  .services = runit_services,
};

/* dnsmasq and iptables come with libvirt-daemon; its init script has virtlogd started. Source: aports,
 * community/libvirt/APKBUILD and libvirt.initd, community/edk2 (ovmf), community/swtpm; Alpine wiki "KVM";
 * man 8 apk: del removes from world what is named, and what only that needed. */
static const char *const apk_install[] = { "/sbin/apk", "add", NULL };
static const char *const apk_remove[] = { "/sbin/apk", "del", NULL };
static const char *const openrc_services[] = { "libvirtd", NULL };
static const struct pl_distribution alpine = {
  .title = "Alpine Linux",
  .ids = { "alpine", NULL },
  .packages = { [PL_NEED_QEMU] = "qemu-system-x86_64 qemu-modules",
                [PL_NEED_QEMU_IMG] = "qemu-img",
                [PL_NEED_LIBVIRT] = "libvirt-daemon libvirt-qemu",
                [PL_NEED_VIRSH] = "libvirt-client",
                [PL_NEED_FIRMWARE] = "ovmf",
                [PL_NEED_SWTPM] = "swtpm",
                [PL_NEED_TOOLS] = "virt-install" },
  .install = apk_install,
  .remove = apk_remove,
  .refresh = "apk update",
  .init = PL_INIT_OPENRC,
  .services = openrc_services,
};

/* USE flags decide what libvirt can do, and building takes an hour: that is the person's. QEMU brings its
 * firmware. Source: gentoo, app-emulation/libvirt/files/README.gentoo-r3 (virt-network, policykit); Gentoo
 * wiki "QEMU" and "libvirt", from memory. */
static const char *const emerge_install[] = { "/usr/bin/emerge", "--noreplace", NULL };
static const char *const emerge_remove[] = { "/usr/bin/emerge", "--depclean", NULL };
static const struct pl_distribution gentoo = {
  .title = "Gentoo",
  .ids = { "gentoo", NULL },
  .packages = { [PL_NEED_QEMU] = "app-emulation/qemu",
                [PL_NEED_LIBVIRT] = "app-emulation/libvirt",
                [PL_NEED_SWTPM] = "app-crypt/swtpm",
                [PL_NEED_TOOLS] = "app-emulation/virt-manager" },
  .install = emerge_install,
  .remove = emerge_remove,
  .refresh = "emerge --sync",
  .init = PL_INIT_OPENRC,
  .services = openrc_services,
  .by_hand = "USE flags decide what is built (libvirt needs qemu and virt-network; qemu needs spice for a "
             "window)",
};

/* Everything stands in its configuration; files below /etc are links into the store. Source: NixOS manual,
 * "Changing the Configuration". */
static const struct pl_distribution nixos
    = { .title = "NixOS", .ids = { "nixos", NULL }, .is_declared = true };

const struct pl_distribution *const pl_distributions[] = {
  &debian, &ubuntu, &arch, &fedora, &opensuse, &void_linux, &alpine, &gentoo, &nixos, NULL,
};

bool
pl_init_find (const struct pl_texts *texts, const struct pl_distribution *distribution, enum pl_init *init)
{
  g_autofree char *systemctl = pl_texts_program (texts, "systemctl");
  g_autofree char *rc_update = pl_texts_program (texts, "rc-update");
  if (systemctl != NULL || rc_update != NULL)
    *init = systemctl != NULL ? PL_INIT_SYSTEMD : PL_INIT_OPENRC;
  else if (distribution != NULL && distribution->init != PL_INIT_SYSTEMD)
    *init = distribution->init;
  else
    return false;
  return true;
}

const char *const *
pl_services_find (const struct pl_texts *texts, const struct pl_distribution *distribution, enum pl_init init)
{
  g_autofree char *monolithic = pl_texts_program (texts, "libvirtd");
  g_autofree char *modern = pl_texts_program (texts, "virtqemud");
  bool is_own = distribution != NULL && distribution->init == init;
  if (init == PL_INIT_RUNIT)
    return runit_services;
  if (init == PL_INIT_OPENRC)
    return openrc_services;
  if ((monolithic != NULL) != (modern != NULL))
    return monolithic != NULL ? libvirtd : modular;
  return is_own ? distribution->services : libvirtd;
}

static const struct pl_distribution *
find_word (const char *word)
{
  for (guint i = 0; pl_distributions[i] != NULL; i++)
    if (g_strv_contains (pl_distributions[i]->ids, word))
      return pl_distributions[i];
  return NULL;
}

const struct pl_distribution *
pl_distribution_find (const char *id, const char *like)
{
  const struct pl_distribution *found = find_word (id);
  g_auto (GStrv) words = g_strsplit (like != NULL ? like : "", " ", -1);
  for (guint i = 0; found == NULL && words[i] != NULL; i++)
    found = find_word (words[i]);
  return found;
}

/* Source: rpm-ostree, man 1 rpm-ostree; transactional-update(8), "pkg install"; Proxmox VE's pve-qemu-kvm
 * replaces Debian's QEMU (its debian/control: Conflicts, Replaces); SteamOS: steamos-readonly guards the
 * image, the next update of which takes packages away. */
static const struct pl_package_keeper keepers[] = {
  { "pveversion", "this is Proxmox VE, which has a stack of its own for guests: lend the device with its qm",
    NULL },
  { "steamos-readonly", "the system is an image, and its next update takes packages away", NULL },
  { "rpm-ostree", "the system is an image, to which packages are added by", "rpm-ostree install" },
  { "bootc", "the system is an image: add to its Containerfile", "dnf -y install" },
  { "transactional-update", "the system is a snapshot, to which packages are added by",
    "transactional-update pkg install" },
};

const struct pl_package_keeper *
pl_package_keeper_find (const struct pl_texts *texts)
{
  for (guint i = 0; i < G_N_ELEMENTS (keepers); i++) {
    g_autofree char *program = pl_texts_program (texts, keepers[i].program);
    if (program != NULL)
      return &keepers[i];
  }
  return NULL;
}
