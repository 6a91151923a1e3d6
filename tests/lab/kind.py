"""The kinds of emulated hosts: a file of kinds/ each. Its head says what the host is made of, its [truth] what pcilend has to say of it.

    about       one line
    size        "smallest" (kernel and initramfs only), "quick" (Debian, booted directly), "full" (firmware and boot loader)
    system      which image (image.py), for quick and full; "grub" without
    iommu       "intel", "amd" or "none"
    parameters  for the kernel's command line
    modules     "none" leaves the host's drivers unloaded in the smallest size
    devices     QEMU devices, in the order of QEMU's command line
    drives      names of small disks with a marked first sector, for nvme devices
    networks    names of networks that lead nowhere, for network devices
    root        the device of the disk with the system, where it is not a virtio disk at the root port rp1
    reserved    PCI paths such as "04.0/00.0" (the root port, then what is behind it) for which the firmware reserves memory (RMRR)
    setup       commands that the host runs before it is looked at
    packages    names of packages that the host is offered on a disk (offered.py)

[truth] has the verdict of `pcilend check`, how the IOMMU's line of `status` begins, and findings that concern the whole machine;
[truth.devices."01:00.0"] whether the device is lendable, its companions, and findings that must be there. lends = "card" or "more":
what a guest is given by hand.
"""

import tomllib
from pathlib import Path

from . import image, place
from .place import LabError

KINDS = place.LAB / 'kinds'
KEYS = {'about', 'size', 'system', 'iommu', 'parameters', 'modules', 'devices', 'drives', 'networks', 'root', 'reserved', 'setup', 'packages', 'truth'}
LISTS = {'parameters', 'devices', 'drives', 'networks', 'reserved', 'setup', 'packages'}
IOMMUS = ['intel', 'amd', 'none']
SIZES = {'smallest': (512, 1), 'quick': (3072, 2), 'full': (2048, 2)}    # MiB of memory, CPUs
MARK = b'pcilend lab: the marked sector of '
DRIVE_BYTES = 16 << 20
HOST_SCREEN = 'VGA,bus=pcie.0,addr=0x10'
ROOT_PORT = 'pcie-root-port,id=rp1,chassis=1,slot=1,bus=pcie.0,addr=2'


class Kind:
    def __init__(self, name):
        self.name, self.path = name, KINDS / f'{name}.toml'
        try:
            if '/' in name:
                raise FileNotFoundError
            data = tomllib.loads(self.path.read_text())
        except FileNotFoundError:
            raise LabError(f'there is no kind {name}\nthe kinds are: {", ".join(names())}') from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LabError(f'{self.path}: {error}\nit is TOML: see another file of that folder') from None
        self._check(data)
        self.about, self.size, self.iommu, self.truth = data['about'], data['size'], data['iommu'], data.get('truth', {})
        self.system = data.get('system', 'grub')
        self.loader = self.system.removesuffix('-dracut').removesuffix('-bare')
        self.parameters, self.devices = data.get('parameters', []), data.get('devices', [])
        self.drives, self.networks = data.get('drives', []), data.get('networks', [])
        self.loads_modules = data.get('modules') != 'none'
        self.root = data.get('root', 'virtio-blk-pci,bus=rp1,addr=0')
        self.reserved, self.setup = data.get('reserved', []), data.get('setup', [])
        self.packages = data.get('packages', [])
        self.memory_mib, self.cpus = SIZES[self.size]

    def _check(self, data):
        """Whatever is wrong with a kind is said before anything is built for it."""
        if unknown := sorted(set(data) - KEYS):
            raise LabError(f'{self.path}: unknown key: {", ".join(unknown)}\nthe keys are: {", ".join(sorted(KEYS))}; see {__file__}')
        for key, value in data.items():
            if key == 'truth':
                what, is_so = 'a table', isinstance(value, dict)
            elif key in LISTS:
                what, is_so = 'a list of strings', isinstance(value, list) and all(isinstance(item, str) for item in value)
            else:
                what, is_so = 'a string', isinstance(value, str)
            if not is_so:
                raise LabError(f'{self.path}: {key} is not {what}\nsee the head of {__file__}')
        if 'about' not in data:
            raise LabError(f'{self.path}: about is missing\nit is one line that says what the kind is there for')
        for key, values in (('size', SIZES), ('iommu', IOMMUS)):
            if data.get(key) not in values:
                raise LabError(f'{self.path}: size or iommu is missing or unknown: {key} = "{data.get(key, "")}"\n'
                               f'{key} is one of: {", ".join(values)}')
        for key, values in (('system', image.SYSTEMS), ('modules', ['none'])):
            if key in data and data[key] not in values:
                raise LabError(f'{self.path}: unknown {key}: {data[key]}\n{key} is one of: {", ".join(values)}, or left out')

    @property
    def can_be_saved(self):
        """NVMe and amd-iommu refuse to be saved; ati-vga comes back with an empty configuration space (seen in the lab, QEMU 7.2)."""
        devices = [*self.devices, self.root]
        return self.size == 'quick' and self.iommu != 'amd' and not any(device.startswith(('nvme', 'ati-vga')) for device in devices)

    def arguments(self, folder, accel, disk=None, is_disk_safe=False):
        """QEMU's command line, but for what boots. Makes the small disks in the folder."""
        if accel == 'kvm':
            cpu = ['-machine', 'q35,kernel-irqchip=split', '-accel', 'kvm', '-cpu', 'host']
        else:
            cpu = ['-machine', 'q35', '-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max']
        rows = [*cpu, '-smp', self.cpus, '-m', self.memory_mib, '-nodefaults', '-no-user-config', '-display', 'none']
        if self.iommu != 'none':
            more = ',caching-mode=on' if self.iommu == 'intel' else ''
            rows += ['-device', f'{self.iommu}-iommu,intremap=on{more}']
        if self.size != 'smallest':
            rows += ['-device', ROOT_PORT]
            cache = 'writeback' if is_disk_safe else 'unsafe'
            rows += ['-drive', f'if=none,id=root,file={disk},format=qcow2,cache={cache},discard=unmap']
        for name in self.drives:
            path = Path(folder) / f'{name}.raw'
            if not path.exists():
                mark = MARK + name.encode()
                path.write_bytes(mark.ljust(512, b'\0'))
                with open(path, 'r+b') as file:
                    file.truncate(DRIVE_BYTES)
            rows += ['-drive', f'if=none,id={name},file={path},format=raw,cache=unsafe']
        for name in self.networks:
            rows += ['-netdev', f'user,id={name},restrict=on']
        for device in [HOST_SCREEN, *self.devices]:
            rows += ['-device', device]
        if self.size != 'smallest':
            # With -kernel the kernel itself is boot index 0.
            rows += ['-device', f'{self.root},drive=root,bootindex=1']
        return rows


def names():
    return sorted(path.stem for path in KINDS.glob('*.toml'))
