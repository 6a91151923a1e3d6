"""The smallest host: the kernel of the image and an initramfs of some megabytes. It boots in seconds and has no systemd.

What it is made of is all out of the image's tree. pcilend and the lab's own programs come in a second archive (payload.py).
"""

import subprocess

from . import archive, place
from .packages import read_names

PROGRAMS = ['usr/bin/bash', 'usr/bin/find', 'usr/bin/sort', 'usr/bin/lspci', 'usr/bin/busybox']
FILES = ['usr/share/misc/pci.ids', 'etc/os-release', 'etc/passwd', 'etc/group']
# What a merged /usr has, and the kernel and scripts expect.
LINKS = {'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib', 'lib64': 'usr/lib64', 'init': 'usr/lib/lab-init'}


def take_modules(root, tree, release, names, prefix=''):
    """Puts the modules and all that they depend on below the prefix, with indices of just these. Source: modules.dep(5)."""
    place.need_program('depmod', package='kmod')
    folder = f'lib/modules/{release}'
    depends = {}
    for line in tree.read(f'{folder}/modules.dep').decode().splitlines():
        path, _, rest = line.partition(':')
        depends[path] = rest.split()

    def key(path):
        return path.rsplit('/', 1)[-1].split('.')[0].replace('-', '_')
    by_name = {key(path): path for path in depends}
    built_in = {key(line) for line in tree.read(f'{folder}/modules.builtin').decode().splitlines()}
    wanted = set()
    for name in (name.replace('-', '_') for name in names):
        if name not in built_in:
            if name not in by_name:
                raise place.LabError(f'the kernel {release} has no module {name}')
            wanted |= {by_name[name], *depends[by_name[name]]}
    for name in [*sorted(wanted), 'modules.builtin', 'modules.builtin.modinfo', 'modules.order']:
        root.write(f'{prefix}lib/modules/{release}/{name}', tree.read(f'{folder}/{name}'))
    subprocess.run(['depmod', '-b', root.path / prefix, release], check=True)


def build(image_folder):
    """The initramfs of the smallest host, made once for each image."""
    key = place.content_key(image_folder.name, place.LAB / 'smallest', place.LAB / 'smallest.py', place.LAB / 'archive.py',
                            place.LAB / 'overlay' / 'usr')
    target = place.BUILD / f'smallest-{key}'
    with place.lock('smallest'):
        if target.exists():
            (target / 'used').touch()
            return target / 'initramfs'
        place.need_program('cpio', 'readelf', package='cpio binutils')
        release = (image_folder / 'boot' / 'release').read_text()
        with place.step('making the initramfs of the smallest host', 5), place.making(target) as part:
            tree = archive.Tree(image_folder / 'tree.tar')
            root = archive.Folder(part / 'root')
            for name, link in LINKS.items():
                if name != 'init':
                    (root.path / link).mkdir(parents=True)
                (root.path / name).symlink_to(link)
            (root.path / 'usr/local/bin').mkdir(parents=True)
            for name in PROGRAMS:
                root.take_program(tree, name)
            for name in FILES:
                root.take(tree, name)
            take_modules(root, tree, release, read_names(place.LAB / 'smallest' / 'modules.list'), 'usr/')
            root.write('usr/lib/lab-init', (place.LAB / 'smallest' / 'init').read_bytes(), 0o755)
            root.write('usr/local/lib/lab/agent', (place.LAB / 'overlay/usr/local/lib/lab/agent').read_bytes(), 0o755)
            root.pack_cpio(part / 'initramfs')
            subprocess.run(['rm', '-rf', root.path], check=True)
    return target / 'initramfs'
