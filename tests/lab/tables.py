"""ACPI tables that a host gets instead of the emulator's own: a DMAR with memory that the firmware reserves for devices.

Source: Intel Virtualization Technology for Directed I/O, section 8.1 (DMAR), 8.3.1 (device scope), 8.4 (RMRR); ACPI
specification, section 5.2.6 (header); the kernel's Documentation/admin-guide/acpi/initrd_table_override.rst (a table of a
higher OEM revision in an uncompressed archive before the initramfs replaces the firmware's).
"""

import struct

BASE, SIZE = 0x10000000, 0x10000     # the kernel is told by memmap= that this memory is reserved, as a firmware would
RMRR, PCI_ENDPOINT = 1, 1


def _scope(path):
    """A device scope entry for a path such as "03.0/00.0", from the root bus."""
    steps = [tuple(int(part, 16) for part in step.split('.')) for step in path.split('/')]
    data = b''.join(struct.pack('BB', *step) for step in steps)
    return struct.pack('<BBHBB', PCI_ENDPOINT, 6 + len(data), 0, 0, 0) + data


def with_reserved_regions(dmar, paths, base):
    """The table with one reserved region for each path, all over the same memory."""
    rows = b''
    for path in paths:
        scope = _scope(path)
        rows += struct.pack('<HHHHQQ', RMRR, 24 + len(scope), 0, 0, base, base + SIZE - 1) + scope
    table = bytearray(dmar + rows)
    revision = struct.unpack_from('<I', table, 24)[0]
    struct.pack_into('<I', table, 4, len(table))
    struct.pack_into('<I', table, 24, revision + 1)
    table[9] = 0
    table[9] = -sum(table) & 0xff
    return bytes(table)
