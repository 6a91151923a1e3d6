"""A plan for the guide's machine as it would be with a unified kernel image, or as a system of ostree: the image holds the command
line, so it is made once, of all that changes; and ostree's images are left to ostree."""

import json
import re

import builds

GUIDE = (builds.ROOT / 'data/machines/guide.machine').read_text()
OLD_IDS = 'vfio-pci.ids=1002:731f'
NEW_IDS = 'vfio-pci.ids=1002:731f,1002:ab38'
LINE = f'root=/dev/sda1 rw {OLD_IDS} rd.luks.name=secret-name'
# "systemd-stub" in UTF-16, behind four bytes of attributes.
STUB = '06 00 00 00 ' + ' '.join(f'{ord(letter):02x} 00' for letter in 'systemd-stub 257') + ' 00 00'
UKI = '/boot/efi/EFI/Linux/arch.efi'


def with_line(line):
    return re.sub('\ncmdline = .*', lambda _: f'\ncmdline = {line}', GUIDE, count=1)


def uki_machine():
    """It says where else these are that they are not there."""
    text = with_line(LINE).replace('StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f -\n', f'StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f x\n\t{STUB}\n', 1)
    text = text.replace('fallback_image="/boot/initramfs-linux-fallback.img"', f'fallback_uki="{UKI}"')
    return text.replace('@/etc/kernel\ncmdline -\n', f'@/etc/kernel\ncmdline = {LINE}\n', 1)


def run(pcilend, tmp_path, text, *arguments):
    path = tmp_path / 'x.machine'
    path.write_text(text)
    return pcilend('--machine', path, *arguments).stdout


def test_command_line_and_image_are_one_run(pcilend, tmp_path):
    plan = json.loads(run(pcilend, tmp_path, uki_machine(), '--json', 'plan', '--no-packages', '09:00.0'))
    files = {step['path']: step['new'] for step in plan['steps'] if step['kind'] == 'file'}
    assert files['/etc/kernel/cmdline'].startswith(f'root=/dev/sda1 rw {NEW_IDS}')
    programs = [step for step in plan['steps'] if step['kind'] == 'program']
    assert [step['argv'] for step in programs] == [['/usr/bin/mkinitcpio', '-P']]
    assert UKI in programs[0]['writes']
    assert plan['steps'][-1] == programs[0]


def test_ostree_makes_its_images(pcilend, tmp_path):
    text = run(pcilend, tmp_path, with_line(f'{LINE} ostree=/ostree/boot.1/x'), 'plan', '09:00.0')
    assert 'mkinitcpio' not in text
    assert 'force_drivers+=' in text and 'ostree admin kargs' in text.replace('\n', ' ')


def test_a_recording_keeps_the_file_and_not_its_secrets(pcilend, tmp_path):
    text = run(pcilend, tmp_path, uki_machine(), 'record', '-')
    assert 'secret-name' not in text
    assert f'cmdline = root=/dev/sda1 rw {OLD_IDS} rd.luks.name=' in text.split('@/etc/kernel\n')[1]
