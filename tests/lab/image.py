"""The images that hosts boot from: the tree of a Debian system, a disk made of it, and what a boot loader's own installer adds.

    tree.tar     every file of the system, made by mmdebstrap as root, or without in a user namespace
    disk.raw     GPT with an EFI system partition and the root file system, made of the tree without mounts or loop devices
    boot/        kernel and initramfs, out of the tree, for hosts that QEMU boots directly
    versions     what the packages' versions were
"""

import getpass
import os
import subprocess
import tarfile
from pathlib import Path

from . import packages, place
from .place import LabError

SUITE = 'bookworm'

# What a system is made of besides packages.list. Two initramfs generators cannot be installed beside each other.
SYSTEMS = {
    'grub-bare': ['initramfs-tools', 'grub-efi-amd64', 'efibootmgr'],
    'grub': ['initramfs-tools', 'grub-efi-amd64', 'efibootmgr'],
    'grub-dracut': ['dracut', 'grub-efi-amd64', 'efibootmgr'],
    'systemd-boot': ['dracut', 'systemd-boot', 'efibootmgr'],
}
BARE = {'grub-bare'}    # without what guests need, guests.list

ROOT_MIB, ESP_MIB, FIRST_MIB = 5000, 320, 1
SECTORS_PER_MIB = 2048

# Not needed here, and slow under the emulator. logind and machined stay: `virsh start` needs them.
MASKED = ['apt-daily.timer', 'apt-daily-upgrade.timer', 'dpkg-db-backup.timer', 'e2scrub_all.timer', 'e2scrub_reap.service',
          'fstrim.timer', 'systemd-timesyncd.service', 'systemd-pstore.service', 'systemd-networkd-wait-online.service',
          'man-db.timer', 'libvirt-guests.service', 'systemd-update-utmp.service', 'systemd-update-utmp-runlevel.service']
ENABLED = ['lab-agent.service', 'serial-getty@ttyS0.service']


def names(system):
    """The packages that it is made of, without what these depend on."""
    lists = ['packages.list'] if system in BARE else ['packages.list', 'guests.list']
    return sorted({*SYSTEMS[system], *(name for file in lists for name in packages.read_names(place.LAB / file))})


def recipe_key(system):
    return place.content_key(place.LAB / 'image.py', *names(system), place.LAB / 'overlay', system)


def _run(command, log, is_root=False, **environment):
    """Runs a program of the build, as a root of its own where it has to be. Its output goes to the log, whose end is shown when it fails."""
    with open(log, 'ab') as file:
        file.write(f'$ {" ".join(map(str, command))}\n'.encode())
        file.flush()
        done = subprocess.run([*(_apart() if is_root else []), *map(str, command)], stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                              env=dict(os.environ, LC_ALL='C', PATH='/usr/sbin:/usr/bin:/sbin:/bin', **environment),
                              preexec_fn=place.end_with_me())
    if done.returncode != 0:
        end = '\n'.join(Path(log).read_text(errors='replace').splitlines()[-12:])
        raise LabError(f'{command[0]} failed with status {done.returncode}\n{end}\nthe whole log: {log}')


def _apart():
    """What a command is prefixed with so that it is root and what it mounts and starts ends with it, however it ends; it reaches no
    network. An ordinary user is root in a user namespace, where his own files stay his: a home folder closed to others is no hindrance.
    Source: unshare(1), --map-auto (util-linux 2.38), --kill-child."""
    user = [] if os.geteuid() == 0 else ['--user', '--map-root-user', '--map-auto']
    return ['unshare', *user, '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']


def _need_apart():
    """Refuses before anything is begun where that cannot be had."""
    place.need_program('unshare', package='util-linux')
    if os.geteuid() != 0:
        place.need_program('newuidmap', 'newgidmap', package='uidmap')
    done = subprocess.run([*_apart(), 'true'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, LC_ALL='C'))
    if done.returncode != 0:
        name = getpass.getuser()
        remedy = 'in a container, give it the right to mount (CAP_SYS_ADMIN)' if os.geteuid() == 0 else (
            'root builds it without them; or root lets this user have them:\n'
            f'usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name}; sysctl user.max_user_namespaces=10000')
        raise LabError(f'building an image needs namespaces, which {name} cannot have here: {done.stdout.strip()}\n{remedy}')


