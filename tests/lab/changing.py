"""What a changed host is compared by: files that a person or a package owns, the images and grub.cfg, and who drives what."""

import json
import re

from . import lending

# A system writes these itself while it runs. /boot/grub/grubenv: GRUB's own; random-seed: systemd-boot's; the rest: systemd, libvirt,
# dpkg's triggers.
OWN = ['/etc/machine-id', '/etc/resolv.conf', '/etc/.updated', '/etc/adjtime', '/boot/grub/grubenv', '/boot/efi/loader/random-seed']

SNAPSHOT = r'''
find /etc /boot /boot/efi -xdev \( -type f -o -type l \) -printf '%p %m %u %g %T@ %l\n' | sort
find /etc /boot /boot/efi -xdev -type f -exec sha256sum {} + | sort -k 2
'''


def snapshot(host):
    """{file: all that is compared of it}"""
    found = {}
    for line in host.output(SNAPSHOT, seconds=300).splitlines():
        words = re.fullmatch(r'([0-9a-f]{64})  (.*)', line)
        path, what = (words[2], words[1]) if words else line.split(' ', 1)
        if path not in OWN:
            found[path] = found.get(path, ()) + (what,)
    assert len(found) > 100
    return found


def differences(before, after):
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def pcilend(host, arguments, seconds=900, status=0, environment=''):
    """Runs it, shows what it printed (pytest -rP), and gives its Result."""
    done = host.run(f'{environment} pcilend {arguments}', seconds)
    print(f'$ pcilend {arguments}\n{done.text}{done.errors}')
    assert done.status == status, f'pcilend {arguments}: status {done.status}\n{done.errors}{done.text[-3000:]}'
    return done


def drivers(host, devices):
    return {device: lending.driver(host, device) for device in devices}


def reboot(host):
    host.reboot()
    host.settle()


def steps(host, devices):
    """Of the boot: the host has no network to take packages from."""
    return json.loads(pcilend(host, f'--json plan --no-packages --with-companions {devices}').stdout)['steps']
