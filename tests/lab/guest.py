"""The tiny guest: the host's own kernel and an initramfs that uses each device it was lent and says so on its serial line."""

import subprocess

from . import archive, place
from .smallest import take_modules

MODULES = ['nvme', 'e1000e', 'virtio_pci', 'virtio_net']


def build(image_folder):
    """The initramfs, made once for each image."""
    key = place.content_key(image_folder.name, place.LAB / 'tiny_guest', place.LAB / 'guest.py', place.LAB / 'archive.py')
    target = place.BUILD / f'guest-{key}'
    with place.lock('guest'):
        if target.exists():
            (target / 'used').touch()
            return target / 'initramfs'
        release = (image_folder / 'boot' / 'release').read_text()
        with place.making(target) as part:
            tree = archive.Tree(image_folder / 'tree.tar')
            root = archive.Folder(part / 'root')
            root.take(tree, 'usr/bin/busybox', 0o755)
            root.write('bin/busybox', (root.path / 'usr/bin/busybox').read_bytes(), 0o755)
            (root.path / 'usr/bin/busybox').unlink()
            take_modules(root, tree, release, MODULES)
            root.write('init', (place.LAB / 'tiny_guest' / 'init').read_bytes(), 0o755)
            archive.compile_static(place.LAB / 'tiny_guest' / 'exercise.c', root.path / 'exercise')
            root.pack_cpio(part / 'initramfs')
            subprocess.run(['rm', '-rf', root.path], check=True)
    return target / 'initramfs'
