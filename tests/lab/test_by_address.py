"""One of two cards that are the same to the last id: lent by its address, while its twin stays with the host; and taken back."""

import json

import pytest

from . import full
from .changing import differences, drivers, pcilend, reboot, snapshot, steps
from .conftest import kinds

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

CARD = '02:00.0'
TWINS = {'02:00': 'vfio-pci', '04:00': None}      # who is to have the functions of the slot; None: who had them before
# By the generator: how both drivers come into the image, so that udev would load them there; what pcilend writes; and what lists an image:
# what runs before udev, in its order, the mode of the script, and the driver.
DRIVERS_IN_IMAGE = {
    'initramfs-tools': "printf 'cirrus\\nsnd_hda_intel\\n' >>/etc/initramfs-tools/modules",
    'dracut': """echo 'add_drivers+=" cirrus snd_hda_intel "' >/etc/dracut.conf.d/host.conf""",
}
WRITTEN = {
    'initramfs-tools': {'/etc/initramfs-tools/scripts/init-top/00-pcilend', '/etc/initramfs-tools/modules'},
    'dracut': {'/etc/dracut.conf.d/vfio.conf'},
}
IN_IMAGE = {
    'initramfs-tools': r"""
        mkdir -p /run/lab/image; cd /run/lab/image; unmkinitramfs $image .
        sed -n 's|^/scripts/init-top/\([^ ]*\).*|early \1|p' $(find . -path '*/init-top/ORDER'); find . -name cirrus.ko; ls -l $(find . -name 00-pcilend)
        rm -rf /run/lab/image""",
    'dracut': r"""
        lsinitrd $image >/run/lab/listing
        sed -n 's|.*dracut/hooks/pre-udev/00-\([^ ]*\)\.sh$|early 00-\1|p' /run/lab/listing; echo early udev; grep -e cirrus.ko -e 00-pcilend /run/lab/listing""",
}


@pytest.fixture(scope='module', params=[name for name in kinds('full') if name in ('twins-grub', 'twins-dracut')])
def host(request, running):
    return running(request.param, how=full.start, is_disk_safe=True)


def test_one_of_two_equal_cards_by_its_address_and_back(host):
    devices = [f'{slot}.{function}' for slot in TWINS for function in (0, 1)]
    generator = host.kind.truth['boot']['initramfs']
    host.output(DRIVERS_IN_IMAGE[generator])
    before, files = drivers(host, devices), snapshot(host)
    assert before == {'02:00.0': 'cirrus', '02:00.1': 'snd_hda_intel', '04:00.0': 'cirrus', '04:00.1': 'snd_hda_intel'}

    pcilend(host, '-y apply --no-trial --no-packages --with-companions 02:00.0')
    release = host.output('uname -r').strip()
    assert set(differences(files, snapshot(host))) == {*WRITTEN[generator], f'/boot/initrd.img-{release}'}
    assert steps(host, CARD) == []
    image = host.output(f'image=/boot/initrd.img-{release}\n{IN_IMAGE[generator]}', seconds=300)
    print(image)
    scripts = [line.split()[1] for line in image.splitlines() if line.startswith('early ')]
    assert scripts.index('00-pcilend') == 0 and 'udev' in scripts
    assert '/cirrus.ko' in image and '-rwx' in image
    reboot(host)
    said = host.output('dmesg | grep -i -e pcilend -e vfio')
    print(said)
    assert 'pcilend:' not in said
    now = drivers(host, devices)
    assert now == {device: TWINS[device[:5]] or before[device] for device in devices}
    shown = [host.output(f'lspci -nnk -s {device}') for device in ('02:00.0', '04:00.0')]
    assert 'Kernel driver in use: vfio-pci' in shown[0] and 'Kernel driver in use: cirrus' in shown[1]
    assert json.loads(host.run('pcilend --json check 02:00.0').stdout)['verdict'] == 'ready'
    assert steps(host, CARD) == []

    # Undone, and started anew with the old image.
    pcilend(host, 'undo')
    assert differences(files, snapshot(host)) == []
    assert host.run('ls -d /usr/lib/dracut/modules.d/*pcilend*').status != 0
    reboot(host)
    assert drivers(host, devices) == before
