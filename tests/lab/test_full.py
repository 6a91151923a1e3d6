"""The hosts that come up by firmware and a boot loader: what is asked of all, and that loader and firmware are real."""

import pytest

from . import efi, full
from .conftest import kinds
from .looking import Looking

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

# What lists an initramfs, and a file that only this generator puts into one.
# Source: lsinitramfs(8), mkinitramfs; lsinitrd(1), dracut.sh.
GENERATORS = {
    'initramfs-tools': ('lsinitramfs', 'scripts/init-top/ORDER'),
    'dracut': ('lsinitrd', 'usr/lib/dracut/modules.txt'),
}

# By the loader: the initramfs that the loader hands over; and how an entry that differs from the usual one by a parameter is
# made, chosen for one boot, and found to be used up.
# Source: info grub, "Configuration file handling" (custom.cfg) and grub-reboot(8); the Boot Loader Specification and bootctl(1).
INITRAMFS = {
    'grub': "sed -n 's/^[[:space:]]*initrd[[:space:]]*//p' /boot/grub/grub.cfg | head -n 1",
    'systemd-boot': "sed -n 's|^initrd *|/boot/efi|p' /boot/efi/loader/entries/*.conf",
}
ONCE = 'lab.once'
CHOOSE_ONCE = {
    'grub': r'''
        sed -n "/^menuentry 'Debian/,/^}/p" /boot/grub/grub.cfg | sed "s/'gnulinux-simple-[^']*'/'lab-once'/; s/ panic=/ lab.once&/" >/boot/grub/custom.cfg
        grub-reboot lab-once
        grub-editenv list''',
    'systemd-boot': r'''
        cd /boot/efi/loader/entries
        sed 's/^options.*/& lab.once/; s/^version .*/version 0/' "$(ls | head -n 1)" >/boot/efi/loader/entries/lab-once.conf
        bootctl set-oneshot lab-once.conf
        cat /sys/firmware/efi/efivars/LoaderEntryOneShot-* | tail -c +5''',
}
IS_USED_UP = {
    'grub': 'test -z "$(grub-editenv list | sed -n "s/^next_entry=//p")"',
    'systemd-boot': 'test ! -e /sys/firmware/efi/efivars/LoaderEntryOneShot-*',
}


@pytest.fixture(scope='module', params=kinds('full'))
def host(request, running):
    return running(request.param, how=full.start, is_disk_safe=True)


def only(host, loader):
    if host.kind.loader != loader:
        pytest.skip(f'this kind has {host.kind.loader}')


def parameters(host):
    return host.get('/proc/cmdline').decode().split()


def check_loader(host):
    """This boot came from the loader's entry, and from the command line that the loader gives."""
    entry, truth = efi.current(host), host.kind.truth['boot']
    assert (entry.name, entry.file) == (truth['entry'], truth['file'])
    given = parameters(host)
    assert any(word.startswith('root=UUID=') for word in given)
    assert set(host.kind.parameters) <= set(given)
    return entry


class TestFull(Looking):
    def test_the_firmware_started_the_loader_that_was_installed(self, host):
        entry = check_loader(host)
        path = '/boot/efi' + entry.file.replace('\\', '/')
        assert host.get(path)[:2] == b'MZ'
        order = efi.variable(host, 'BootOrder')
        assert int.from_bytes(order[:2], 'little') == entry.number
        assert f'Boot{entry.number:04X}* {entry.name}' in host.output('efibootmgr')

    def test_secure_boot_is_what_the_kind_says(self, host):
        assert efi.is_secure_boot_on(host) is host.kind.truth['boot']['secure_boot']

    def test_the_initramfs_is_of_the_generator_that_the_kind_says(self, host):
        tool, file = GENERATORS[host.kind.truth['boot']['initramfs']]
        path = host.output(INITRAMFS[host.kind.loader]).strip()
        assert file in host.output(f'{tool} {path}').split()
        for other in GENERATORS.values():
            assert other[0] == tool or host.run(f'command -v {other[0]}').status != 0

    def test_grub_has_an_environment_of_its_own(self, host):
        only(host, 'grub')
        data = host.get('/boot/grub/grubenv')
        # Source: info grub, "Environment block": 1024 bytes with this head.
        assert len(data) == 1024 and data.startswith(b'# GRUB Environment Block\n')
        host.output('grub-editenv list')
        assert parameters(host)[0].startswith('BOOT_IMAGE=/boot/vmlinuz-')

    def test_systemd_boot_names_itself(self, host):
        only(host, 'systemd-boot')
        name = efi.text(host, 'LoaderInfo')
        assert name.startswith('systemd-boot ')
        entry = efi.text(host, 'LoaderEntrySelected')
        assert host.run(f'test -f /boot/efi/loader/entries/{entry}').status == 0
        status = host.output('bootctl status')
        assert f'Product: {name}' in status and entry in status
        assert 'Secure Boot: disabled' in status

    def test_a_reboot_goes_through_the_loader(self, host):
        before, entry = host.boot_id, efi.current(host)
        host.reboot()
        assert host.boot_id != before
        assert check_loader(host) == entry

    def test_an_entry_for_one_boot_is_used_once(self, host):
        """The loader writes: what chose the entry is gone after the boot that used it."""
        assert ONCE not in parameters(host)
        assert 'lab-once' in host.output(CHOOSE_ONCE[host.kind.loader]).replace('\0', '')
        host.reboot()
        assert ONCE in parameters(host)
        host.output(IS_USED_UP[host.kind.loader])
        host.reboot()
        assert ONCE not in parameters(host)
        check_loader(host)

    def test_it_comes_back_after_a_power_cut(self, host):
        """On the same disk, which the emulator did not hold back writes to, with the same variables."""
        before, entry = host.boot_id, efi.current(host)
        host.output('echo kept >/root/before-the-cut; sync /root/before-the-cut /root')
        host.cut()
        full.start(host)
        assert host.boot_id != before
        assert host.output('cat /root/before-the-cut') == 'kept\n'
        assert check_loader(host) == entry
