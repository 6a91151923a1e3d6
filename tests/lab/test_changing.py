"""A host that is changed for good and taken back, on a real kernel: apply, reboot, who holds the card, undo, reboot, as before."""

import json

import pytest

from . import changing, full, lending
from .changing import differences, pcilend, snapshot
from .conftest import kinds

pytestmark = pytest.mark.lab

CARD = '02:00.0'
OTHERS = ['00:10.0']     # the host's own screen

# By the image's system: how the IOMMU is switched off on the command line, by the loader's own means.
SWITCH_OFF = {'grub': r'''
    echo 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=off"' >/etc/default/grub.d/zz-off.cfg
    update-grub'''}
# What lists an image in the order in which its modules are loaded, and the configuration that went into it.
IN_IMAGE = {'initramfs-tools': r'''
    image=/boot/initrd.img-$(uname -r)
    lsinitramfs $image
    mkdir -p /run/lab/image; cd /run/lab/image; unmkinitramfs $image .
    cat $(find . -path '*/conf/modules'); cat $(find . -path '*/etc/modprobe.d/vfio.conf')
    rm -rf /run/lab/image'''}


@pytest.fixture(scope='module', params=[name for name in kinds('full') if name == 'grub'])
def host(request, running):
    return running(request.param, how=full.start, is_disk_safe=True)


def drivers(host, devices):
    return {device: lending.driver(host, device) for device in devices}


def reboot(host):
    host.reboot()
    host.settle()


def steps(host, devices):
    """Of the boot: the host has no network to take packages from."""
    return json.loads(pcilend(host, f'--json plan --no-packages --with-companions {devices}').stdout)['steps']


def test_from_an_iommu_that_is_off_to_a_lent_card_and_back(host, figures):
    host.output(SWITCH_OFF[host.kind.system], seconds=300)
    reboot(host)
    assert host.run('ls /sys/kernel/iommu_groups').stdout == b''
    companions = json.loads(host.run(f'pcilend --json check {CARD}').stdout)['companions']
    devices = [CARD, *(address.removeprefix('0000:') for address in companions), *OTHERS]
    before, files = drivers(host, devices), snapshot(host)
    assert before[CARD] and 'vfio-pci' not in before.values()

    # Without a word on the trial nothing is changed.
    refused = pcilend(host, f'-y apply {CARD}', status=3)
    assert '--no-trial' in refused.errors and differences(files, snapshot(host)) == []

    # The first stage: the parameter, by GRUB.
    first = steps(host, CARD)
    assert [step['path'] for step in first if step['kind'] == 'file'] == ['/etc/default/grub']
    pcilend(host, f'-y apply --no-trial --no-packages {CARD}')
    assert set(differences(files, snapshot(host))) == {'/etc/default/grub', '/boot/grub/grub.cfg'}
    assert steps(host, CARD) == []
    reboot(host)
    assert 'intel_iommu=off' in host.output('cat /proc/cmdline') and 'intel_iommu=on' in host.output('cat /proc/cmdline')
    assert host.run('ls /sys/kernel/iommu_groups').stdout != b''
    assert drivers(host, devices) == before

    # The second: the card, with what goes along.
    between = snapshot(host)
    lent = [address.removeprefix('0000:')
            for address in json.loads(pcilend(host, f'--json plan --no-packages --with-companions {CARD}').stdout)['devices']]
    pcilend(host, f'-y apply --no-trial --no-packages --with-companions {CARD}')
    release = host.output('uname -r').strip()
    assert set(differences(between, snapshot(host))) == {
        '/etc/modprobe.d/vfio.conf', '/etc/initramfs-tools/modules', f'/boot/initrd.img-{release}'}
    image = [line.strip() for line in host.output(IN_IMAGE[host.kind.truth['boot']['initramfs']], seconds=300).splitlines()]
    assert any(line.endswith('/vfio-pci.ko') for line in image)
    listed = [line for line in image if line in ('vfio_pci', 'vfio', 'vfio_iommu_type1', 'vfio_virqfd')]
    assert listed == ['vfio_pci', 'vfio', 'vfio_iommu_type1', 'vfio_virqfd']
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
