"""A disk with packages for a host without a network: what a kind offers its host, and what these need that its image has not.

It is an apt repository on ext4, read only. The host mounts it and names it in /etc/apt/sources.list.d, as anybody does with a DVD.
"""

import shutil
import subprocess

from . import image, packages, place

PLACE = '/media/packages'
DEVICE = '/dev/disk/by-id/ata-QEMU_DVD-ROM_lab-packages'
# Trusted: it has no signatures. Its packages were held against those of the archive when they were fetched.
SOURCE = f'deb [trusted=yes] file:{PLACE} ./'
# What a person does with it. sources.list names what the image was made of, which is gone.
NAME_IT = f"""
set -e
: >/etc/apt/sources.list
mkdir -p {PLACE}
mount -o ro {DEVICE} {PLACE}
echo '{SOURCE}' >/etc/apt/sources.list.d/lab-packages.list
apt-get update"""
ROOM = 1.2      # for the file system's own tables


def _choose(kind):
    """Resolved together with what the image has, so that the versions fit; of that the disk has nothing."""
    there = {line.split()[0] for line in (image.build(kind.system) / 'versions').read_text().splitlines()}
    debs = packages.fetch([*image.names(kind.system), *kind.packages])
    return [deb for deb in debs if deb.name.partition('_')[0] not in there]


def build(kind):
    """The disk's file, made where it is not there yet."""
    place.need_program('mkfs.ext4', package='e2fsprogs')
    debs = _choose(kind)
    key = place.content_key(place.LAB / 'offered.py', *[deb.name for deb in debs])
    target = place.BUILD / f'packages-{kind.name}-{key}'
    with place.lock(f'packages-{kind.name}'):
        if target.exists():
            (target / 'used').touch()
            return target / 'disk.ext4'
        bytes_of_all = sum(deb.stat().st_size for deb in debs)
        place.need_space(place.BUILD, 3 * bytes_of_all >> 20, 'a disk of packages')
        with place.step(f'making a disk of {len(debs)} packages', 5), place.making(target) as part:
            links, root = part / 'links', part / 'root'
            packages.write_repository(debs, links)
            shutil.copytree(links, root)
            subprocess.run(['mkfs.ext4', '-q', '-F', '-d', root, '-O', '^has_journal', '-b', '4096', '-E', 'root_owner=0:0', '-L', 'lab-packages',
                            part / 'disk.ext4', f'{int(bytes_of_all * ROOM) // 1024 + 16384}k'],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            place.remove(links)
            place.remove(root)
    return target / 'disk.ext4'