def _make_tree(system, folder, log):
    wanted = names(system)
    debs = packages.fetch(wanted)
    (folder / 'versions').write_text(packages.versions(debs))
    repository, scratch = folder / 'repository', folder / 'scratch'
    scratch.mkdir()
    packages.write_repository(debs, repository)
    enable = 'ln -sf /dev/null $1/etc/systemd/system/{}; '
    masks = ''.join(enable.format(unit) for unit in MASKED)
    # apt as its own user could not read what is in a home folder closed to others.
    _run(['mmdebstrap', '--mode=root', '--variant=apt', '--format=tar', '--dpkgopt=force-unsafe-io',
          '--aptopt=APT::Install-Recommends "false"', '--aptopt=APT::Sandbox::User "root"',
          f'--essential-hook=sync-in {place.LAB}/overlay /', f'--include={",".join(wanted)}',
          f'--customize-hook={masks}chroot "$1" systemctl -q enable {" ".join(ENABLED)}',
          '--customize-hook=chroot "$1" passwd -q -d root; : >"$1/etc/machine-id"; mkdir -p "$1/boot/efi"',
          '--customize-hook=rm -rf "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/* "$1"/usr/share/locale "$1"/usr/share/doc',
          SUITE, folder / 'tree.tar', f'deb [trusted=yes] copy:{repository} ./'], log, is_root=True, TMPDIR=scratch)
    for path in (repository, scratch):
        place.remove(path)


def _make_disk(folder, log):
    """The root file system first: mkfs.ext4 wipes what stands before its offset. Then the table, then the ESP laid in."""
    disk, esp, scratch = folder / 'disk.raw', folder / 'esp.raw', folder / 'scratch'
    first = FIRST_MIB + ESP_MIB
    with open(disk, 'wb') as file:
        file.truncate((first + ROOT_MIB + 1) << 20)
    scratch.mkdir()
    script = ('set -e; tar -xf "$1" -C "$2" --numeric-owner --exclude="./dev/*"\n'
              'mkfs.ext4 -q -F -L lab-root -d "$2" -E "offset=$4,nodiscard,lazy_itable_init=1" "$3" "$5"m; rm -rf "$2"')
    _run(['sh', '-c', script, 'sh', folder / 'tree.tar', scratch, disk, first << 20, ROOT_MIB], log, is_root=True)
    table = (f'label: gpt\nstart={FIRST_MIB * SECTORS_PER_MIB}, size={ESP_MIB * SECTORS_PER_MIB}, type=uefi, name=esp\n'
             f'start={first * SECTORS_PER_MIB}, size={ROOT_MIB * SECTORS_PER_MIB}, type=linux, name=root\n')
    done = subprocess.run(['/sbin/sfdisk', '--quiet', '--wipe=never', disk], input=table, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise LabError(f'sfdisk failed with status {done.returncode}\n{done.stdout}')
    with open(esp, 'wb') as file:
        file.truncate(ESP_MIB << 20)
    _run(['mkfs.vfat', '-F', '32', '-n', 'LAB-ESP', esp], log)
    _run(['dd', f'if={esp}', f'of={disk}', 'bs=1M', f'seek={FIRST_MIB}', 'conv=notrunc,sparse'], log)
    esp.unlink()


def _take_boot(folder):
    """Kernel and initramfs out of the tree; the kernel's name tells its release."""
    boot = folder / 'boot'
    boot.mkdir()
    with tarfile.open(folder / 'tree.tar') as tar:
        for member in tar:
            name = member.name.removeprefix('./')
            for prefix in ('boot/vmlinuz-', 'boot/initrd.img-'):
                if name.startswith(prefix):
                    release = name.removeprefix(prefix)
                    (boot / prefix[5:].rstrip('-')).write_bytes(tar.extractfile(member).read())
    if not (boot / 'vmlinuz').exists() or not (boot / 'initrd.img').exists():
        raise LabError(f'{folder}: the tree has no kernel or no initramfs')
    (boot / 'release').write_text(release)


def build(system='grub'):
    """The folder of the image, made where it is not there yet. A build that was cut off begins anew."""
    target = place.BUILD / f'image-{system}-{recipe_key(system)}'
    with place.lock(f'image-{system}'):
        if target.exists():
            (target / 'used').touch()
            return target
        place.tidy()
        place.need_program('mmdebstrap', package='mmdebstrap')
        place.need_program('mkfs.ext4', 'mkfs.vfat', 'sfdisk', package='e2fsprogs dosfstools fdisk')
        place.need_space(place.BUILD, 6000, 'building an image')
        _need_apart()
        log = place.BUILD / f'image-{system}.log'
        log.unlink(missing_ok=True)
        with place.making(target) as part:
            with place.step(f'installing Debian with {system} into a tree', 90):
                _make_tree(system, part, log)
            with place.step('making a disk of the tree', 30):
                _make_disk(part, log)
                _take_boot(part)
    return target
