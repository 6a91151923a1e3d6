"""`plan`: a table of machines, and what would be changed on each to lend a device. Text and JSON, of the same call.

A row is a recording unpacked into a tree, made a Debian with GRUB and initramfs-tools (trees.py), and changed.
"""

import base64
import json
import os
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
GUIDE_MODULES = 'vendor_reset\nvfio_pci\nvfio\nvfio_iommu_type1\nvfio_virqfd\n'
CONF, MODULES, GRUB = '/etc/modprobe.d/vfio.conf', '/etc/initramfs-tools/modules', '/etc/default/grub'
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


def configured(tree):
    tree.write('etc/modprobe.d/vfio.conf', GUIDE_OPTIONS + GUIDE_SOFTDEPS)
    tree.write('etc/initramfs-tools/modules', trees.MODULES + GUIDE_MODULES)


def other_subsystem(tree):
    """The second Tesla is of another maker."""
    name = 'sys/bus/pci/devices/0000:c1:00.0/uevent'
    tree.write(name, re.sub('PCI_SUBSYS_ID=.*', 'PCI_SUBSYS_ID=1028:1234', tree.read(name)))


APT = 'run env DEBIAN_FRONTEND=noninteractive /usr/bin/apt-get -y --no-remove install'
HOST = [f'{APT} qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-clients libvirt-daemon-config-network dnsmasq-base iptables ovmf '
        'swtpm swtpm-tools virtinst', 'run virsh -c qemu:///system net-autostart default']
THREE = [f'create {CONF}', f'change {MODULES}', IMAGES]

