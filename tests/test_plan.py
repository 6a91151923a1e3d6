"""`plan`: a table of machines, and what would be changed on each to lend a device. Text and JSON, of the same call.

A row is a recording unpacked into a tree, made a Debian with GRUB and initramfs-tools (trees.py), and changed.
"""

import base64
import json
import os
import pty
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import schema
import trees
from builds import ROOT
from conftest import LISTINGS

# What the guide has its reader write, and what the plan adds to it: the drivers come second.
GUIDE_OPTIONS = 'options vfio-pci ids=1002:731f,1002:ab38\n'
GUIDE_SOFTDEPS = 'softdep amdgpu pre: vfio-pci\nsoftdep snd_hda_intel pre: vfio-pci\n'
RESET_RULE = ('# 0000:09:00.0: the kernel\'s own resets do not bring it back for the next guest; that of vendor_reset does\n'
              'ACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:09:00.0", ATTR{vendor}=="0x1002", ATTR{device}=="0x731f", '
              'PROGRAM=="/sbin/modprobe vendor_reset", ATTR{reset_method}="device_specific"\n')
GUIDE_MODULES = 'vendor_reset\nvfio_pci\nvfio\nvfio_iommu_type1\nvfio_virqfd\n'
CONF, MODULES, GRUB = '/etc/modprobe.d/vfio.conf', '/etc/initramfs-tools/modules', '/etc/default/grub'
RULES = '/etc/udev/rules.d/79-pcilend.rules'
EARLY = '/etc/initramfs-tools/scripts/init-top/00-pcilend'
OWN_LINE, OTHER_LINE = [f'0000:{bus}:00.0 0x10de 0x1db4 0x10de 0x1214 0x03 leave' for bus in ('81', 'c1')]
TWIN_LINE = OTHER_LINE.replace('leave', 'stay')
HEAD = '#!/bin/sh\nPREREQ=""\nprereqs() { echo "$PREREQ"; }\ncase ${1:-} in prereqs) prereqs; exit 0 ;; esac\n\n'
IMAGES, MENU = 'run update-initramfs -u -k all', 'run update-grub'
NEWER = '6.12.9-amd64'


@dataclass
class Row:
    name: str
    machine: str = 'guide'
    change: object = None                       # what is different on this machine: a function of the tree
    call: list = field(default_factory=lambda: ['09:00.0'])
    status: int = 0
    steps: list = None                          # the titles of the steps, in their order
    new: dict = field(default_factory=dict)     # {path: what a file is, whole}
    added: dict = field(default_factory=dict)   # {path: (line that goes, line that comes)}
    lists: dict = field(default_factory=dict)   # {path of a script that binds by address: its lines}
    by_hand: list = field(default_factory=list)     # words, one list entry for each remark in its order
    unknown: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    says: list = field(default_factory=list)    # what stands in the text, wherever it wraps
    first_stage: bool = False
    reboots: int = 1
    images: list = None                         # the releases whose images are made
    bug: str = ''                               # what the program does not do yet


def several(*changes):
    def change(tree):
        for one in changes:
            one(tree)
    return change


def write(name, text):
    return lambda tree: tree.write(name, text)


def replace(name, old, new):
    return lambda tree: tree.replace(name, old, new)


def remove(name):
    return lambda tree: tree.remove(name)


def kernel(release, **options):
    return lambda tree: trees.add_kernel(tree, release, **options)


def command_line(words):
    return lambda tree: tree.write('proc/cmdline', tree.read('proc/cmdline').rstrip('\n') + f' {words}\n')


def build_in(tree):
    """vfio-pci is a part of the kernel, as on Ubuntu."""
    dep, built_in = f'lib/modules/{tree.release}/modules.dep', f'lib/modules/{tree.release}/modules.builtin'
    lines = tree.read(dep).splitlines(keepends=True)
    tree.write(dep, ''.join(line for line in lines if '/vfio/' not in line.partition(':')[0]))
    tree.write(built_in, tree.read(built_in) + 'kernel/drivers/vfio/vfio.ko\nkernel/drivers/vfio/vfio_iommu_type1.ko\n'
               'kernel/drivers/vfio/pci/vfio-pci.ko\n')


def firmware_on(tree):
    """The firmware of no-iommu.machine gives a table now, and nobody has told the kernel to use it."""
    tree.write('sys/firmware/acpi/tables/DMAR', '')
    tree.replace('proc/cmdline', ' intel_iommu=on iommu=pt', '')


def switched_off(tree):
    """The same, and somebody switched it off."""
    firmware_on(tree)
    command_line('intel_iommu=off')(tree)


def no_groups(tree):
    for folder in ['sys/kernel/iommu_groups', 'sys/class/iommu']:
        tree.remove(folder)
        tree.path(folder).mkdir(parents=True)
    for device in tree.path('sys/bus/pci/devices').iterdir():
        (device / 'iommu_group').unlink(missing_ok=True)


def lent(tree):
    """The guide's card as it is behind the reboot."""
    for function in ['0000:09:00.0', '0000:09:00.1']:
        uevent = f'sys/bus/pci/devices/{function}/uevent'
        tree.write(uevent, re.sub('DRIVER=.*', 'DRIVER=vfio-pci', tree.read(uevent)))
        link = tree.path(f'sys/bus/pci/devices/{function}/driver')
        if link.is_symlink():
            link.unlink()
            link.symlink_to('../../../../bus/pci/drivers/vfio-pci')


def virtualization_off(tree):
    tree.write('proc/cpuinfo', re.sub(r'\bsvm\b', 'lm', tree.read('proc/cpuinfo')))


def booster(text):
    """Its images are made by booster, which has this configuration."""
    def change(tree):
        tree.remove('usr/sbin/update-initramfs')
        tree.write('usr/bin/booster', '#!/bin/sh\n').chmod(0o755)
        tree.write('etc/booster.yaml', text)
        tree.write('boot/booster-linux.img', '')
        tree.write(f'lib/modules/{tree.release}/pkgbase', 'linux\n')
    return change


