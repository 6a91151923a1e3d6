"""Which files are opened at all. reads.txt is the reviewed list of names below /sys: nothing there wakes a device."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FORBIDDEN = {'config', 'rom', 'vpd', 'enable', 'current_link_speed', 'current_link_width', 'reset', 'remove', 'rescan'}


def reviewed():
    """{pattern: whether the generated tree has it}"""
    rows = {}
    for line in (HERE / 'reads.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            name, *marks = line.split()
            rows[name] = 'generated' in marks
    return rows


# Where a class's directory really stands; a link in sys/class leads there. The first that fits counts.
REAL_PLACES = [
    (re.compile(r'^sys/devices/.*/input/input\d+(/.*)?$'), 'sys/class/input/NAME'),
    (re.compile(r'^sys/devices/.*/net/[^/]+(/.*)?$'), 'sys/class/net/NAME'),
    (re.compile(r'^sys/devices/.*/drm/card\d+/card[^/]+(/.*)?$'), 'sys/class/drm/NAME'),
    (re.compile(r'^sys/devices/.*/block/[^/]+(?:/[^/]+(?=/(?:dev|slaves|uevent)(?:/|$)))?(/.*)?$'), 'sys/class/block/NAME'),
    (re.compile(r'^sys/devices/.*/nvme\d+(?:c\d+)?n\d+(?:/nvme[^/]+p\d+)?(/.*)?$'), 'sys/class/block/NAME'),
    (re.compile(r'^sys/devices/.*/nvme-subsystem/[^/]+(/.*)?$'), 'sys/class/nvme-subsystem/NAME'),
    (re.compile(r'^sys/devices/.*/usb\d+(?:/[^/]+)*?/\d+-[^/:]+(/[^/]*)?$'), 'sys/bus/usb/devices/NAME'),
    (re.compile(r'^sys/devices/.*/[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7](/[^/]*)?$'), 'sys/bus/pci/devices/PCI'),
    (re.compile(r'^sys/devices/virtual/dmi/id(/.*)?$'), 'sys/class/dmi/id'),
    (re.compile(r'^sys/kernel/iommu_groups/\d+(/.*)?$'), 'sys/kernel/iommu_groups/GROUP'),
    (re.compile(r'^sys/bus/pci/devices/[0-9a-f]{4}[^/]*(/.*)?$'), 'sys/bus/pci/devices/PCI'),
    (re.compile(r'^sys/bus/pci/drivers/[^/]+(/.*)?$'), 'sys/bus/pci/drivers/DRIVER'),
    (re.compile(r'^sys/bus/usb/devices/[^/]+(/.*)?$'), 'sys/bus/usb/devices/NAME'),
    (re.compile(r'^sys/class/(?:block|net|drm|input|nvme-subsystem|vfio-dev)/[^/]+(/.*)?$'), None),
    (re.compile(r'^sys/module/[^/]+(/.*)?$'), 'sys/module/NAME'),
]


def general(path):
    """A path below /sys with what differs from machine to machine as a word: PCI, GROUP, DRIVER, NAME."""
    path = path.strip('/').removesuffix('/.')
    for pattern, place in REAL_PLACES:
        match = pattern.match(path)
        if match:
            place = place or '/'.join(path.split('/')[:3]) + '/NAME'
            return place + (match[1] or '')
    return path


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


def trace(strace, tmp_path, command, run=subprocess.run):
    """Runs the command under strace; 3 and 5 are answers, too."""
    log = tmp_path / 'strace.log'
    traced = [strace, '-f', '-y', '-e', 'trace=file', '-o', log, *command]
    done = run(list(map(str, traced)), **({'capture_output': True, 'timeout': 120} if run is subprocess.run else {}))
    assert done.returncode in (0, 3, 5), done.stderr
    return Opened(log)


def test_record_opens_only_what_was_reviewed(pcilend_plain, need, tmp_path):
    seen = trace(need('strace'), tmp_path, [pcilend_plain.path, 'record', '-']).below_sys()
    assert seen and seen <= set(reviewed()), sorted(seen - set(reviewed()))


def test_record_opens_all_of_it_on_the_generated_tree(pcilend_plain, need, tmp_path, bind_over_sys):
    tree = tmp_path / 'tree' / 'sys'
    subprocess.run([sys.executable, HERE / 'bench' / 'gen-sysfs.py', '--out', tree, '--n', '64'], check=True)
    seen = trace(need('strace'), tmp_path, [pcilend_plain.path, 'record', '-'],
                 lambda command: bind_over_sys(tree, command)).below_sys()
    wanted = {name for name, generated in reviewed().items() if generated}
    assert seen == wanted, (sorted(seen - wanted), sorted(wanted - seen))


def test_nothing_reviewed_wakes_a_device():
    for name in reviewed():
        last = name.rsplit('/', 1)[-1]
        assert last not in FORBIDDEN and not re.fullmatch(r'resource\d.*', last), name


def test_a_recording_opens_only_itself(pcilend_plain, need, tmp_path):
    shutil.copy(HERE.parent / 'data' / 'machines' / 'guide.machine', tmp_path / 'a.machine')
    for command in [['status'], ['check'], ['groups'], ['show', '09:00.0']]:
        opened = trace(need('strace'), tmp_path, [pcilend_plain.path, '--machine', tmp_path / 'a.machine', *command])
        allowed = re.compile(r'/(etc/ld\.so\..*|.*\.so(\.\d+)*|.*/locale.*|.*gconv.*|.*pci\.ids|.*charset\.alias)$')
        others = {path for path in opened.paths if path.startswith('/') and not allowed.match(path)
                  and path not in (str(pcilend_plain.path), str(tmp_path / 'a.machine'))}
        assert not others, others

