"""Trees of files that `pcilend --root` reads as it reads a recording, and that can be changed.

    tree = trees.unpack(trees.GUIDE, folder)    # what the recording answers, as files, links and directories
    trees.make_debian(tree)                     # started by GRUB, its images made by initramfs-tools

What a recording says was denied, or failed, is left out; what is no file (kernel log, programs, uid) is not in a tree.
The form of a recording: src/base/recording.h.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from builds import ROOT

GUIDE = ROOT / 'data/machines/guide.machine'
MACHINES = [GUIDE, *sorted((ROOT / 'tests/machines').glob('*.machine'))]
RELEASE = '6.1.0-18-amd64'    # where a recording names none
JOURNALS = 'var/lib/pcilend'
# None of them is the day of the test: what is put back has its old time, not a new one.
OLD_TIME = 1_500_000_000_123_456_789


# A recording

def _unescape(name):
    return re.sub(rb'\\x([0-9a-f]{2})', lambda found: bytes([int(found[1], 16)]), name)


class Recording:
    """The answers of a recording: content {path: bytes}, links {path: target}, names {directory: [name]}, host {key: value}."""

    def __init__(self, path):
        self.content, self.links, self.names, self.host, self.failed = {}, {}, {}, {}, set()
        part = None
        lines = path.read_bytes().split(b'\n')
        at = 0
        while at < len(lines):
            line = lines[at]
            at += 1
            if line == b'' or line.startswith((b'#', b'pcilend recording ')):
                continue
            if line.startswith(b'@'):
                part = line
                continue
            below = []
            while at < len(lines) and lines[at].startswith(b'\t'):
                below.append(lines[at][1:])
                at += 1
            name, _, value = line.partition(b' ')
            if part == b'@host':
                self.host[name.decode()] = value[2:].decode()
            if part.startswith(b'@/'):
                folder = _unescape(part[2:])
                self._add(folder + b'/' * bool(folder) + _unescape(name), value, below)

    def _add(self, path, value, below):
        if value == b'-' or value.startswith(b'! '):
            self.failed.add(path)
        elif path.endswith(b'/'):
            self.names[path[:-1]] = [_unescape(name) for name in below]
        elif value == b'|':
            self.content[path] = b''.join(line + b'\n' for line in below)
        elif value == b'|~':
            self.content[path] = b'\n'.join(below)
        elif value == b'x':
            self.content[path] = bytes.fromhex(b''.join(below).decode())
        elif value.startswith(b'= '):
            self.content[path] = value[2:] + b'\n'
        elif value.startswith(b'=~ '):
            self.content[path] = value[3:]
        elif value.startswith(b'-> '):
            self.links[path] = value[3:]
        else:
            raise ValueError(f'{path}: no form that a recording has: {value}')


class Tree:
    """A folder that stands for a whole system."""

    def __init__(self, folder, release):
        self.folder, self.release = Path(folder), release

    def __fspath__(self):
        return str(self.folder)

    def __str__(self):
        return str(self.folder)

    def path(self, name):
        return self.folder / name

    def read(self, name):
        return self.path(name).read_text(errors='surrogateescape')

    def write(self, name, text):
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def replace(self, name, old, new):
        text = self.read(name)
        assert old in text, f'{name}: {old!r} is not in it'
        self.write(name, text.replace(old, new))

    def remove(self, name):
        path = self.path(name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def copy(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(['cp', '-a', self.folder, folder], check=True)
        return Tree(folder, self.release)

    def mark(self, *names):
        """These files get a mode, an owner and an attribute of their own; all files are from long ago."""
        for number, name in enumerate(names, 3):
            path = self.path(name)
            path.chmod(0o640)
            if os.geteuid() == 0:
                os.chown(path, number, number + 10)
            try:
                os.setxattr(path, 'user.note', b'kept')
            except OSError:
                pass    # a file system without them
        for path in self.folder.rglob('*'):
            if path.is_file() and not path.is_symlink():
                os.utime(path, ns=(OLD_TIME, OLD_TIME))


def _real(path, links):
    """The place of a path that may lie behind links of the recording: most of sysfs does."""
    done = b''
    for part in path.split(b'/'):
        here = done + b'/' * bool(done) + part
        target = links.get(here)
        if target is None or here == path:
            done = here
            continue
        # Behind a link that leads nowhere in particular ("pid:[4026531836]") nothing is recorded.
        done = os.path.normpath(os.path.join(os.path.dirname(here), target)).lstrip(b'/') if not target.startswith(b'/') else target[1:]
    return done


def unpack(recording, folder):
    """Writes what the recording answers below folder, and gives the tree."""
    recorded = Recording(Path(recording))
    base = os.fsencode(folder)
    os.makedirs(base, exist_ok=True)

    def place(path):
        full = os.path.join(base, _real(path, recorded.links))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full
    for path, content in recorded.content.items():
        with open(place(path), 'wb') as file:
            file.write(content)
    for path in recorded.names:
        target = place(path + b'/.')
        os.makedirs(os.path.dirname(target), exist_ok=True)
    for path, target in recorded.links.items():
        full = place(path)
        if os.path.isdir(full) and not os.path.islink(full):
            raise ValueError(f'{path} is a link and a directory')
        if not os.path.lexists(full):
            os.symlink(target, full)
    for path, names in recorded.names.items():
        for name in names:
            full = place(path + b'/' + name)
            if not os.path.lexists(full):
                # Of a name alone nobody knows what it is; a directory of a process or a function, most often.
                if any(failed.startswith(path + b'/' + name + b'/') for failed in recorded.failed):
                    os.mkdir(full)
                else:
                    open(full, 'wb').close()
    return Tree(folder, recorded.host.get('release', RELEASE))


# What makes a Debian of it. In own words: what is read of such files is their assignments, and an editor must keep the rest.

OS_RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'

GRUB = '''\
# What grub-mkconfig takes for granted. Run update-grub behind every change of this file.
# More is told by: info -f grub -n 'Simple configuration'

GRUB_DEFAULT=0
GRUB_TIMEOUT=5
GRUB_DISTRIBUTOR=`lsb_release -i -s 2> /dev/null || echo Debian`
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX=""

# Memory that is broken, as addresses and masks
#GRUB_BADRAM="0x01234567,0xfefefefe"

# Text only, on a PC
#GRUB_TERMINAL=console
'''

GRUB_CFG = '''\
# Made by grub-mkconfig; what is written here is lost.
menuentry 'Debian GNU/Linux' {
	linux	/boot/vmlinuz-%(release)s root=/dev/sda1 ro quiet
	initrd	/boot/initrd.img-%(release)s
}
'''

MODULES = '''\
# Modules that the initramfs loads when it begins, one a line, with their arguments.
# Behind a change: update-initramfs -u
#
# raid1
# sd_mod
'''

UPDATE_INITRAMFS = '''\
# Whether update-initramfs -u makes images: all, yes or no
update_initramfs=yes

# Whether the image before is kept
backup_initramfs=no
'''

VFIO_DEP = '''\
kernel/drivers/vfio/vfio.ko:
kernel/drivers/vfio/vfio_iommu_type1.ko: kernel/drivers/vfio/vfio.ko
kernel/drivers/vfio/pci/vfio-pci-core.ko: kernel/drivers/vfio/vfio.ko
kernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/pci/vfio-pci-core.ko kernel/drivers/vfio/vfio.ko
'''

# Marks of other loaders and generators, which a recording may have.
OTHERS = ['boot/refind_linux.conf', 'boot/loader', 'boot/grub', 'boot/grub2', 'boot/EFI', 'boot/efi', 'boot/vmlinuz-linux', 'boot/initramfs-linux.img',
          'boot/initramfs-linux-fallback.img', 'efi',
          'etc/default/grub', 'etc/default/grub.d', 'etc/mkinitcpio.conf', 'etc/mkinitcpio.conf.d', 'etc/mkinitcpio.d', 'etc/initcpio',
          'etc/dracut.conf', 'etc/dracut.conf.d', 'etc/kernel', 'etc/initramfs-tools', 'etc/initramfs', 'usr/lib/os-release',
          'usr/lib/initcpio']


def add_kernel(tree, release, vfio=VFIO_DEP, built_in=''):
    """A kernel with an image. vfio=None: without a directory of modules. What the recording says of it stays."""
    tree.write(f'boot/vmlinuz-{release}', f'kernel {release}\n')
    tree.write(f'boot/initrd.img-{release}', f'image {release}\n' * 300)
    if vfio is None:
        return
    folder = f'lib/modules/{release}'
    for name in ['modules.dep', 'modules.alias', 'modules.builtin']:
        if not tree.path(f'{folder}/{name}').exists():
            tree.write(f'{folder}/{name}', '')
    tree.write(f'{folder}/modules.builtin', tree.read(f'{folder}/modules.builtin') + built_in)
    if 'vfio-pci.ko' not in tree.read(f'{folder}/modules.dep') + tree.read(f'{folder}/modules.builtin'):
        tree.write(f'{folder}/modules.dep', tree.read(f'{folder}/modules.dep') + vfio)


def command_line_of(tree):
    """What started the recorded machine, without what only another loader writes there."""
    path = tree.path('proc/cmdline')
    words = path.read_text().split() if path.exists() else ['root=/dev/sda1', 'ro']
    return [word for word in words if not word.startswith(('BOOT_IMAGE=', 'initrd='))]


# What guests need, as Debian's packages bring it: dpkg-deb -c of those in Debian 12.
GUEST_PROGRAMS = ['usr/bin/qemu-system-x86_64', 'usr/bin/qemu-img', 'usr/sbin/libvirtd', 'usr/bin/virsh', 'usr/sbin/dnsmasq',
                  'usr/sbin/iptables', 'usr/bin/swtpm', 'usr/bin/swtpm_setup', 'usr/bin/virt-install', 'usr/bin/systemctl']
GUEST_FILES = ['usr/share/OVMF/OVMF_CODE_4M.fd', 'etc/libvirt/qemu/networks/default.xml', 'usr/lib/systemd/system/libvirtd.service']
GUEST_LINKS = {'etc/systemd/system/multi-user.target.wants/libvirtd.service': '/usr/lib/systemd/system/libvirtd.service',
               'etc/libvirt/qemu/networks/autostart/default.xml': '/etc/libvirt/qemu/networks/default.xml'}


def add_guest_programs(tree):
    """The host has packages, service and network: nothing of that is left to plan."""
    for name in GUEST_PROGRAMS:
        tree.write(name, '#!/bin/sh\n').chmod(0o755)
    for name in GUEST_FILES:
        tree.write(name, '')
    for name, target in GUEST_LINKS.items():
        path = tree.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_symlink():
            path.symlink_to(target)


def make_debian(tree):
    """A Debian that has all that guests need; take that away with remove_guest_programs()."""
    for name in OTHERS:
        tree.remove(name)
    for variables in tree.path('sys/firmware/efi').glob('efivars/Loader*'):
        variables.unlink()
    for folder in ['usr/sbin', 'usr/bin']:
        for program in ['mkinitcpio', 'dracut', 'update-grub', 'grub-mkconfig', 'grub2-mkconfig', 'update-initramfs', 'booster']:
            tree.remove(f'{folder}/{program}')
    tree.write('proc/cmdline', ' '.join([f'BOOT_IMAGE=/boot/vmlinuz-{tree.release}', *command_line_of(tree)]) + '\n')
    tree.write('etc/os-release', OS_RELEASE)
    tree.write('etc/default/grub', GRUB)
    tree.write('boot/grub/grub.cfg', GRUB_CFG % {'release': tree.release})
    tree.write('etc/initramfs-tools/modules', MODULES)
    tree.write('etc/initramfs-tools/update-initramfs.conf', UPDATE_INITRAMFS)
    tree.path('etc/modprobe.d').mkdir(parents=True, exist_ok=True)
    for program in ['update-grub', 'update-initramfs']:
        tree.write(f'usr/sbin/{program}', '#!/bin/sh\n').chmod(0o755)
    add_kernel(tree, tree.release)
    add_guest_programs(tree)
    return tree


def remove_guest_programs(tree):
    """As it is before libvirt and QEMU are installed; systemd stays."""
    for name in [*GUEST_PROGRAMS, *GUEST_FILES, *GUEST_LINKS]:
        if name != 'usr/bin/systemctl':
            tree.remove(name)
    tree.remove('usr/share/OVMF')
