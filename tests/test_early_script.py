"""data/early.sh: the script that binds by address when an image starts, in the shells of images, on a tree that stands for sysfs.

The script is the one that `plan` prints, with another list, and with paths into the tree in the place of /sys/bus/pci,
/dev/kmsg and /sbin/modprobe. Its `echo` is a function that tells a small program, the kernel here, which file was written.
"""

import re
import subprocess

import pytest
import trees
from builds import ROOT

SHELLS = [['dash'], ['busybox', 'sh'], ['bash', '--posix']]
CARD, SOUND, TWIN, DISK = '0000:09:00.0', '0000:09:00.1', '0000:0a:00.0', '0000:0b:00.0'
# vendor, device, subsystem vendor, subsystem device, class, whether its driver is part of the kernel
MACHINE = {CARD: ('1002', '731f', '1043', '04e8', '030000', None), SOUND: ('1002', 'ab38', '1002', 'ab38', '040300', None),
           TWIN: ('1002', '731f', '1043', '04e8', '030000', None), DISK: ('144d', 'a808', '144d', 'a801', '010802', 'nvme')}
STAYS = '0x1002 0x731f 0x1043 0x04e8 0x03 stay'
LIST = {CARD: '0x1002 0x731f 0x1043 0x04e8 0x03 leave', SOUND: '0x1002 0xab38 0x1002 0xab38 0x04 leave'}

# What the kernel does when a file is written, or vfio-pci loaded. Source: drivers/base/bus.c, unbind_store(), drivers_probe_store();
# drivers/pci/pci-sysfs.c, driver_override_store(), an empty line takes it away; drivers/pci/pci-driver.c, pci_match_device().
KERNEL = r'''#!/usr/bin/python3
import os, sys
from pathlib import Path
pci, log = Path({pci!r}), Path({log!r})
def bind(device):
    driver = pci / 'drivers/vfio-pci'
    if driver.exists() and not (device / 'driver').is_symlink() and (device / 'driver_override').read_text() == 'vfio-pci\n':
        (device / 'driver').symlink_to(driver)
        (driver / device.name).symlink_to(device)
if sys.argv[0].endswith('modprobe'):
    with log.open('a') as file: print('modprobe', *sys.argv[1:], file=file)
    if (pci / 'no-vfio').exists(): sys.exit(1)
    (pci / 'drivers/vfio-pci').mkdir(exist_ok=True)
    for device in sorted((pci / 'devices').iterdir()): bind(device)
    sys.exit(0)
path = Path(os.readlink('/proc/self/fd/1'))
if pci in path.parents:
    with log.open('a') as file: print(path.relative_to(pci), *sys.argv[1:], file=file)
    if path.name == 'driver_override':
        if (path.parent / 'stuck').exists() or path.read_text() == '\n': path.write_text('(null)\n')
    elif path.name == 'unbind':
        (path.parent / sys.argv[1]).unlink()
        (pci / 'devices' / sys.argv[1] / 'driver').unlink()
    elif path.name == 'drivers_probe':
        bind(pci / 'devices' / sys.argv[1])
'''


