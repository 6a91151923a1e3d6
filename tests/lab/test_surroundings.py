"""The lab where something is missing, full, broken or killed: a clear word, nothing left behind, and a clean start next time."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from . import emulator, host as host_module, image, kind as kind_module, packages, place
from .emulator import Deadline
from .kind import Kind
from .place import LabError
from .processes import heed_interrupts, wait_until

needs_host = pytest.mark.lab


def lines_of(error):
    """What went wrong, and what to do: a LabError is never without its second line."""
    lines = str(error.value).splitlines()
    assert len(lines) >= 2, lines
    return lines


def processes_with(text):
    """Command lines of the processes that name it, but for this one."""
    found = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            command = path.read_bytes().replace(b'\0', b' ').decode(errors='replace')
        except OSError:
            continue
        if text in command and path.parent.name != str(os.getpid()):
            found.append(command)
    return found


# Something is missing

def test_without_qemu(monkeypatch):
    monkeypatch.setenv('PATH', '/nowhere')
    with pytest.raises(LabError) as error:
        emulator.accelerator('kernel')
    lines = lines_of(error)
    assert lines[0] == 'qemu-system-x86_64 is not installed' and 'apt-get install qemu-system-x86' in lines[1]


def test_without_mmdebstrap(build_folder, monkeypatch):
    monkeypatch.setattr(shutil, 'which', lambda name: None if name == 'mmdebstrap' else f'/usr/bin/{name}')
    with pytest.raises(LabError, match='mmdebstrap is not installed'):
        image.build()
    assert not list(build_folder.glob('image-*/')), 'nothing half is left'


def test_without_firmware(monkeypatch, tmp_path):
    monkeypatch.setattr(host_module, 'FIRMWARE', tmp_path)
    with pytest.raises(LabError) as error:
        host_module.firmware()
    assert 'apt-get install ovmf' in lines_of(error)[1]


def test_a_disk_that_is_too_full(build_folder, monkeypatch):
    monkeypatch.setattr(shutil, 'disk_usage', lambda path: shutil._ntuple_diskusage(10 << 30, 9 << 30, 1 << 30))
    with pytest.raises(LabError) as error:
        image.build()
    lines = lines_of(error)
    assert 'needs 6000 MiB, and 1024 MiB are free' in lines[0] and 'make lab-clean' in lines[1]
    assert not list(build_folder.glob('image-*/'))


def test_too_little_memory():
    with pytest.raises(LabError) as error:
        place.need_memory(1 << 30, 'a host')
    assert re.search(r'a host needs \d+ MiB of memory, and \d+ MiB are available', lines_of(error)[0])


# Kinds

def test_a_kind_that_is_not_there():
    with pytest.raises(LabError) as error:
        Kind('twin')
    assert lines_of(error) == ['there is no kind twin', f'the kinds are: {", ".join(kind_module.names())}']


def test_the_command_line_says_it_without_a_traceback():
    done = subprocess.run([sys.executable, place.LAB / 'run.py', 'shell', 'twin'], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.startswith('lab: there is no kind twin\n') and 'Traceback' not in done.stderr


# Packages

@needs_host
def test_packages_that_are_there_ask_no_network(monkeypatch):
    names = image.names('grub')
    packages.fetch(names)
    monkeypatch.setattr(packages, '_apt', lambda *words, **more: pytest.fail('apt was asked'))
    assert len(packages.fetch(names)) > 200


# Interrupted, and two at once

def test_the_second_of_two_waits_and_says_for_whom(build_folder, capsys):
    with place.lock('image-x'):
        second = subprocess.Popen([sys.executable, '-c', 'import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\n'
                                   'from lab import place\nwith place.lock("image-x", Path(sys.argv[2])):\n    print("mine")',
                                   place.LAB.parent, build_folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert second.stderr.readline() == f'lab: image-x is being made by process {os.getpid()}: waiting for it\n'
        assert second.poll() is None
    assert second.communicate(timeout=60)[0] == 'mine\n'


@needs_host
@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_host_ends_with_who_started_it(how):
    shell = subprocess.Popen([sys.executable, place.LAB / 'run.py', 'shell', 'one-card'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=heed_interrupts)
    folder = str(place.RUNS / f'shell-one-card-{shell.pid}')
    wait_until(lambda: any(command.startswith(emulator.QEMU) for command in processes_with(folder)))
    os.kill(shell.pid, how)
    said, _ = shell.communicate(timeout=60)
    wait_until(lambda: not processes_with(folder), 30)
    if how == signal.SIGINT:
        assert 'lab: interrupted; nothing is left running' in said
    if how != signal.SIGKILL:
        assert not Path(folder).exists() and 'Traceback' not in said
    shutil.rmtree(folder, ignore_errors=True)


# A host that goes wrong

@pytest.fixture(scope='module')
def host(running):
    return running('one-card')


@needs_host
def test_what_a_host_says_comes_byte_for_byte(host):
    done = host.run('head -c 1000000 /usr/lib/lab-init /usr/bin/busybox | md5sum; head -c 300000 /usr/bin/busybox')
    direct = host.get('/usr/bin/busybox')
    assert done.stdout.endswith(direct[:300000]) and done.status == 0
    host.put('/tmp/odd name', bytes(range(256)) * 300)
    assert host.get('/tmp/odd name') == bytes(range(256)) * 300


@needs_host
def test_status_and_errors_of_a_command(host):
    done = host.run('echo out; echo err >&2; exit 7')
    assert (done.status, done.stdout, done.stderr) == (7, b'out\n', b'err\n')
    with pytest.raises(LabError) as error:
        host.output('ls /nowhere')
    assert 'status' in lines_of(error)[0] and str(host.emulator.console_log) in str(error.value)


@needs_host
def test_a_script_that_is_too_long_is_refused(host):
    with pytest.raises(LabError, match='too long for the root shell'):
        host.run('#' * 20000)


@needs_host
def test_reset_and_reboot_are_new_boots(host):
    seen = {host.boot_id}
    host.reset()
    seen.add(host.boot_id)
    host.reboot()
    seen.add(host.boot_id)
    assert len(seen) == 3 and host.output('cat /proc/sys/kernel/random/boot_id').encode().strip() in seen


@needs_host
def test_two_hosts_of_one_kind_at_once(host, new_host):
    with new_host('one-card', '-second') as second:
        second.start()
        assert second.output('cat /proc/sys/kernel/random/boot_id') != host.output('cat /proc/sys/kernel/random/boot_id')


@needs_host
def test_a_command_that_never_ends(new_host):
    with new_host('one-card', '-stuck') as stuck:
        stuck.start()
        with pytest.raises(LabError) as error:
            stuck.run('sleep 1000', seconds=2)
        assert '"sleep 1000" in the host one-card: not within 2 s' in lines_of(error)[0] and 'console.log' in lines_of(error)[1]


@needs_host
def test_an_emulator_that_dies(new_host):
    with new_host('one-card', '-dead') as dead:
        dead.start()
        dead.emulator.process.kill()
        with pytest.raises(LabError, match='the host ended') as error:
            dead.run('true')
        assert 'console.log' in str(error.value)


@needs_host
def test_a_kernel_that_panics_is_seen_in_the_log_that_is_named(new_host, monkeypatch):
    monkeypatch.setitem(host_module.BOOT_SECONDS, 'smallest', 20)
    with new_host('one-card', '-panic') as host:
        host.extra_parameters.append('rdinit=/nonsense')
        with pytest.raises(LabError) as error:
            host.start()
        log = host.emulator.console_log
        assert f'the log to read: {log}' in str(error.value) and b'Kernel panic' in log.read_bytes()


@needs_host
def test_a_device_that_qemu_does_not_have(new_host):
    with new_host('one-card', '-odd') as host:
        host.kind.devices.append('flux-capacitor')
        with pytest.raises(LabError) as error:
            host.start()
        assert 'QEMU ended with status 1' in lines_of(error)[0] and 'flux-capacitor' in str(error.value)


def test_a_deadline_names_what_and_where():
    deadline = Deadline(0, 'the answer', 'some.log')
    with pytest.raises(LabError, match='the answer: not within 0 s\nthe log to read: some.log'):
        deadline.left()


# Tidying

def test_what_was_not_used_for_long_goes(build_folder):
    for name, age_days in [('image-grub-1', 30), ('image-grub-2', 0), ('state-quick-3', 30), ('full-grub-4', 1), ('other', 30)]:
        (build_folder / name).mkdir(parents=True)
        (build_folder / name / 'used').touch()
        os.utime(build_folder / name / 'used', times=(time.time() - age_days * 86400,) * 2)
    place.tidy()
    assert sorted(path.name for path in build_folder.iterdir()) == ['full-grub-4', 'image-grub-2', 'other']
    place.clean()
    assert not build_folder.exists()
