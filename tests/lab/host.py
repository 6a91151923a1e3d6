"""An emulated host: started, spoken to through its root shell, cut off, started again.

    with Host(Kind('intel'), payload, folder) as host:
        host.start()
        print(host.output('pcilend groups'))

The folder of a run has all that it leaves: command, console.log, qemu.log, the overlay of its disk. It goes when all went well.
"""

import base64
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from . import archive, emulator, image, offered, place, smallest, tables
from .emulator import Deadline, Emulator
from .place import LabError

BOOT_SECONDS = {'smallest': 180, 'quick': 600, 'full': 900}
SCRIPT_LINE_BYTES = 16384     # of base64 in one line to the root shell; the kernel's terminal buffers hold four times that
# no_timer_check: on a machine that has other work the kernel sees too few ticks of an emulated timer while it counts them, and panics
# ("timer doesn't work through Interrupt-remapped IO-APIC", seen in the lab). Source: Documentation/admin-guide/kernel-parameters.txt.
COMMON_PARAMETERS = ['console=ttyS0', 'panic=1', 'quiet', 'loglevel=4', 'no_timer_check']
FIRMWARE = Path('/usr/share/OVMF')     # Source: Debian's package ovmf: OVMF_CODE_4M.fd, OVMF_VARS_4M.fd.
PAYLOAD_DISK = '/dev/disk/by-id/ata-QEMU_DVD-ROM_lab-payload'


def firmware():
    """The files of the UEFI firmware: its code, and variables as they are when nothing was written yet."""
    files = [FIRMWARE / name for name in ('OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd')]
    for file in files:
        if not file.exists():
            raise LabError(f'{file} is not there: no UEFI firmware for the emulated host\ninstall it: apt-get install ovmf')
    return files


class Result:
    def __init__(self, status, stdout, stderr):
        self.status, self.stdout, self.stderr = status, stdout, stderr

    @property
    def text(self):
        return self.stdout.decode(errors='surrogateescape')

    @property
    def errors(self):
        return self.stderr.decode(errors='surrogateescape')


def first_line(script):
    """What a script is called in messages."""
    return (script.strip().splitlines() or [''])[0][:80]