ROWS = [
    Row('the guide', steps=THREE, new={CONF: GUIDE_OPTIONS + GUIDE_SOFTDEPS, MODULES: trees.MODULES + GUIDE_MODULES},
        says=['Plan to lend 09:00.0 and 09:00.1: 3 steps, 1 reboot, about 4 minutes', 'before amdgpu, snd_hda_intel',
              'writes /boot/initrd.img-5.18.5-arch1-1', 'undo', 'lspci -nnk'], images=['5.18.5-arch1-1']),
    Row('its audio function is the same card', call=['09:00.1'], steps=THREE, says=['Plan to lend 09:00.0 and 09:00.1']),
    Row('both named', call=['09:00.0', '09:00.1'], steps=THREE, says=['Plan to lend 09:00.0 and 09:00.1']),
    Row('by its id', call=['1002:731f'], steps=THREE),

    # /etc/modprobe.d
    Row('vfio.conf has another card', steps=[f'change {CONF}', f'change {MODULES}', IMAGES],
        change=write('etc/modprobe.d/vfio.conf', '# my old card\noptions vfio-pci ids=10de:1b80 disable_vga=1\n'),
        new={CONF: '# my old card\noptions vfio-pci ids=10de:1b80,1002:731f,1002:ab38 disable_vga=1\n' + GUIDE_SOFTDEPS}),
    Row('vfio.conf has half of it', change=write('etc/modprobe.d/vfio.conf', 'options vfio-pci ids=1002:ab38\r\n'),
        steps=[f'change {CONF}', f'change {MODULES}', IMAGES],
        new={CONF: 'options vfio-pci ids=1002:ab38,1002:731f\r\n' + GUIDE_SOFTDEPS}),
    Row('vfio.conf is as the guide has it', change=write('etc/modprobe.d/vfio.conf', GUIDE_OPTIONS),
        steps=[f'change {CONF}', f'change {MODULES}', IMAGES], new={CONF: GUIDE_OPTIONS + GUIDE_SOFTDEPS}),
    Row('another file has the ids', change=write('etc/modprobe.d/local.conf', GUIDE_OPTIONS),
        steps=THREE, new={CONF: GUIDE_SOFTDEPS}),
    Row('another file has everything', change=write('etc/modprobe.d/local.conf', GUIDE_OPTIONS + GUIDE_SOFTDEPS),
        steps=[f'change {MODULES}', IMAGES]),
    Row('another file has the ids of another card', change=write('etc/modprobe.d/local.conf', 'options vfio-pci ids=10de:1b80\n'),
        steps=['change /etc/modprobe.d/local.conf', f'change {MODULES}', IMAGES],
        new={'/etc/modprobe.d/local.conf': 'options vfio-pci ids=10de:1b80,1002:731f,1002:ab38\n' + GUIDE_SOFTDEPS}),
    Row('another file has a softdep of a driver', change=write('etc/modprobe.d/local.conf', 'softdep amdgpu pre: drm\n'),
        says=['+softdep amdgpu pre: vfio-pci drm', '+options vfio-pci ids=1002:731f,1002:ab38', '+softdep snd_hda_intel pre: vfio-pci']),
    Row('two files have ids of other cards', by_hand=[['options vfio-pci ids=1002:731f,1002:ab38']],
        change=several(write('etc/modprobe.d/a.conf', 'options vfio-pci ids=1:2\n'),
                       write('etc/modprobe.d/b.conf', 'options vfio-pci ids=3:4\n')), steps=THREE, new={CONF: GUIDE_SOFTDEPS}),
    Row('somebody forbids vfio-pci', change=write('etc/modprobe.d/local.conf', 'blacklist vfio-pci\n'), steps=[f'change {MODULES}', IMAGES],
        by_hand=[['blacklist', 'options vfio-pci ids=1002:731f,1002:ab38'], ['blacklist', 'softdep amdgpu']]),
    Row('somebody keeps a driver away', change=write('etc/modprobe.d/local.conf', 'install amdgpu /bin/false\n'), steps=THREE,
        new={CONF: GUIDE_OPTIONS}, by_hand=[['install command of amdgpu']]),
    Row('a file that is no text', change=write('etc/modprobe.d/vfio.conf', b'# caf\xe9\n'),
        steps=[f'change {CONF}', f'change {MODULES}', IMAGES]),

    # The kernel command line
    Row('ids on the kernel command line',
        change=several(command_line('vfio-pci.ids=10de:1b80'), replace('etc/default/grub', '"quiet"', '"quiet vfio-pci.ids=10de:1b80"')),
        steps=[f'create {CONF}', f'change {MODULES}', f'change {GRUB}', IMAGES, MENU], new={CONF: GUIDE_SOFTDEPS},
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=10de:1b80"',
                      'GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=10de:1b80,1002:731f,1002:ab38"')}),
    Row('vfio-pci is built in', change=build_in, steps=[f'create {CONF}', f'change {MODULES}', f'change {GRUB}', IMAGES, MENU],
        new={CONF: GUIDE_SOFTDEPS, MODULES: trees.MODULES + 'vendor_reset\n'},
        added={GRUB: ('GRUB_CMDLINE_LINUX_DEFAULT="quiet"', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet vfio-pci.ids=1002:731f,1002:ab38"')}),
    Row('an unknown loader started it, and a parameter is needed', change=several(build_in, write('proc/cmdline', 'root=/dev/sda1 ro\n')),
        steps=THREE, by_hand=[['no boot loader that pcilend knows', 'vfio-pci.ids=1002:731f,1002:ab38']]),
    Row('an unknown loader started it, and none is needed', change=write('proc/cmdline', 'root=/dev/sda1 ro\n'), steps=THREE),

    # Kernels and images
    Row('the newer kernel has no vfio_virqfd', change=kernel(NEWER), steps=THREE, images=['5.18.5-arch1-1', NEWER],
        new={MODULES: trees.MODULES + 'vfio_pci\nvfio\nvfio_iommu_type1\n'}),
    Row('the newer kernel has no vfio-pci', change=kernel(NEWER, vfio='kernel/drivers/ata/ahci.ko:\n'), steps=THREE,
        images=['5.18.5-arch1-1', NEWER], notes=[[NEWER, 'no vfio-pci', 'stay with the host']]),
    Row('an old image is left of a kernel without modules', change=kernel(NEWER, vfio=None), steps=THREE,
        notes=[[NEWER, 'no modules', 'stay with the host']]),
    Row('modules without an image', change=several(kernel(NEWER), remove(f'boot/initrd.img-{NEWER}')), steps=THREE,
        images=['5.18.5-arch1-1'], new={MODULES: trees.MODULES + GUIDE_MODULES}),
    Row('update_initramfs=no', change=replace('etc/initramfs-tools/update-initramfs.conf', 'update_initramfs=yes', 'update_initramfs=no'),
        steps=[f'create {CONF}'], by_hand=[['update_initramfs=no', 'vfio_pci']]),
    Row('no generator', change=remove('usr/sbin/update-initramfs'), steps=[f'create {CONF}'],
        by_hand=[['no initramfs generator that pcilend knows', 'vfio_pci, vfio and vfio_iommu_type1', 'image of every kernel']]),
    Row('no image in /boot', change=several(remove('boot/initrd.img-5.18.5-arch1-1')), steps=[f'create {CONF}'],
        by_hand=[['no image was found in /boot', 'vfio_pci']]),
    Row('a hook copies the images elsewhere', change=write('etc/initramfs/post-update.d/zz-esp', '#!/bin/sh\n'), steps=[f'create {CONF}'],
        by_hand=[['/etc/initramfs/post-update.d/zz-esp writes files', 'vfio_pci', 'update-initramfs -u -k all']]),
    Row('the modules are in the list already', change=write('etc/initramfs-tools/modules', trees.MODULES + GUIDE_MODULES),
        steps=[f'create {CONF}', IMAGES]),
    Row('the list of modules is not there', change=remove('etc/initramfs-tools/modules'),
        steps=[f'create {CONF}', f'create {MODULES}', IMAGES], new={MODULES: GUIDE_MODULES}),

    # What guests need of the host
    Row('nothing that guests need is installed', change=trees.remove_guest_programs, steps=[*HOST, *THREE],
        says=['5 steps, 1 reboot, about 7 minutes', 'apt-get update first', 'undo --packages removes them: dpkg --remove qemu-system-x86 '],
        notes=[['group libvirt', 'gpasswd -a NAME libvirt']]),
    Row('and packages are left alone', change=trees.remove_guest_programs, call=['--no-packages', '09:00.0'], steps=THREE,
        says=['3 steps, 1 reboot, about 4 minutes']),
    Row('only the firmware is not there', change=remove('usr/share/OVMF'), steps=[f'{APT} ovmf', *THREE]),
    Row('the service is off', change=remove('etc/systemd/system/multi-user.target.wants'),
        steps=['run systemctl enable --now libvirtd.service', *THREE]),
    Row('nothing is installed, and the IOMMU is off', machine='no-iommu', call=['01:00.0'], first_stage=True, reboots=2,
        change=several(switched_off, trees.remove_guest_programs), steps=[*HOST, f'change {GRUB}', MENU], notes=[['group libvirt']]),
    Row('it is lent, and the firmware is not there', change=several(configured, lent, remove('usr/share/OVMF')), steps=[f'{APT} ovmf'],
        reboots=0),
    Row('of the kin of a distribution', steps=[f'{APT} ovmf', *THREE],
        change=several(write('etc/os-release', 'ID=mine\nID_LIKE="ubuntu debian"\n'), remove('usr/share/OVMF'))),
    Row('of no distribution that is known', steps=THREE, by_hand=[['on this distribution', 'UEFI firmware for guests']],
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
    Row('a twin in everything', machine='epyc-vfs', call=['81:00.0'], reboots=0,
        by_hand=[['81:00.0 must be bound by address', 'do not tell it from a device that stays']]),
    Row('both of two twins', machine='epyc-vfs', call=['81:00.0', 'c1:00.0'], steps=THREE,
        says=['options vfio-pci ids=10de:1db4 ', 'Plan to lend 81:00.0 and c1:00.0']),

    # Nothing is left
    Row('all is configured, and not started anew yet', change=configured, steps=[],
        by_hand=[['whether the images were made since cannot be told from outside', 'update-initramfs -u -k all']]),
    Row('it is lent', change=several(configured, lent), steps=[], reboots=0, says=['Nothing is left to change']),
    Row('it is lent, and nothing is configured', change=lent, steps=THREE),

    # Others must go along
    Row('with the other function of the slot', machine='lab-quick', call=['--with-companions', '02:00.0'],
        says=['Plan to lend 02:00.0 and 02:00.1']),
    Row('with the other function named', machine='lab-quick', call=['02:00.0', '02:00.1'], says=['Plan to lend 02:00.0 and 02:00.1']),

    # There is no plan
    Row('others must go along', machine='lab-quick', call=['02:00.0'], status=3, says=['only together with 02:00.1', '--with-companions']),
    Row('a disk of the host in the group', call=['06:00.0'], status=3, says=['there is no plan to lend', 'group 15', 'check 06:00.0']),
    Row('a bridge', call=['00:01.1'], status=3, says=['there is no plan to lend']),
    Row('off in the firmware', machine='no-iommu', call=['01:00.0'], status=3, says=['switched off in the firmware', 'VT-d']),
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
    if 'old' in step and step['old'] is None:
        return f'create {step["path"]}'
    return f'change {step["path"]}'


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


def compare_contents(row, answer, text):
    """What the files get; and that the diff shows each line that comes and no other."""
    files = {step['path']: step for step in answer['steps'] if step['kind'] == 'file'}
    for path, content in row.new.items():
        assert files[path]['new'] == content
    for path, (old, new) in row.added.items():
        assert files[path]['new'].splitlines() == [new if line == old else line for line in files[path]['old'].splitlines()]
        assert f'\n-{old}\n+{new}\n' in text
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
