"""A quick host that is not booted: its state was saved once, when it had booted, and each run goes on from there."""

import subprocess

from . import emulator, place
from .host import Host
from .payload import SIZE_BYTES


class Nothing:
    """The disk of a payload that is not there yet: a saved host has not looked at it."""

    def __init__(self, folder):
        self.disk = folder / 'nothing'
        with open(self.disk, 'wb') as file:
            file.truncate(SIZE_BYTES)


def key(kind, image_folder, accel):
    version = subprocess.run([emulator.QEMU, '--version'], stdout=subprocess.PIPE, check=True).stdout
    return place.content_key(image_folder.name, kind.path, accel, version, place.LAB / 'kind.py', place.LAB / 'host.py', place.LAB / 'emulator.py')


def state_of(kind, image_folder, accel):
    """The folder of the saved host: its state and the disk that belongs to it. Made where it is not there yet."""
    target = place.BUILD / f'state-{kind.name}-{key(kind, image_folder, accel)}'
    with place.lock(f'state-{kind.name}'):
        if target.exists():
            (target / 'used').touch()
            return target
        with place.step(f'booting the host {kind.name} once, to go on from there each time', 70), place.making(target) as part:
            with Host(kind, Nothing(part), part, accel=accel) as host:
                host.start(unpacks=False)
                host.settle()
                host.emulator.save(part / 'state')
                host.emulator.ask('quit')
                host.emulator.wait_end(60)
            for path in part.iterdir():
                if path.name not in ('state', 'disk.qcow2', 'console.log'):
                    path.unlink()
    return target


def start(host):
    """Starts the host from its saved state where its kind allows that, else by booting it."""
    if not host.kind.can_be_saved:
        host.start()
        host.settle()
        return host
    saved = state_of(host.kind, host.image, host.accel)
    host.folder.mkdir(parents=True, exist_ok=True)
    host.disk.unlink(missing_ok=True)    # an overlay on another disk
    host.base = saved / 'disk.qcow2'
    return host.start(incoming=saved / 'state')