class Host:
    def __init__(self, kind, payload, folder, accel=None, is_disk_safe=False, has_console=False):
        self.kind, self.payload, self.folder = kind, payload, Path(folder)
        self.is_disk_safe, self.has_console = is_disk_safe, has_console
        self.image = image.build(kind.system)
        self.accel = accel or emulator.accelerator(self.image / 'boot' / 'vmlinuz')[0]
        self.emulator, self.serial, self.boot_id = None, 0, None
        self.console_seen = 0     # bytes of its log that belong to boots that are known
        self.base = self.image / 'disk.raw'
        self.extra_parameters, self.is_kept = [], False    # is_kept: its folder stays, for somebody to look into

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    # Starting and ending

    @property
    def disk(self):
        return self.folder / 'disk.qcow2'

    def _make_overlay(self, base, form):
        if not self.disk.exists():
            place.need_program('qemu-img', package='qemu-utils')
            done = subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', base, '-F', form, self.disk],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                raise LabError(f'{self.disk}: no overlay on {base}: {done.stdout.strip()}')

    def _parameters(self):
        return [*COMMON_PARAMETERS, *self.kind.parameters, *self.extra_parameters]

    def _direct_boot(self):
        """Kernel and initramfs given by QEMU. Archives may follow each other; the kernel looks for tables in the first ones."""
        initramfs, early = self.folder / 'initramfs', self.folder / 'tables.cpio'
        first = [early] if early.exists() else []
        if self.kind.size == 'smallest':
            parts = [*first, smallest.build(self.image), self.payload.cpio]
            more = [] if self.kind.loads_modules else ['lab.modules=none']
        else:
            parts = [*first, self.image / 'boot' / 'initrd.img']
            more = ['root=/dev/disk/by-label/lab-root', 'ro']
        with open(initramfs, 'wb') as file:
            for part in parts:
                data = part.read_bytes()
                file.write(data.ljust(-(-len(data) // 512) * 512, b'\0'))
        return ['-kernel', self.image / 'boot' / 'vmlinuz', '-initrd', initramfs,
                '-append', ' '.join([*self._parameters(), *more, *(['lab.console'] if self.has_console else [])])]

    def _firmware(self):
        code, variables = firmware()
        own = self.folder / 'variables.fd'
        if not own.exists():
            shutil.copyfile(variables, own)
        return ['-drive', f'if=pflash,format=raw,readonly=on,file={code}', '-drive', f'if=pflash,format=raw,file={own}']

    def _payload_disk(self):
        """On the SATA controller that the chipset has anyway, so that the host gets no further PCI function."""
        return ['-drive', f'if=none,id=payload,file={self.payload.disk},format=raw,readonly=on',
                '-device', 'ide-cd,drive=payload,serial=lab-payload,bus=ide.5']

    def _offered_disk(self):
        """Beside it."""
        return ['-drive', f'if=none,id=packages,file={offered.build(self.kind)},format=raw,readonly=on',
                '-device', 'ide-cd,drive=packages,serial=lab-packages,bus=ide.4']

    def _reserve(self):
        """Has the host tell its own DMAR table, adds the reserved regions to it, and hands it to the next boot."""
        table = self.get('/sys/firmware/acpi/tables/DMAR')
        root = archive.Folder(self.folder / 'tables')
        root.write('kernel/firmware/acpi/dmar.aml', tables.with_reserved_regions(table, self.kind.reserved, tables.BASE))
        root.pack_cpio(self.folder / 'tables.cpio', compress=False)
        self.extra_parameters.append(f'memmap={tables.SIZE >> 10}K${tables.BASE:#x}')
        self.cut()

    def start(self, with_firmware=None, is_direct=None, incoming=None, unpacks=True):
        """Starts QEMU and waits for the root shell. The smallest and the quick host are booted directly, the full one by its firmware."""
        is_direct = self.kind.size != 'full' if is_direct is None else is_direct
        with_firmware = self.kind.size == 'full' if with_firmware is None else with_firmware
        place.need_memory(self.kind.memory_mib + 512, f'the emulated host {self.kind.name}')
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.kind.size != 'smallest':
            self._make_overlay(self.base, 'raw' if self.base.suffix == '.raw' else 'qcow2')
        rows = self.kind.arguments(self.folder, self.accel, self.disk, self.is_disk_safe)
        rows += self._firmware() if with_firmware else []
        rows += self._payload_disk() if self.kind.size != 'smallest' else []
        rows += self._offered_disk() if self.kind.packages else []
        rows += self._direct_boot() if is_direct else []
        rows += ['-incoming', f'exec:cat "{incoming}"'] if incoming else []
        log = self.folder / 'console.log'
        self.console_seen = log.stat().st_size if log.exists() else 0
        self.emulator = Emulator(rows, self.folder, self.has_console)
        if incoming:
            self._wait_restored()
        else:
            self.wait_shell()
        if self.kind.reserved and not (self.folder / 'tables.cpio').exists():
            self._reserve()
            return self.start(with_firmware, is_direct)
        if self.kind.size != 'smallest' and unpacks:
            self._unpack()
        for command in self.kind.setup:
            self.output(command)
        return self

    def _wait_restored(self):
        deadline = Deadline(120, 'restoring the saved host', self.emulator.log)
        while self.emulator.ask('query-status')['status'] in ('inmigrate', 'prelaunch'):
            deadline.left()
            time.sleep(0.05)
        if self.emulator.ask('query-status')['status'] != 'running':
            self.emulator.ask('cont')
        self.boot_id = self.output('cat /proc/sys/kernel/random/boot_id').strip().encode()

    def settle(self):
        """Waits until systemd has nothing left to start and udev no device left to look at."""
        self.run('systemctl is-system-running --wait; udevadm settle', seconds=BOOT_SECONDS[self.kind.size])

    def wait_shell(self, seconds=None):
        """Waits for a root shell of a boot that was not seen before."""
        deadline = Deadline(seconds or BOOT_SECONDS[self.kind.size], f'the root shell of the host {self.kind.name}', self.emulator.console_log)
        while True:
            line = self.emulator.shell.read_line(deadline)
            if line is None:
                raise LabError(f'QEMU ended while the host {self.kind.name} booted\nthe logs to read: {self.emulator.console_log}, {self.emulator.log}')
            found = re.search(rb'lab-ready ([0-9a-f-]{36})', line)
            if found and found[1] != self.boot_id:
                self.boot_id = found[1]
                return self._refuse_panic()

    def _refuse_panic(self):
        """A kernel that panicked starts again by itself, so that a shell comes all the same; it is not the boot that was waited for."""
        said = self.emulator.console_log.read_bytes()[self.console_seen:]
        self.console_seen += len(said)
        found = re.search(rb'Kernel panic[^\r\n]*', said)
        if found:
            raise LabError(f'the host {self.kind.name} started only after a panic: {found[0].decode(errors="replace")}\n'
                           f'the log to read: {self.emulator.console_log}')

    def _unpack(self):
        """Read past the page cache: a saved host may have looked at another payload."""
        self.output(f'dd if={PAYLOAD_DISK} iflag=direct bs=1M status=none | tar -x -C / --no-same-owner --keep-directory-symlink', seconds=300)

    def cut(self):
        """The power cut."""
        if self.emulator is not None:
            self.emulator.cut()
            self.emulator = None

    def power_off(self, seconds=180):
        """An orderly end."""
        self.send('systemctl poweroff --no-wall' if self.kind.size != 'smallest' else 'poweroff -f')
        self.emulator.wait_end(seconds)
        self.cut()

    def reboot(self, seconds=None):
        """From the command to the next root shell; the same as a person's."""
        self.send('systemctl reboot --no-wall' if self.kind.size != 'smallest' else 'reboot -f')
        self.wait_shell(seconds)

    def reset(self, seconds=None):
        """The reset button."""
        self.emulator.ask('system_reset')
        self.wait_shell(seconds)

    # The root shell

    def send(self, script):
        """Starts a script without waiting for its end."""
        self.serial += 1
        line = f'{self.serial} {base64.b64encode(script.encode()).decode()}\n'.encode()
        if len(line) > SCRIPT_LINE_BYTES:
            raise LabError(f'a script of {len(script)} bytes is too long for the root shell: put it there as a file')
        self.emulator.shell.send(line, Deadline(60, 'sending to the root shell', self.emulator.console_log))
        return self.serial

    def run(self, script, seconds=120):
        """Runs a script of sh as root; gives its Result whatever the status."""
        serial = self.send(script)
        what = f'"{first_line(script)}" in the host {self.kind.name}'
        deadline = Deadline(seconds, what, self.emulator.console_log)
        rows = None
        while True:
            line = self.emulator.shell.read_line(deadline)
            if line is None:
                raise LabError(f'{what}: the host ended\nthe log to read: {self.emulator.console_log}')
            words = line.split()
            if words[:2] == [b'lab-begin', str(serial).encode()]:
                rows = [int(words[2])]
            elif words[:2] == [b'lab-end', str(serial).encode()] and rows:
                return Result(rows[0], *(base64.b64decode(row) for row in rows[1:3]))
            elif words[:1] == [b'lab-ready']:
                raise LabError(f'{what}: the host rebooted meanwhile\nthe log to read: {self.emulator.console_log}')
            elif rows is not None:
                rows.append(line)

    def output(self, script, seconds=120):
        """Standard output as text; raises where the status is not 0."""
        result = self.run(script, seconds)
        if result.status != 0:
            raise LabError(f'"{first_line(script)}" in the host {self.kind.name}: status {result.status}\n{result.errors[-2000:]}{result.text[-2000:]}\n'
                           f'the log to read: {self.emulator.console_log}')
        return result.text

    def wait_for(self, script, what, seconds=60):
        """Runs the script until its status is 0; gives its output."""
        deadline = Deadline(seconds, f'{what} in the host {self.kind.name}', self.emulator.console_log)
        while (result := self.run(script, deadline.left())).status != 0:
            time.sleep(0.2)
        return result.text

    def put(self, path, data):
        """Writes a file into the host, in pieces; for large ones there is the payload."""
        data = data.encode() if isinstance(data, str) else data
        quoted, piece = shlex.quote(path), SCRIPT_LINE_BYTES // 3
        self.output(f': >{quoted}')
        for at in range(0, len(data), piece):
            self.output(f'echo {base64.b64encode(data[at:at + piece]).decode()} | base64 -d >>{quoted}')

    def get(self, path):
        """The bytes of a file of the host."""
        result = self.run(f'cat {shlex.quote(path)}')
        if result.status != 0:
            raise LabError(f'{path} in the host {self.kind.name}: {result.errors.strip()}')
        return result.stdout
