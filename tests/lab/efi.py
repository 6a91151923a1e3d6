"""The firmware's variables, as a host shows them in efivarfs."""

import struct
from typing import NamedTuple

from .place import LabError

# Source: UEFI Specification 2.10, 3.3 "Globally Defined Variables"; systemd's Boot Loader Interface.
GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c'
LOADER = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f'

MEDIA, FILE_PATH, END = 4, 4, 0x7f      # Source: UEFI Specification 2.10, 10.3.5 "Media Device Path", 10.3.1


class Entry(NamedTuple):
    number: int
    name: str
    file: str       # '' where the entry names none


def path_of(name, vendor=GLOBAL):
    return f'/sys/firmware/efi/efivars/{name}-{vendor}'


def variable(host, name, vendor=GLOBAL):
    """The bytes of a variable. efivarfs puts its attributes first. Source: Documentation/filesystems/efivarfs.rst."""
    return host.get(path_of(name, vendor))[4:]


def text(host, name, vendor=LOADER):
    """A variable that is a text in UTF-16 with a NUL."""
    return variable(host, name, vendor).decode('utf-16-le').rstrip('\0')


def boot_entry(number, data):
    """Source: UEFI Specification 2.10, 3.1.3 "Load Options": attributes, length of the path, name, path, data of its own."""
    length = struct.unpack_from('<4xH', data)[0]
    at = 6
    while data[at:at + 2] != b'\0\0':
        at += 2
    name, at = data[6:at].decode('utf-16-le'), at + 2
    end, file = at + length, ''
    while at + 4 <= end:
        kind, subtype, size = struct.unpack_from('<BBH', data, at)
        if kind == END or size < 4:
            break
        if (kind, subtype) == (MEDIA, FILE_PATH):
            file = data[at + 4:at + size].decode('utf-16-le').rstrip('\0')
        at += size
    return Entry(number, name, file)


def current(host):
    """The entry that this boot was started from."""
    number = struct.unpack('<H', variable(host, 'BootCurrent'))[0]
    data = variable(host, f'Boot{number:04X}')
    if len(data) < 8:
        raise LabError(f'Boot{number:04X} of the host {host.kind.name} has {len(data)} bytes')
    return boot_entry(number, data)


def is_secure_boot_on(host):
    return variable(host, 'SecureBoot') == b'\1'