def configured(tree):
    tree.write('etc/modprobe.d/vfio.conf', GUIDE_OPTIONS + GUIDE_SOFTDEPS)
    tree.write('etc/initramfs-tools/modules', trees.MODULES + GUIDE_MODULES)
    tree.write(RULES[1:], RESET_RULE)


def other_subsystem(tree):
    """The second Tesla is of another maker."""
    name = 'sys/bus/pci/devices/0000:c1:00.0/uevent'
    tree.write(name, re.sub('PCI_SUBSYS_ID=.*', 'PCI_SUBSYS_ID=1028:1234', tree.read(name)))


def chosen_reset(tree):
    tree.write('sys/bus/pci/devices/0000:09:00.0/reset_method', 'device_specific bus\n')


def sleeper(tree):
    """A newer card in the guide's slot."""
    name = 'sys/bus/pci/devices/0000:09:00.0/uevent'
    tree.write(name, tree.read(name).replace('1002:731F', '1002:7550'))


def early(*lines):
    """The script of an earlier plan, with this list."""
    return lambda tree: tree.write(EARLY[1:], HEAD + (ROOT / 'data/early.sh').read_text().replace(
        '@functions@\n', ''.join(f'    "$1" {line} || return 1\n' for line in lines)) + '\npcilend_bind\n')


def built_in(address, driver):
    """The function's driver has no module."""
    def change(tree):
        device = tree.path(f'sys/bus/pci/devices/0000:{address}')
        (device / 'driver').unlink(missing_ok=True)
        folder = tree.path(f'sys/bus/pci/drivers/{driver}')
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (device / 'driver').symlink_to(f'../../../../bus/pci/drivers/{driver}')
        modules = tree.path('proc/modules')
        if modules.exists():
            modules.write_text(''.join(line for line in modules.read_text().splitlines(keepends=True) if not line.startswith(driver)))
        uevent = f'sys/bus/pci/devices/0000:{address}/uevent'
        tree.write(uevent, re.sub('DRIVER=.*\n', '', tree.read(uevent)) + f'DRIVER={driver}\n')
    return change


def becomes_a_disk(tree):
    for slot in ['81:00.0', 'c1:00.0']:
        name = f'sys/bus/pci/devices/0000:{slot}/uevent'
        tree.write(name, re.sub('PCI_CLASS=.*', 'PCI_CLASS=10802', tree.read(name)))


APT = 'run env DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get -y --no-remove install'
HOST = [f'{APT} qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-clients libvirt-daemon-config-network dnsmasq-base iptables ovmf '
        'swtpm swtpm-tools virtinst', 'run virsh -c qemu:///system net-autostart default']
THREE = [f'create {CONF}', f'change {MODULES}', IMAGES]
FOUR = [*THREE[:2], f'create {RULES}', IMAGES]     # a card that vendor_reset helps, where every image has it

