"""A host that is changed for good and taken back, on a real kernel: apply, reboot, who holds the card, undo, reboot, as before."""

import json

import pytest

from . import full, lending
from .changing import differences, drivers, pcilend, reboot, snapshot, steps
from .conftest import kinds

pytestmark = pytest.mark.lab

CARD = '02:00.0'
OTHERS = ['00:10.0']     # the host's own screen

# By the loader: how the IOMMU is switched off on the command line, by its own means; and what holds the parameter that pcilend puts there.
SWITCH_OFF = {
    'grub': r"""
        echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=off"' >/etc/default/grub.d/zz-off.cfg
        update-grub""",
    'systemd-boot': r"""
        sed -i 's/$/ intel_iommu=off/' /etc/kernel/cmdline
        kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)" """,
}
PARAMETER_FILES = {
    'grub': (['/etc/default/grub'], ['/boot/grub/grub.cfg']),
    'systemd-boot': (['/boot/efi/loader/entries/{machine}-{release}.conf', '/etc/kernel/cmdline'], []),
}
# By the generator: what it reads, which images it makes by which loader, and what lists an image: its files, the modules in the order in
# which they are loaded, and the configuration that went into it.
CONFIGURED = {'initramfs-tools': '/etc/initramfs-tools/modules', 'dracut': '/etc/dracut.conf.d/vfio.conf'}
IMAGES = {'grub': ['/boot/initrd.img-{release}'],
          'systemd-boot': ['/boot/initrd.img-{release}', '/boot/efi/{machine}/{release}/initrd.img-{release}']}
IN_IMAGE = {
    'initramfs-tools': r"""
        lsinitramfs $image
        mkdir -p /run/lab/image; cd /run/lab/image; unmkinitramfs $image .
        cat $(find . -path '*/conf/modules'); cat $(find . -path '*/etc/modprobe.d/vfio.conf')
        rm -rf /run/lab/image""",
    'dracut': r"""
        lsinitrd $image | sed -n 's/.* \([^ ]*vfio[^ ]*\)$/\1/p'
        lsinitrd -f etc/cmdline.d/20-force_drivers.conf $image | sed 's/^rd.driver.pre=//'
        lsinitrd -f etc/modprobe.d/vfio.conf $image""",
}
MODULES = ['vfio_pci', 'vfio', 'vfio_iommu_type1', 'vfio_virqfd']

# The first is the main one: the others go the same way by other loaders and generators, and take as long.
CHANGED = ['grub', 'grub-dracut', 'systemd-boot-intel']


@pytest.fixture(scope='module', params=[pytest.param(name, marks=[pytest.mark.matrix] if name != CHANGED[0] else [])
                                        for name in CHANGED if name in kinds('full')])
def host(request, running):
    return running(request.param, how=full.start, is_disk_safe=True)


def test_from_an_iommu_that_is_off_to_a_lent_card_and_back(host, figures):
    host.output(SWITCH_OFF[host.kind.loader], seconds=300)
    reboot(host)
    assert host.run('ls /sys/kernel/iommu_groups').stdout == b''
    companions = json.loads(host.run(f'pcilend --json check {CARD}').stdout)['companions']
    devices = [CARD, *(address.removeprefix('0000:') for address in companions), *OTHERS]
    before, files = drivers(host, devices), snapshot(host)
    generator, release = host.kind.truth['boot']['initramfs'], host.output('uname -r').strip()

    def named(paths):
        return {path.format(release=release, machine=host.output('cat /etc/machine-id').strip()) for path in paths}
    assert before[CARD] and 'vfio-pci' not in before.values()

    # Without a word on the trial nothing is changed.
    refused = pcilend(host, f'-y apply {CARD}', status=3)
    assert '--no-trial' in refused.errors and differences(files, snapshot(host)) == []

    # The first stage: the parameter, by the loader.
    edited, made = PARAMETER_FILES[host.kind.loader]
    first = steps(host, CARD)
    assert {step['path'] for step in first if step['kind'] == 'file'} == named(edited)
    pcilend(host, f'-y apply --no-trial --no-packages {CARD}')
    assert set(differences(files, snapshot(host))) == named(edited + made)
    assert steps(host, CARD) == []
    reboot(host)
    assert 'intel_iommu=on' in host.output('cat /proc/cmdline')
    assert host.run('ls /sys/kernel/iommu_groups').stdout != b''
    assert drivers(host, devices) == before

    # The second: the card, with what goes along.
    between = snapshot(host)
    lent = [address.removeprefix('0000:')
            for address in json.loads(pcilend(host, f'--json plan --no-packages --with-companions {CARD}').stdout)['devices']]
    pcilend(host, f'-y apply --no-trial --no-packages --with-companions {CARD}')
    images = named(IMAGES[host.kind.loader])
    assert set(differences(between, snapshot(host))) == {'/etc/modprobe.d/vfio.conf', CONFIGURED[generator], *images}
    for path in images:
        image = [line.strip() for line in host.output(f'image={path}\n{IN_IMAGE[generator]}', seconds=300).splitlines()]
        assert any(line.endswith('/vfio-pci.ko') for line in image)
        assert [line for line in image if line in MODULES] == MODULES
        assert any(line.startswith('options vfio-pci ids=') for line in image)
    assert steps(host, CARD) == []
    reboot(host)
    now = drivers(host, devices)
    assert {device: now[device] for device in lent} == dict.fromkeys(lent, 'vfio-pci')
    assert {device: now[device] for device in OTHERS} == {device: before[device] for device in OTHERS}
    shown = host.output(f'lspci -nnk -s {CARD}')
    assert 'Kernel driver in use: vfio-pci' in shown
    assert json.loads(host.run(f'pcilend --json check {CARD}').stdout)['verdict'] == 'ready'
    opened = lending.probe(host, lent)
    print(opened.text)

    # Back, last first; the order matters to nobody but the files.
    pcilend(host, 'undo')
    assert differences(between, snapshot(host)) == []
    pcilend(host, 'undo')
    assert differences(files, snapshot(host)) == []
    assert 'taken back' in pcilend(host, 'undo --list').text
    pcilend(host, 'undo', status=2)
    reboot(host)
    assert host.run('ls /sys/kernel/iommu_groups').stdout == b''
    assert drivers(host, devices) == before
    assert differences(files, snapshot(host)) == []