class Machine:
    def __init__(self, folder):
        self.folder, self.pci, self.log = folder, folder / 'pci', folder / 'log'
        (self.pci / 'drivers').mkdir(parents=True)
        (self.pci / 'drivers_probe').write_text('')
        for address, (*ids, code, driver) in MACHINE.items():
            device = self.pci / 'devices' / address
            device.mkdir(parents=True)
            for name, value in zip(['vendor', 'device', 'subsystem_vendor', 'subsystem_device'], ids, strict=True):
                (device / name).write_text(f'0x{value}\n')
            (device / 'class').write_text(f'0x{code}\n')
            (device / 'driver_override').write_text('(null)\n')
            if driver:
                self.bind(address, driver)
        for name in ['kernel', 'modprobe']:
            (folder / name).write_text(KERNEL.format(pci=str(self.pci), log=str(self.log)))
            (folder / name).chmod(0o755)
        (folder / 'kmsg').write_text('')

    def device(self, address):
        return self.pci / 'devices' / address

    def bind(self, address, driver):
        folder = self.pci / 'drivers' / driver
        folder.mkdir(exist_ok=True)
        (folder / 'unbind').write_text('')
        (folder / address).symlink_to(self.device(address))
        (self.device(address) / 'driver').symlink_to(folder)

    def run(self, shell, script, *arguments):
        text = script
        for path, here in [('/sys/bus/pci', self.pci), ('/dev/kmsg', self.folder / 'kmsg'), ('/sbin/modprobe ', f'{self.folder}/modprobe ')]:
            text = text.replace(path, str(here))
        assert text.startswith('#!/bin/sh\n')
        # `command echo` may not be there in a shell of an image.
        text = text.replace('\n', '\necho() { printf "%s\\n" "$*"; "$KERNEL" "$@"; }\n', 1)
        (self.folder / 'script').write_text(text)
        return subprocess.run([*shell, self.folder / 'script', *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, env={'PATH': '/usr/bin:/bin', 'KERNEL': str(self.folder / 'kernel')})

    def events(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def state(self):
        """{address: (driver, driver_override)}"""
        found = {}
        for device in sorted((self.pci / 'devices').iterdir()):
            driver, override = device / 'driver', device / 'driver_override'
            found[device.name] = (driver.readlink().name if driver.is_symlink() else None,
                                  override.read_text().strip() if override.exists() else None)
        return found


@pytest.fixture(scope='session')
def printed(pcilend, tmp_path_factory):
    """The script of a plan, with one function in its list, and its twin, which stays."""
    tree = trees.make_debian(trees.unpack(ROOT / 'tests/machines/epyc-vfs.machine', tmp_path_factory.mktemp('early') / 'tree'))
    steps = pcilend.json('--root', tree, 'plan', '81:00.0')['steps']
    script, = [step for step in steps if step['path'] == '/etc/initramfs-tools/scripts/init-top/00-pcilend']
    assert script['mode'] == '0755'
    return script['new']


def with_list(printed, functions):
    printed, n = re.subn(r'^    "\$1" 0000:c1:00\.0 .* stay \|\| return 1\n', '', printed, flags=re.MULTILINE)
    assert n == 1
    rows, n = re.subn(r'^    "\$1" 0000:81:00\.0 .*\n', ''.join(f'    "$1" {address} {words} || return 1\n'
                                                              for address, words in functions.items()), printed, flags=re.MULTILINE)
    assert n == 1
    return rows


@pytest.fixture(params=SHELLS, ids=lambda shell: shell[0])
def run(request, printed, need, tmp_path):
    """run(change, functions): the machine behind a run of the script, and what was said."""
    shell = [need(request.param[0]), *request.param[1:]]

    def call(change=None, functions=LIST):
        machine = Machine(tmp_path / 'machine')
        if change is not None:
            change(machine)
        machine.before = machine.state()
        done = machine.run(shell, with_list(printed, functions))
        assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
        machine.said = (machine.folder / 'kmsg').read_text()
        return machine
    return call


VFIO = ('vfio-pci', 'vfio-pci')


def test_both_functions_and_not_the_twin(run):
    machine = run()
    assert machine.state() == {CARD: VFIO, SOUND: VFIO, TWIN: (None, '(null)'), DISK: ('nvme', '(null)')}
    assert machine.events() == [f'devices/{CARD}/driver_override vfio-pci', f'devices/{SOUND}/driver_override vfio-pci', 'modprobe vfio-pci']
    assert machine.said == ''


def write(address, name, text):
    return lambda machine: (machine.device(address) / name).write_text(text)


def remove(address):
    def change(machine):
        for file in machine.device(address).iterdir():
            file.unlink()
        machine.device(address).rmdir()
    return change


@pytest.mark.parametrize('change, words', [
    (write(SOUND, 'vendor', '0x1003\n'), f'{SOUND} is another device now'),
    (write(SOUND, 'device', '0xab39\n'), f'{SOUND} is another device now'),
    (write(CARD, 'subsystem_vendor', '0x1462\n'), f'{CARD} is another device now'),
    (write(CARD, 'subsystem_device', '0x04e9\n'), f'{CARD} is another device now'),
    (write(CARD, 'class', '0x028000\n'), f'{CARD} is another device now'),
    (write(CARD, 'class', '0x010802\n'), f'{CARD} is another device now'),
    (write(CARD, 'class', ''), f'{CARD} is another device now'),
    (lambda machine: (machine.device(CARD) / 'class').unlink(), f'{CARD} is another device now'),
    (lambda machine: (machine.device(SOUND) / 'driver_override').unlink(), f'driver_override of {SOUND}'),
    (write(SOUND, 'driver_override', 'pci-stub\n'), f'driver_override of {SOUND}'),
    (remove(SOUND), f'{SOUND} is another device now'),
], ids=['vendor', 'device', 'subsystem-vendor', 'subsystem', 'class', 'disk', 'class-empty', 'no-class', 'no-override', 'foreign-override', 'gone'])
def test_nothing_is_done_where_one_of_them_is_not_what_it_was(run, change, words):
    machine = run(change)
    assert machine.state() == machine.before and machine.events() == []
    assert words in machine.said


def test_the_controller_of_a_disk_never(run):
    """Whatever the list says: also where the ids are right."""
    machine = run(functions={**LIST, DISK: '0x144d 0xa808 0x144d 0xa801 0x01 unbind'})
    assert machine.state() == machine.before and machine.events() == []
    assert DISK in machine.said


def test_one_that_vfio_pci_has_already_is_left_to_it(run):
    def change(machine):
        machine.bind(CARD, 'vfio-pci')
        write(CARD, 'driver_override', 'vfio-pci\n')(machine)
    machine = run(change)
    assert {machine.state()[function] for function in LIST} == {VFIO}
    assert not any('unbind' in event or 'drivers_probe' in event for event in machine.events())


def test_an_override_that_cannot_be_written(run):
    machine = run(write(SOUND, 'stuck', ''))
    assert machine.state() == machine.before
    assert not any('modprobe' in event for event in machine.events())
    assert 'no device is lent' in machine.said


def test_no_vfio_pci_in_the_image(run):
    machine = run(lambda machine: (machine.pci / 'no-vfio').write_text(''))
    assert machine.state() == machine.before
    assert 'vfio-pci could not be loaded' in machine.said


def test_what_is_like_it_and_stays_is_not_touched(run):
    machine = run(functions={**LIST, TWIN: STAYS})
    assert {machine.state()[function] for function in LIST} == {VFIO} and machine.state()[TWIN] == (None, '(null)')
    assert not any(TWIN in event for event in machine.events())


def test_where_what_stays_is_not_where_it_was_nothing_is_done(run):
    """A device in front of both moved all addresses: the host's card is where the lent one was."""
    machine = run(lambda machine: (machine.device(TWIN) / 'device').write_text('0x1234\n'), functions={**LIST, TWIN: STAYS})
    assert all(state[1] == '(null)' for state in machine.state().values())
    assert f'{TWIN} is another device now' in machine.said


@pytest.mark.parametrize('word, state', [('unbind', VFIO), ('leave', ('snd_hda_intel', 'vfio-pci'))])
def test_a_driver_that_is_part_of_the_kernel(run, word, state):
    functions = {**LIST, SOUND: LIST[SOUND].replace('leave', word)}
    machine = run(lambda machine: machine.bind(SOUND, 'snd_hda_intel'), functions)
    assert machine.state()[SOUND] == state and machine.state()[CARD] == VFIO
    assert ('vfio-pci did not take' in machine.said) is (word == 'leave')
    if word == 'unbind':
        assert machine.events()[-2:] == [f'drivers/snd_hda_intel/unbind {SOUND}', f'drivers_probe {SOUND}']


def test_asked_for_what_comes_before_it_does_nothing(printed, tmp_path):
    machine = Machine(tmp_path / 'machine')
    done = machine.run(['dash'], printed, 'prereqs')
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, '', '') and machine.events() == []