ROWS = [
    Row('the guide', steps=FOUR, new={CONF: GUIDE_OPTIONS + GUIDE_SOFTDEPS, MODULES: trees.MODULES + GUIDE_MODULES, RULES: RESET_RULE},
        says=['Plan to lend 09:00.0 and 09:00.1: 4 steps, 1 reboot, about 4 minutes', 'before amdgpu, snd_hda_intel',
              'writes /boot/initrd.img-5.18.5-arch1-1', 'undo', 'lspci -nnk'], images=['5.18.5-arch1-1']),
    Row('its audio function is the same card', call=['09:00.1'], steps=FOUR, says=['Plan to lend 09:00.0 and 09:00.1']),
    Row('both named', call=['09:00.0', '09:00.1'], steps=FOUR, says=['Plan to lend 09:00.0 and 09:00.1']),
    Row('by its id', call=['1002:731f'], steps=FOUR),

    # /etc/modprobe.d
    Row('vfio.conf has another card', steps=[f'change {CONF}', f'change {MODULES}', f'create {RULES}', IMAGES],
        change=write('etc/modprobe.d/vfio.conf', '# my old card\noptions vfio-pci ids=10de:1b80 disable_vga=1\n'),
        new={CONF: '# my old card\noptions vfio-pci ids=10de:1b80,1002:731f,1002:ab38 disable_vga=1\n' + GUIDE_SOFTDEPS}),
    Row('vfio.conf has half of it', change=write('etc/modprobe.d/vfio.conf', 'options vfio-pci ids=1002:ab38\r\n'),
        steps=[f'change {CONF}', f'change {MODULES}', f'create {RULES}', IMAGES],
        new={CONF: 'options vfio-pci ids=1002:ab38,1002:731f\r\n' + GUIDE_SOFTDEPS}),
    Row('vfio.conf is as the guide has it', change=write('etc/modprobe.d/vfio.conf', GUIDE_OPTIONS),
        steps=[f'change {CONF}', f'change {MODULES}', f'create {RULES}', IMAGES], new={CONF: GUIDE_OPTIONS + GUIDE_SOFTDEPS}),
    Row('another file has the ids', change=write('etc/modprobe.d/local.conf', GUIDE_OPTIONS),
        steps=FOUR, new={CONF: GUIDE_SOFTDEPS}),
    Row('another file has everything', change=write('etc/modprobe.d/local.conf', GUIDE_OPTIONS + GUIDE_SOFTDEPS),
        steps=[f'change {MODULES}', f'create {RULES}', IMAGES]),
    Row('another file has the ids of another card', change=write('etc/modprobe.d/local.conf', 'options vfio-pci ids=10de:1b80\n'),
        steps=['change /etc/modprobe.d/local.conf', f'change {MODULES}', f'create {RULES}', IMAGES],
        new={'/etc/modprobe.d/local.conf': 'options vfio-pci ids=10de:1b80,1002:731f,1002:ab38\n' + GUIDE_SOFTDEPS}),
    Row('another file has a softdep of a driver', change=write('etc/modprobe.d/local.conf', 'softdep amdgpu pre: drm\n'),
        says=['+softdep amdgpu pre: vfio-pci drm', '+options vfio-pci ids=1002:731f,1002:ab38', '+softdep snd_hda_intel pre: vfio-pci']),
    Row('two files have ids of other cards', by_hand=[['options vfio-pci ids=1002:731f,1002:ab38']],
        change=several(write('etc/modprobe.d/a.conf', 'options vfio-pci ids=1:2\n'),
                       write('etc/modprobe.d/b.conf', 'options vfio-pci ids=3:4\n')), steps=FOUR, new={CONF: GUIDE_SOFTDEPS}),
    Row('somebody forbids vfio-pci', change=write('etc/modprobe.d/local.conf', 'blacklist vfio-pci\n'),
        steps=[f'change {MODULES}', f'create {RULES}', IMAGES],
        by_hand=[['blacklist', 'options vfio-pci ids=1002:731f,1002:ab38'], ['blacklist', 'softdep amdgpu']]),
    Row('somebody keeps a driver away', change=write('etc/modprobe.d/local.conf', 'install amdgpu /bin/false\n'), steps=FOUR,
        new={CONF: GUIDE_OPTIONS}, by_hand=[['install command of amdgpu']]),
    Row('a file that is no text', change=write('etc/modprobe.d/vfio.conf', b'# caf\xe9\n'),
        steps=[f'change {CONF}', f'change {MODULES}', f'create {RULES}', IMAGES]),

    # udev
    Row('somebody wrote into our rules', change=write(RULES[1:], '# mine\nACTION=="add", KERNEL=="x"'),
        steps=[*THREE[:2], f'change {RULES}', IMAGES],
        new={RULES: '# mine\nACTION=="add", KERNEL=="x"\n' + RESET_RULE}),
    Row('the rule is there among others', change=write(RULES[1:], f'# mine\n{RESET_RULE}# more\n'), steps=THREE),
    Row('the rule is switched off', change=write(RULES[1:], RESET_RULE.replace('ACTION', '# ACTION')),
        steps=[*THREE[:2], f'change {RULES}', IMAGES], new={RULES: RESET_RULE.replace('ACTION', '# ACTION') + RESET_RULE}),
    Row('our rules end in the middle of a line', change=write(RULES[1:], 'KERNEL=="x", \\\n'), steps=THREE,
        by_hand=[['the end of /etc/udev/rules.d/79-pcilend.rules is not understood', 'ATTR{reset_method}="device_specific"']]),
    Row('the reset is chosen already', change=chosen_reset, steps=THREE),
    Row('a card that does not wake', change=sleeper, says=['it is known not to wake from D3cold'],
        steps=[f'create {CONF}', f'change {MODULES}', f'create {RULES}', IMAGES],
        new={RULES: '# 0000:09:00.0: it is known not to wake from D3cold\nACTION=="add", SUBSYSTEM=="pci", KERNEL=="0000:09:00.0", '
                    'ATTR{vendor}=="0x1002", ATTR{device}=="0x7550", ATTR{d3cold_allowed}="0"\n'}),

    # The kernel command line
    Row('ids on the kernel command line',
        change=several(command_line('vfio-pci.ids=10de:1b80'), replace('etc/default/grub', '"quiet"', '"quiet vfio-pci.ids=10de:1b80"')),
        steps=[f'create {CONF}', f'change {MODULES}', f'create {RULES}', f'change {GRUB}', IMAGES, MENU], new={CONF: GUIDE_SOFTDEPS},
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=10de:1b80"',
                      'GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=10de:1b80,1002:731f,1002:ab38"')}),
    Row('vfio-pci is built in', change=build_in, steps=[f'create {CONF}', f'change {MODULES}', f'create {RULES}', f'change {GRUB}', IMAGES, MENU],
        new={CONF: GUIDE_SOFTDEPS, MODULES: trees.MODULES + 'vendor_reset\n'},
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=1002:731f,1002:ab38"')}),
    Row('an unknown loader started it, and a parameter is needed', change=several(build_in, write('proc/cmdline', 'root=/dev/sda1 ro\n')),
        steps=FOUR, by_hand=[['no boot loader that pcilend knows', 'vfio-pci.ids=1002:731f,1002:ab38']]),
    Row('an unknown loader started it, and none is needed', change=write('proc/cmdline', 'root=/dev/sda1 ro\n'), steps=FOUR),

    # Kernels and images
    Row('the newer kernel has no vfio_virqfd', change=kernel(NEWER), steps=THREE, images=['5.18.5-arch1-1', NEWER],
        new={MODULES: trees.MODULES + 'vfio_pci\nvfio\nvfio_iommu_type1\n'}),
    Row('the newer kernel has no vfio-pci', change=kernel(NEWER, vfio='kernel/drivers/ata/ahci.ko:\n'), steps=FOUR,
        images=['5.18.5-arch1-1', NEWER], notes=[[NEWER, 'no vfio-pci', 'stay with the host']]),
    Row('only signed modules are loaded', change=write('sys/kernel/security/lockdown', 'none [integrity] confidentiality\n'), steps=FOUR,
        notes=[['loads signed modules alone', 'modinfo -F signer vendor_reset']]),
    Row('an old image is left of a kernel without modules', change=kernel(NEWER, vfio=None), steps=FOUR,
        notes=[[NEWER, 'no modules', 'stay with the host']]),
    Row('modules without an image', change=several(kernel(NEWER), remove(f'boot/initrd.img-{NEWER}')), steps=FOUR,
        images=['5.18.5-arch1-1'], new={MODULES: trees.MODULES + GUIDE_MODULES}),
    Row('update_initramfs=no', change=replace('etc/initramfs-tools/update-initramfs.conf', 'update_initramfs=yes', 'update_initramfs=no'),
        steps=[f'create {CONF}', f'create {RULES}'], by_hand=[['update_initramfs=no', 'vfio_pci']]),
    Row('no generator', change=remove('usr/sbin/update-initramfs'), steps=[f'create {CONF}'],
        by_hand=[['no initramfs generator that pcilend knows', 'vfio_pci, vfio and vfio_iommu_type1', 'image of every kernel']]),
    Row('no image in /boot', change=several(remove('boot/initrd.img-5.18.5-arch1-1')), steps=[f'create {CONF}', f'create {RULES}'],
        by_hand=[['no image was found in /boot', 'vfio_pci']]),
    Row('a hook copies the images elsewhere', change=write('etc/initramfs/post-update.d/zz-esp', '#!/bin/sh\n'),
        steps=[f'create {CONF}', f'create {RULES}'],
        by_hand=[['/etc/initramfs/post-update.d/zz-esp writes files', 'vfio_pci', 'update-initramfs -u -k all']]),
    Row('the modules are in the list already', change=write('etc/initramfs-tools/modules', trees.MODULES + GUIDE_MODULES),
        steps=[f'create {CONF}', f'create {RULES}', IMAGES]),
    Row('the list of modules is not there', change=remove('etc/initramfs-tools/modules'),
        steps=[f'create {CONF}', f'create {MODULES}', f'create {RULES}', IMAGES], new={MODULES: GUIDE_MODULES}),

    # What guests need of the host
    Row('nothing that guests need is installed', change=trees.remove_guest_programs, steps=[*HOST, *FOUR],
        says=['6 steps, 1 reboot, about 7 minutes', 'apt-get update first', 'undo --packages removes them: dpkg --remove qemu-system-x86 '],
        notes=[['group libvirt', 'gpasswd -a NAME libvirt']]),
    Row('and packages are left alone', change=trees.remove_guest_programs, call=['--no-packages', '09:00.0'], steps=FOUR,
        says=['4 steps, 1 reboot, about 4 minutes']),
    Row('only the firmware is not there', change=remove('usr/share/OVMF'), steps=[f'{APT} ovmf', *FOUR]),
    Row('the service is off', change=remove('etc/systemd/system/multi-user.target.wants'),
        steps=['run systemctl enable --now libvirtd.service', *FOUR]),
    Row('nothing is installed, and the IOMMU is off', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2,
        change=several(switched_off, trees.remove_guest_programs), steps=[*HOST, f'change {GRUB}', MENU], notes=[['group libvirt']]),
    Row('it is lent, and the firmware is not there', change=several(configured, lent, remove('usr/share/OVMF')), steps=[f'{APT} ovmf'],
        reboots=0),
    Row('of the kin of a distribution', steps=[f'{APT} ovmf', *FOUR],
        change=several(write('etc/os-release', 'ID=mine\nID_LIKE="ubuntu debian"\n'), remove('usr/share/OVMF'))),
    Row('of no distribution that is known', steps=FOUR, by_hand=[['on this distribution', 'UEFI firmware for guests']],
        change=several(write('etc/os-release', 'ID=mine\n'), remove('usr/share/OVMF'))),
    Row('NixOS', change=write('etc/os-release', 'ID=nixos\n'), steps=[], reboots=0,
        by_hand=[['"vfio_pci" "vfio" "vfio_iommu_type1"', GUIDE_OPTIONS.strip(), 'virtualisation.libvirtd.enable = true;', 'users.users.NAME',
                  'nixos-rebuild boot']]),
    Row('NixOS, and packages are left alone', change=write('etc/os-release', 'ID=nixos\n'), call=['--no-packages', '09:00.0'], steps=[],
        reboots=0, by_hand=[[GUIDE_OPTIONS.strip()]]),

    # The IOMMU is off
    Row('the IOMMU waits for a parameter', machine='no-iommu', change=firmware_on, call=['01:00.0'], steps=[f'change {GRUB}', MENU],
        first_stage=True, reboots=2, says=['The IOMMU is off: this plan turns it on', 'plan 01:00.0', '2 reboots'],
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"')}),
    Row('the IOMMU is off', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[f'change {GRUB}', MENU],
        change=several(switched_off, replace('etc/default/grub', '"quiet"', '"intel_iommu=off quiet"')),
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=off quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="intel_iommu=on quiet"')},
        says=['The IOMMU is off: this plan turns it on', 'plan 01:00.0', '2 reboots', 'the IOMMU on']),
    Row('it is off in the words of all entries', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2,
        steps=[f'change {GRUB}', MENU], change=several(switched_off, replace('etc/default/grub', 'LINUX=""', 'LINUX="intel_iommu=off"')),
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"')}),
    Row('it is off, and the words are in a drop-in', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2,
        change=several(switched_off, write('etc/default/grub.d/50-mine.cfg', "GRUB_CMDLINE_LINUX_DEFAULT='quiet splash' # mine\n")),
        steps=['change /etc/default/grub.d/50-mine.cfg', MENU],
        new={'/etc/default/grub.d/50-mine.cfg': "GRUB_CMDLINE_LINUX_DEFAULT='quiet splash intel_iommu=on' # mine\n"}),
    Row('it is off, and the loader is unknown', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(switched_off, write('proc/cmdline', 'root=/dev/sda1 ro intel_iommu=off\n')),
        by_hand=[['no boot loader that pcilend knows', 'intel_iommu=on']]),
    Row('it is off, and a quote is not closed', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(switched_off, replace('etc/default/grub', '"quiet"', '"quiet')),
        by_hand=[['/etc/default/grub is left as it is', 'intel_iommu=on', 'update-grub']]),
    Row('it is off, and entries are files of their own', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(switched_off, write('etc/default/grub', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_ENABLE_BLSCFG=true\n')),
        by_hand=[['grubby --update-kernel=ALL --args="intel_iommu=on"']]),
    Row('it is off, and only grub-mkconfig is there', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2,
        change=several(switched_off, remove('usr/sbin/update-grub'), write('usr/sbin/grub-mkconfig', '')),
        steps=[f'change {GRUB}', 'run grub-mkconfig -o /boot/grub/grub.cfg']),
    Row('it is off, and nothing makes grub.cfg', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(switched_off, remove('usr/sbin/update-grub')), by_hand=[['no program was found', 'intel_iommu=on']]),
    Row('it is off, and the parameter waits for the reboot', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(switched_off, replace('etc/default/grub', '"quiet"', '"quiet intel_iommu=on"'))),
    Row('a word switches it off that no other switches on', call=['09:00.0'], first_stage=True, reboots=2, steps=[],
        change=several(command_line('amd_iommu=off'), no_groups),
        by_hand=[['amd_iommu=off', 'remove']]),

    # Two of a kind
    Row('a twin of another maker', machine='epyc-vfs', change=other_subsystem, call=['81:00.0'], steps=THREE,
        says=['options vfio-pci ids=10de:1db4:10de:']),
    Row('a twin in everything', machine='epyc-vfs', call=['81:00.0'], steps=[f'change {MODULES}', f'create {EARLY} (executable)', IMAGES],
        lists={EARLY: [OWN_LINE, TWIN_LINE]}),
    Row('a twin in everything, and the other is lent already', machine='epyc-vfs', call=['81:00.0'], change=early(OTHER_LINE),
        steps=[f'change {MODULES}', f'change {EARLY} (executable)', IMAGES], lists={EARLY: [OTHER_LINE, OWN_LINE]}),
    Row('a twin in everything, and what was lent is another now', machine='epyc-vfs', call=['81:00.0'], notes=[['0x1234', 'loses this line']],
        change=early(OTHER_LINE.replace('0x1db4', '0x1234')), steps=[f'change {MODULES}', f'change {EARLY} (executable)', IMAGES],
        lists={EARLY: [OWN_LINE, TWIN_LINE]}),
    Row('a twin in everything, and all is written', machine='epyc-vfs', call=['81:00.0'], steps=[],
        change=several(early(OWN_LINE, TWIN_LINE), write('etc/initramfs-tools/modules', trees.MODULES + GUIDE_MODULES.partition('\n')[2])),
        by_hand=[['whether the images were made since']]),
    Row('a twin in everything, and somebody changed the script', machine='epyc-vfs', call=['81:00.0'], reboots=0, steps=[],
        change=several(early(OWN_LINE), replace(EARLY[1:], '/sbin/modprobe', '/bin/modprobe')),
        by_hand=[['81:00.0 must be bound by address', 'do not tell it from a device that stays', 'not as pcilend wrote it']]),
    Row('a twin in everything, and ids of both', machine='epyc-vfs', call=['81:00.0'],
        steps=[f'change {MODULES}', f'create {EARLY} (executable)', IMAGES], change=write('etc/modprobe.d/vfio.conf', 'options vfio-pci ids=10de:1db4\n'),
        by_hand=[['takes c1:00.0 as well', 'remove 10de:1db4']]),
    Row('a twin in everything, and no generator', machine='epyc-vfs', call=['81:00.0'], reboots=0, steps=[],
        change=remove('usr/sbin/update-initramfs'), by_hand=[['81:00.0 must be bound by address', 'generator', 'check 81:00.0']]),
    Row('a twin in everything, and no images are made', machine='epyc-vfs', call=['81:00.0'], steps=[],
        change=replace('etc/initramfs-tools/update-initramfs.conf', 'update_initramfs=yes', 'update_initramfs=no'),
        by_hand=[[f'Write to {EARLY}, with the mode 0755', OWN_LINE, 'update-initramfs -c -k all']]),
    Row('one of two disks', machine='epyc-vfs', call=['81:00.0'], change=becomes_a_disk, steps=[], reboots=0,
        by_hand=[['must be bound by address', 'controller of disks']]),
    Row('a sound driver that is part of the kernel', change=built_in('09:00.1', 'snd_hda_intel'),
        steps=[f'change {MODULES}', f'create {EARLY} (executable)', f'create {RULES}', IMAGES],
        lists={EARLY: ['0000:09:00.0 0x1002 0x731f 0x1043 0x04e8 0x03 leave', '0000:09:00.1 0x1002 0xab38 0x1002 0xab38 0x04 unbind']}),
    Row('a display driver that is part of the kernel', change=built_in('09:00.0', 'amdgpu'), steps=[], reboots=0,
        by_hand=[['must be bound by address', 'amdgpu is part of the kernel', 'as a module']]),
    Row('both of two twins', machine='epyc-vfs', call=['81:00.0', 'c1:00.0'], steps=THREE,
        says=['options vfio-pci ids=10de:1db4 ', 'Plan to lend 81:00.0 and c1:00.0']),

    # Nothing is left
    Row('all is configured, and not started anew yet', change=configured, steps=[],
        by_hand=[['whether the images were made since cannot be told from outside', 'update-initramfs -u -k all']]),
    Row('it is lent', change=several(configured, lent), steps=[], reboots=0, says=['Nothing is left to change']),
    Row('it is lent, and nothing is configured', change=lent, steps=FOUR),

    # booster
    Row('booster', change=booster('compression: zstd\n'),
        steps=[f'create {CONF}', 'change /etc/booster.yaml', f'create {RULES}',
               'run booster build --force --kernel-version 5.18.5-arch1-1 /boot/booster-linux.img'],
        new={'/etc/booster.yaml': 'compression: zstd\nmodules_force_load: vfio_pci\n'}),
    Row('booster has the driver in its images', change=booster('modules_force_load: amdgpu\n'), steps=[f'create {CONF}', f'create {RULES}'],
        by_hand=[['/etc/booster.yaml is left as it is: its images have amdgpu', '-amdgpu and have the images made anew']]),
    Row('booster, a list of another form', change=booster('modules_force_load: [a]\n'), steps=[f'create {CONF}', f'create {RULES}'],
        by_hand=[['line 1: its value is not a plain word', 'modules_force_load: vfio_pci']]),

    # What only a person can set in the firmware, and yet the IOMMU is on
    Row('virtualization is off in the firmware', change=virtualization_off, steps=FOUR,
        by_hand=[["in the firmware's setup (ASUS, TUF B450-PLUS GAMING) switch on SVM Mode (Advanced > CPU Configuration)"]],
        says=['First, by hand']),
    Row('the same, and all is configured and lent', change=several(configured, lent, virtualization_off), steps=[], reboots=0,
        by_hand=[['switch on SVM Mode']], says=['Plan to lend 09:00.0']),

    # Others must go along
    Row('with the other function of the slot', machine='lab-quick', call=['--with-companions', '02:00.0'],
        says=['Plan to lend 02:00.0 and 02:00.1']),
    Row('with the other function named', machine='lab-quick', call=['02:00.0', '02:00.1'], says=['Plan to lend 02:00.0 and 02:00.1']),

    # There is no plan
    Row('others must go along', machine='lab-quick', call=['02:00.0'], status=3, says=['only together with 02:00.1', '--with-companions']),
    Row('a disk of the host in the group', call=['06:00.0'], status=3, says=['there is no plan to lend', 'group 15', 'check 06:00.0']),
    Row('a bridge', call=['00:01.1'], status=3, says=['there is no plan to lend']),
    Row('off in the firmware', machine='no-iommu', call=['01:00.0'], status=3,
        says=['switched off in the firmware', '(Gigabyte, Z370 AORUS GAMING 3) switch on VT-d (Settings > Miscellaneous',
              'Intel (VMX) Virtualization Technology', 'Above 4G Decoding', 'CSM Support (Boot) off where this system boots by UEFI']),
    Row('no interrupt remapping', machine='old-server', call=['04:00.0'], status=3, says=['interrupts are not remapped']),
    Row('in a container', machine='container', call=['05:00.0'], status=5, says=['this is a container', 'run it on the host']),
    Row('a device that is not there', call=['0f:00.0'], status=2, says=['0f:00.0']),
    Row('two devices of one id', machine='epyc-vfs', call=['10de:1db4'], status=2, says=['81:00.0', 'c1:00.0']),
    Row('no device', call=[], status=2),
]


@pytest.fixture(scope='session')
def debian(tmp_path_factory):
    """debian(NAME) gives the tree of that machine, made a Debian: to be copied, never changed."""
    made = {}

    def make(name):
        if name not in made:
            path = trees.GUIDE if name == 'guide' else ROOT / 'tests/machines' / f'{name}.machine'
            made[name] = trees.make_debian(trees.unpack(path, tmp_path_factory.mktemp('machines') / name))
        return made[name]
    return make


def title(step):
    if step['kind'] == 'program':
        return ' '.join(['run', *[step['argv'][0].rpartition('/')[2], *step['argv'][1:]]])
    end = ' (executable)' if step['mode'] is not None else ''
    if 'old' in step and step['old'] is None:
        return f'create {step["path"]}{end}'
    return f'change {step["path"]}{end}'


def texts_of(answer, kind):
    return [remark['text'] for remark in answer['remarks'] if remark['kind'] == kind]


def compare_remarks(answer, kind, wanted):
    found = texts_of(answer, kind)
    assert len(found) == len(wanted), f'{kind}: {found}'
    for text, words in zip(found, wanted):
        for word in words:
            assert word in ' '.join(text.split()), f'{kind}: {word} is not in: {text}'


def flat(text):
    """Without the places where it was wrapped; a blank behind each word."""
    return ' '.join(text.split()) + ' '


def parameters():
    for row in ROWS:
        marks = [pytest.mark.xfail(reason=row.bug, strict=True)] if row.bug else []
        yield pytest.param(row, id=row.name.replace(' ', '-'), marks=marks)


@pytest.mark.parametrize('row', parameters())
def test_plan(pcilend, debian, tmp_path, row):
    tree = debian(row.machine).copy(tmp_path / 'tree')
    if row.change is not None:
        row.change(tree)
    before = {path: path.read_bytes() for path in tree.path('etc').rglob('*') if path.is_file()}
    text = pcilend('--root', tree, 'plan', *row.call, status=row.status)
    done = pcilend('--root', tree, '--json', 'plan', *row.call, status=row.status)
    assert before == {path: path.read_bytes() for path in tree.path('etc').rglob('*') if path.is_file()}
    assert not tree.path(trees.JOURNALS).exists()
    answer = json.loads(done.stdout)
    for words in row.says:
        assert words in flat(text.stdout + text.stderr), f'{words} is not said:\n{text.stdout}{text.stderr}'
    if row.status not in (0, 5) or 'error' in answer:
        schema.validate('error', answer)
        assert text.stdout == '' and text.stderr
        return
    schema.validate('plan', answer)
    titles = [title(step) for step in answer['steps']]
    if row.steps is not None:
        assert titles == row.steps
    for number, words in enumerate(titles, 1):
        assert f' {number}. {words} ' in f' {flat(text.stdout)}'
    assert len(re.findall(r'^\d+\. ', text.stdout, re.MULTILINE)) == len(titles)
    compare_contents(row, answer, text.stdout)
    compare_remarks(answer, 'by-hand', row.by_hand)
    compare_remarks(answer, 'unknown', row.unknown)
    compare_remarks(answer, 'note', row.notes)
    assert (answer['first_stage'], answer['reboots']) == (row.first_stage, row.reboots)
    if row.images is not None:
        made = [step['writes'] for step in answer['steps'] if title(step) == IMAGES]
        assert made == [[f'/boot/initrd.img-{release}{end}' for release in row.images for end in ('', '.new')]]


def at_terminal(program, *arguments, answer):
    """What is said at a terminal where the first question gets this answer, and the exit status."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(program, [program, *map(str, arguments)])
    said, answered = b'', False
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:    # the terminal's other end is closed
            break
        said += piece
        if not piece:
            break
        if b'[y/N]' in said and not answered:
            answered = True
            os.write(terminal, answer.encode() + b'\n')
    os.close(terminal)
    return flat(said.decode()), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize('machine, devices, ids', [
    ('guide', ['09:00.0', '09:00.1'], ['group.split-functions', 'device.stale-reset']),
    ('guide', ['09:00.1', '09:00.0'], ['group.split-functions', 'device.stale-reset']),
    (ROOT / 'tests/machines/lab-quick.machine', ['02:00.1', '02:00.0'], ['device.not-bound', 'device.stale-reset']),
])
def test_what_is_about_both_is_said_once(pcilend, machine, devices, ids):
    findings = pcilend.json('--machine', machine, 'check', *devices, status=None)['findings']
    for one in ids:
        texts = [finding['text'] for finding in findings if finding['id'] == one]
        assert len(texts) == 1 and all(device in texts[0] for device in devices), texts
    text = flat(pcilend('--machine', machine, 'plan', *devices).stdout)
    assert all(text.count(f'[{one}]') == 1 for one in ids if one != 'device.not-bound')


QUICK = ROOT / 'tests/machines/lab-quick.machine'
QUESTION = 'Lend 02:00.0 together with 02:00.1? [y/N]'


@pytest.mark.parametrize('answer, status', [('y', 0), ('n', 3), ('', 3)])
def test_companions_are_asked_for(pcilend, answer, status):
    said, found = at_terminal(pcilend.path, '--no-color', '--machine', QUICK, 'plan', '02:00.0', answer=answer)
    assert found == status
    assert f'group 7 of 02:00.0 also holds the audio function 02:00.1: the host loses it too {QUESTION}' in said
    assert ('Plan to lend 02:00.0 and 02:00.1' in said) == (status == 0)
    assert ('then say --with-companions' in said) == (status == 3)


@pytest.mark.parametrize('options', [['-y'], ['--json']])
def test_companions_are_not_asked_for(pcilend, options):
    """An answer to every question is none to this one: they are never taken silently."""
    said, found = at_terminal(pcilend.path, '--no-color', *options, '--machine', QUICK, 'plan', '02:00.0', answer='y')
    assert found == 3 and '[y/N]' not in said and '--with-companions' in said


def test_apply_asks_for_companions(pcilend, tmp_path, debian):
    tree = debian('lab-quick').copy(tmp_path / 'tree')
    said, found = at_terminal(pcilend.path, '--no-color', '--root', tree, 'apply', '02:00.0', answer='n')
    assert found == 3 and QUESTION in said and not tree.path(trees.JOURNALS).exists()


def compare_contents(row, answer, text):
    """What the files get; and that the diff shows each line that comes and no other."""
    files = {step['path']: step for step in answer['steps'] if step['kind'] == 'file'}
    for path, content in row.new.items():
        assert files[path]['new'] == content
    for path, (old, new) in row.added.items():
        assert files[path]['new'].splitlines() == [new if line == old else line for line in files[path]['old'].splitlines()]
        assert f'\n-{old}\n+{new}\n' in text
    for path, lines in row.lists.items():
        assert re.findall(r'^    "\$1" (.*) \|\| return 1$', files[path]['new'], re.MULTILINE) == lines
    come = [line[1:] for line in text.splitlines() if re.match(r'\+(?!\+\+ /)', line)]
    for step in files.values():
        if 'new' not in step or '\r' in step['new']:
            continue
        old = (step['old'] or '').splitlines()
        assert [line for line in step['new'].splitlines() if line not in old] == \
               [line for line in come if line in step['new'].splitlines() and line not in old]


def test_a_file_that_is_no_text_is_given_whole(pcilend, debian, tmp_path):
    tree = debian('guide').copy(tmp_path / 'tree')
    tree.write('etc/modprobe.d/vfio.conf', b'# caf\xe9\n')
    step = pcilend.json('--root', tree, 'plan', '09:00.0')['steps'][0]
    assert base64.b64decode(step['old_base64']) == b'# caf\xe9\n'
    assert base64.b64decode(step['new_base64']) == b'# caf\xe9\n' + (GUIDE_OPTIONS + GUIDE_SOFTDEPS).encode()
    assert r'# caf\xe9' in pcilend('--root', tree, 'plan', '09:00.0').stdout


@pytest.mark.parametrize('name, words', [
    ('etc/modprobe.d/local.conf', '/etc/modprobe.d/local.conf could not be read (denied)'),
    ('etc/default/grub', 'etc/default/grub: it could not be read (denied)'),
    ('etc/initramfs-tools/modules', 'etc/initramfs-tools/modules: it could not be read (denied)'),
])
def test_a_file_that_may_not_be_read(pcilend, debian, name, words):
    """As an ordinary user: what stands in the file may be against the plan, so there is none that is whole."""
    folder = tempfile.mkdtemp(prefix='pcilend-test-', dir='/tmp')    # a folder of pytest's own is root's alone
    try:
        os.chmod(folder, 0o755)
        tree = debian('guide').copy(Path(folder) / 'tree')
        if name == 'etc/default/grub':
            build_in(tree)
        if not tree.path(name).exists():
            tree.write(name, '')
        tree.path(name).chmod(0)
        user = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        answer = pcilend.json('--root', tree, 'plan', '09:00.0', status=5, **user)
        schema.validate('plan', answer)
        assert any(words in flat(text) for text in texts_of(answer, 'unknown')), answer['remarks']
        text = pcilend('--root', tree, 'plan', '09:00.0', status=5, **user)
        assert words in flat(text.stdout) and 'Not known' in text.stdout
        assert not any(step['path'] == f'/{name}' for step in answer['steps'])
    finally:
        shutil.rmtree(folder)


# What is no tree

def test_the_plan_of_a_recording_is_that_of_the_tree_it_was_made_of(pcilend, debian, tmp_path):
    pcilend('--root', debian('guide'), 'record', tmp_path / 'my.machine', status=None)
    tree = pcilend.json('--root', debian('guide'), 'plan', '09:00.0')
    recording = pcilend.json('--machine', tmp_path / 'my.machine', 'plan', '09:00.0')
    assert recording['steps'] == tree['steps'] and recording['remarks'] == tree['remarks'] and recording['goal'] == tree['goal']


def kernel_config(path, folder):
    """The recording of a Debian on which the kernel waits for intel_iommu=on, which only its configuration shows."""
    text = path.read_text()
    release = trees.RELEASE
    text = text.replace('@host\n', f'@host\nrelease = {release}\n').replace('@end\n', '')
    told = f'config-{release} = # CONFIG_INTEL_IOMMU_DEFAULT_ON is not set\n'
    if told not in text:
        text = text.replace(f'config-{release} -\n', told) if f'config-{release} -\n' in text else f'{text}@/boot\n{told}'
    (folder / 'my.machine').write_text(f'{text}@end\n')
    return folder / 'my.machine'


def test_the_first_stage_of_a_recording(pcilend, debian, tmp_path):
    tree = debian('no-iommu').copy(tmp_path / 'tree')
    firmware_on(tree)
    pcilend('--root', tree, 'record', tmp_path / 'tree.machine', status=None)
    machine = kernel_config(tmp_path / 'tree.machine', tmp_path)
    answer = pcilend.json('--machine', machine, 'plan', '01:00.0')
    schema.validate('plan', answer)
    assert [title(step) for step in answer['steps']] == [f'change {GRUB}', MENU] and answer['first_stage']
    assert '"quiet intel_iommu=on"' in answer['steps'][0]['new']
    text = pcilend('--machine', machine, 'plan', '01:00.0').stdout
    assert 'from a new recording' in flat(text) and 'this plan turns it on' in flat(text)


def test_that_vfio_pci_may_be_built_in_is_said(pcilend):
    """The recording is of a version that did not ask for all kernels; vfio-pci is a part of this one."""
    machine = ROOT / 'tests/machines/ordinary-user.machine'
    assert 'vfio-pci.ko' in re.search(r'modules.builtin.*?\n(\t.*\n)+', machine.read_text())[0]
    answer = pcilend.json('--machine', machine, 'plan', '03:00.0', status=None)
    assert any('built in is not known' in text and 'vfio-pci.ids=' in text for text in texts_of(answer, 'note'))


def test_the_embedded_recording_names_what_it_does_not_know(pcilend):
    text = pcilend('--machine', 'guide', 'plan', '09:00.0')
    answer = pcilend.json('--machine', 'guide', 'plan', '09:00.0')
    schema.validate('plan', answer)
    assert answer['devices'] == ['0000:09:00.0', '0000:09:00.1']
    assert 'Worth knowing before' in text.stdout and '[device.needs-vendor-reset]' in text.stdout
    conf = next(step for step in answer['steps'] if step['path'] == CONF)
    assert conf['new'].splitlines()[0] + '\n' == GUIDE_OPTIONS


@pytest.mark.parametrize('device', ['09:00.0'])
def test_a_pasted_text_names_what_it_does_not_know(pcilend, shared, device):
    text = pcilend('--machine', shared / 'guide.md', 'plan', device)
    answer = pcilend.json('--machine', shared / 'guide.md', 'plan', device)
    schema.validate('plan', answer)
    assert answer['steps'] == []
    compare_remarks(answer, 'by-hand', [['/etc/modprobe.d is not known', GUIDE_OPTIONS.strip()],
                                        ['initramfs generator', 'could not be told', 'vfio_pci']])
    assert 'Nothing is left' not in text.stdout and 'To do by hand' in text.stdout


@pytest.mark.parametrize('path', trees.MACHINES, ids=lambda path: path.stem)
def test_each_card_of_a_recording_has_a_plan_or_a_reason(pcilend, path):
    """The plan of the recording itself: a plan, or an error with its reason; what it says is as its schema."""
    for row in pcilend.json('--machine', path, 'check', status=None)['devices']:
        done = pcilend('--machine', path, '--json', 'plan', row['device'], status=None)
        answer = json.loads(done.stdout)
        assert done.returncode in ((0, 3, 5) if row['lendable'] == 'yes' else (3, 5) if row['lendable'] == 'no' else (5,)), row
        schema.validate('error' if 'error' in answer else 'plan', answer)


@pytest.mark.slow
@pytest.mark.parametrize('path', LISTINGS)
def test_each_card_of_a_posted_text_has_a_plan_or_a_reason(pcilend, path):
    answer = json.loads(pcilend('--machine', path, '--json', 'check', status=None).stdout)
    for row in answer.get('devices', []):
        done = pcilend('--machine', path, '--json', 'plan', row['device'], status=None)
        given = json.loads(done.stdout)
        assert done.returncode in (0, 2, 3, 5), done.stderr
        schema.validate('error' if 'error' in given else 'plan', given)
        # Of a text nobody knows the files: no step is made out of nothing.
        assert given.get('steps', []) == []
