"""Which files are opened at all. reads.txt is the reviewed list of names below /sys: nothing there wakes a device."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OPENED = re.compile(r'\b(?:openat2?|open|readlinkat|readlink|newfstatat|stat|lstat|access|faccessat2?|execve|statx)\(([^)]*)')
FORBIDDEN = {'config', 'rom', 'vpd', 'enable', 'current_link_speed', 'current_link_width', 'reset', 'remove', 'rescan'}
PCI_ADDRESS = re.compile(r'^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$')


def reviewed():
    """{pattern: whether the generated tree has it}"""
    rows = {}
    for line in (HERE / 'reads.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            name, *marks = line.split()
            rows[name] = 'generated' in marks
    return rows


def general(path):
    """A path below /sys with what differs from machine to machine as a word: PCI, GROUP, DRIVER, CPU ..."""
    parts = []
    for part in path.strip('/').split('/'):
        above = parts[-1] if parts else ''
        if PCI_ADDRESS.match(part):
            part = 'PCI'
        elif above == 'iommu_groups':
            part = 'GROUP'
        elif above == 'drivers':
            part = 'DRIVER'
        elif len(parts) == 3 and parts[1] in ('class', 'fs') and parts[2] not in ('dmi', 'iommu'):
            part = 'NAME'
        elif len(parts) == 4 and parts[1:4] == ['bus', 'usb', 'devices']:
            part = 'NAME'
        parts.append(part)
    return '/'.join(parts)


class Opened:
    """What strace saw: paths with the directory descriptors put in front."""

    def __init__(self, log):
        self.paths = set()
        for line in log.read_text(errors='replace').splitlines():
            match = re.match(r'^(?:\[pid +\d+\] |\d+ +)?(\w+)\((.*)$', line)
            if not match or match[1] not in ('openat', 'openat2', 'open', 'readlinkat', 'readlink', 'execve', 'access',
                                             'newfstatat', 'statx', 'stat', 'lstat', 'faccessat', 'faccessat2'):
                continue
            # strace -y writes a descriptor as 3</sys/bus>.
            arguments = re.match(r'(?:(AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"((?:[^"\\]|\\.)*)"', match[2])
            if not arguments or (arguments[3] == '' and match[1] != 'openat'):
                continue
            directory, name = arguments[2] or '', arguments[3]
            self.paths.add(name if name.startswith('/') or not directory else f'{directory.rstrip("/")}/{name}')

    def below_sys(self):
        return {general(path) for path in self.paths if path.startswith('/sys/')}


def trace(strace, tmp_path, command, run=None):
    log = tmp_path / 'strace.log'
    traced = [strace, '-f', '-y', '-e', 'trace=file', '-o', log, *command]
    if run is None:
        subprocess.run(list(map(str, traced)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, timeout=120)
    else:
        done = run(traced)
        assert done.returncode == 0, done.stderr
    return Opened(log)


def resolve(names):
    """What was opened through a device's own directory stands under its real path: /sys/devices/.../PCI/x as bus/pci."""
    out = set()
    for name in names:
        if name.startswith('sys/devices/'):
            tail = name.rsplit('/PCI/', 1)
            name = 'sys/bus/pci/devices/PCI/' + tail[1] if len(tail) == 2 else name
        out.add(name)
    return out


def test_record_opens_only_what_was_reviewed(pcilend_plain, need, tmp_path):
    seen = resolve(trace(need('strace'), tmp_path, [pcilend_plain.path, 'record', '-']).below_sys())
    assert seen and seen <= set(reviewed()), sorted(seen - set(reviewed()))


def test_record_opens_all_of_it_on_the_generated_tree(pcilend_plain, need, tmp_path, bind_over_sys):
    tree = tmp_path / 'tree' / 'sys'
    subprocess.run([sys.executable, HERE / 'bench' / 'gen-sysfs.py', '--out', tree, '--n', '64'], check=True)
    seen = resolve(trace(need('strace'), tmp_path, [pcilend_plain.path, 'record', '-'],
                         lambda command: bind_over_sys(tree, command)).below_sys())
    wanted = {name for name, generated in reviewed().items() if generated}
    assert seen == wanted, (sorted(seen - wanted), sorted(wanted - seen))


def test_nothing_reviewed_wakes_a_device():
    for name in reviewed():
        last = name.rsplit('/', 1)[-1]
        assert last not in FORBIDDEN and not re.fullmatch(r'resource\d.*', last), name


def test_a_recording_opens_only_itself(pcilend_plain, need, tmp_path):
    shutil.copy(HERE.parent / 'data' / 'machines' / 'guide.machine', tmp_path / 'a.machine')
    for command in [['status'], ['check'], ['groups'], ['show', '09:00.0']]:
        opened = trace(need('strace'), tmp_path, ['sh', '-c', 'exec "$0" "$@" || true', pcilend_plain.path, '--machine',
                                                  tmp_path / 'a.machine', *command])
        allowed = re.compile(r'/(etc/ld\.so\..*|.*\.so(\.\d+)*|.*/locale.*|.*gconv.*|.*pci\.ids|.*/terminfo/.*|usr/bin/sh|bin/sh|dev/null'
                             r'|proc/sys/.*overcommit.*)$')
        others = {path for path in opened.paths if path.startswith('/') and not allowed.match(path)
                  and path not in (str(pcilend_plain.path), str(tmp_path / 'a.machine'))
                  and not path.startswith(('/usr/lib/', '/lib/', '/lib64/')) and not path.endswith('/sh')}
        assert not others, others

