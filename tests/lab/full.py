"""A full host: firmware, a boot loader that its own installer put there, and an initramfs of the host's own generator.

Installed once for each kind, in the host itself, which QEMU boots directly for that, under the firmware: so the installer finds
the firmware's variables, and what it leaves is what it leaves for anybody. Each run then has an overlay on that disk and a copy
of those variables, and is booted by firmware and loader.
"""

import shlex
import shutil
from typing import NamedTuple

from . import image, place
from .host import Host, firmware
from .place import LabError
from .saved import Nothing


class Step(NamedTuple):
    what: str
    usual_seconds: int
    script: str     # of sh; $parameters: what the kind wants on the kernel's command line


# By the image's system (image.SYSTEMS), what a person types who installs it there. A further loader is a further row.
#
# GRUB: grub-install writes the boot entry and /boot/grub/grubenv (Source: info grub, "Installing GRUB using grub-install").
# systemd-boot: kernel-install takes /boot/initrd.img-RELEASE and /etc/kernel/cmdline (Source: kernel-install(8); Debian's
# 85-initrd.install). At the image's build dracut found no mounted /run and turned its host-only mode off (Source: dracut.sh,
# "Turning off host-only mode"), so that that initramfs starts any host; here the host makes its own.
GRUB = [
    Step('grub-install', 5, 'grub-install --target=x86_64-efi --efi-directory=/boot/efi'),
    Step('update-grub', 25, r'''
        if [ "$parameters" ]; then
          echo "GRUB_CMDLINE_LINUX=\"\$GRUB_CMDLINE_LINUX $parameters\"" >/etc/default/grub.d/zz-kind.cfg
        fi
        update-grub'''),
]
INSTALLERS = {
    'grub': GRUB,
    'grub-bare': GRUB,
    'grub-dracut': [Step('dracut', 125, 'dracut --force'), *GRUB],
    'systemd-boot': [
        Step('bootctl install', 2, 'bootctl install'),
        Step('dracut', 125, 'dracut --force'),
        Step('kernel-install', 15, r'''
            echo "root=UUID=$(findmnt -n -o UUID /) ro quiet console=ttyS0 panic=30 no_timer_check $parameters" >/etc/kernel/cmdline
            kernel-install add "$(uname -r)" "/boot/vmlinuz-$(uname -r)"'''),
    ],
}

STEP_SECONDS = 900      # a deadline, not a measure


def key(kind, image_folder):
    """What the installed disk and the variables are made of. What is said of the kind, its truth, is not."""
    return place.content_key(image_folder.name, *[path.read_bytes() for path in firmware()], place.LAB / 'full.py', kind.system, kind.iommu,
                             kind.root, *kind.parameters, '', *kind.devices, '', *kind.setup)


def _install(kind, image_folder, accel, folder):
    """Installs the loader in a host whose disk and variables are in the folder."""
    with Host(kind, Nothing(folder), folder, accel=accel) as host:
        with place.step(f'booting the host {kind.name} without a loader', 60):
            host.start(with_firmware=True, is_direct=True, unpacks=False)
            host.settle()
        log = folder / 'install.log'
        for step in INSTALLERS[kind.system]:
            with place.step(f'{step.what} in the host {kind.name}', step.usual_seconds):
                result = host.run(f'set -e\nparameters={shlex.quote(" ".join(kind.parameters))}\n{step.script}', STEP_SECONDS)
                with open(log, 'ab') as file:
                    file.write(f'$ {step.script}\n'.encode() + result.stdout + result.stderr)
                if result.status != 0:
                    end = '\n'.join(log.read_text(errors='replace').splitlines()[-12:])
                    raise LabError(f'{step.what} failed with status {result.status} in the host {kind.name}\n{end}\nthe whole log: {log}')
        host.power_off()


def installed(kind, accel=None):
    """The folder with disk.qcow2 and variables.fd of a host that its loader can start. Made where it is not there yet.

    A build that was cut off begins anew. The folder of the host that it was made in stays when it failed: it has the logs.
    """
    if kind.system not in INSTALLERS:
        raise LabError(f'{kind.path}: nothing is known about installing {kind.system}\nsee INSTALLERS in {__file__}')
    if kind.reserved:
        raise LabError(f'{kind.path}: reserved memory comes by a table that only a direct boot can hand over')
    image_folder = image.build(kind.system)
    target = place.BUILD / f'full-{kind.name}-{key(kind, image_folder)}'
    with place.lock(f'full-{kind.name}'):
        if target.exists():
            (target / 'used').touch()
            return target
        place.need_space(place.BUILD, 2000, f'installing the host {kind.name}')
        folder = place.RUNS / f'install-{kind.name}'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _install(kind, image_folder, accel, folder)
        with place.making(target) as part:
            for name in ('disk.qcow2', 'variables.fd', 'install.log', 'console.log'):
                (folder / name).rename(part / name)
        shutil.rmtree(folder)
    return target


def start(host):
    """Starts the host by its firmware and loader. In a folder that has its disk and variables already it goes on with those."""
    if not host.disk.exists():
        base = installed(host.kind, host.accel)
        host.base = base / 'disk.qcow2'
        host.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(base / 'variables.fd', host.folder / 'variables.fd')
    host.start()
    host.settle()
    return host
