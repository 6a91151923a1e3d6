"""What the lab is made of, against bad input and bad surroundings: each way to fail has its words, and leaves nothing behind.

What a whole build or host does there is in test_surroundings.py.
"""

import errno
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from . import archive, emulator, image, kind as kind_module, packages, place
from .emulator import Deadline, Line
from .host import first_line
from .kind import Kind
from .place import LabError
from .processes import heed_interrupts, is_gone, wait_until

needs_host = pytest.mark.lab


def text_of(error):
    """The text of a LabError, which always has a line that says what to do or where to look."""
    assert len(str(error.value).splitlines()) >= 2, error.value
    return str(error.value)


def write_program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\n{text}\n')
    path.chmod(0o755)


# KVM

@pytest.fixture
def kvm(tmp_path, monkeypatch, build_folder):
    """A /dev/kvm that can be opened, and behind which all goes well."""
    monkeypatch.delenv('LAB_ACCEL', raising=False)
    monkeypatch.setattr(emulator, 'KVM', tmp_path / 'kvm')
    monkeypatch.setattr(emulator, '_kvm_runs', lambda kernel: True)
    monkeypatch.setattr(emulator, '_nests', lambda: True)
    monkeypatch.setattr(place, 'need_program', lambda *names, package: None)
    (tmp_path / 'kvm').touch()
    return tmp_path / 'kvm'


def test_kvm_that_runs_is_used(kvm):
    assert emulator.accelerator('kernel') == ('kvm', 'KVM runs here, with guests inside guests')


def test_a_machine_without_kvm(kvm):
    kvm.unlink()
    assert emulator.accelerator('kernel') == ('tcg', f'there is no {kvm}, so the host is emulated')


def test_a_node_without_a_module(kvm):
    kvm.unlink()
    with socket.socket(socket.AF_UNIX) as end:     # opening it gives ENXIO, like a device node that nothing stands behind
        end.bind(str(kvm))
    assert emulator.accelerator('kernel') == ('tcg', f'{kvm} cannot be opened: no such device or address, so the host is emulated')


def test_kvm_that_runs_nothing_is_asked_once(kvm, monkeypatch):
    monkeypatch.setattr(emulator, '_kvm_runs', lambda kernel: False)
    said = 'tcg', 'KVM does not run a kernel here, so the host is emulated'
    assert emulator.accelerator('kernel') == said
    monkeypatch.setattr(emulator, '_kvm_runs', lambda kernel: pytest.fail('asked twice'))
    assert emulator.accelerator('kernel') == said


def test_kvm_that_does_not_nest(kvm, monkeypatch):
    monkeypatch.setattr(emulator, '_nests', lambda: False)
    assert emulator.accelerator('kernel') == ('tcg', 'KVM does not nest here, so the host is emulated')


def test_no_right_to_use_kvm(kvm, monkeypatch):
    def refuse(path, flags, mode=0o777, open=os.open, **more):
        if path == kvm:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return open(path, flags, mode, **more)
    monkeypatch.setattr(os, 'open', refuse)
    assert emulator.accelerator('kernel') == ('tcg', f'{kvm} cannot be opened: permission denied, so the host is emulated')


@pytest.mark.parametrize('left', ['', 'x', 'x\ny\nz', 'x runs'])
def test_an_answer_about_kvm_that_was_cut_off_is_asked_for_again(kvm, build_folder, monkeypatch, left):
    monkeypatch.setattr(emulator, '_kvm_runs', lambda kernel: False)
    build_folder.mkdir()
    (build_folder / 'accelerator').write_text(left)
    assert emulator.accelerator('kernel') == ('tcg', 'KVM does not run a kernel here, so the host is emulated')
    assert [path.name for path in build_folder.iterdir()] == ['accelerator'], 'nothing half is left'


def test_a_wish_that_can_be_had(kvm, monkeypatch):
    monkeypatch.setattr(emulator, '_nests', lambda: False)
    monkeypatch.setenv('LAB_ACCEL', 'kvm')
    assert emulator.accelerator('kernel') == ('kvm', 'LAB_ACCEL says so')
    monkeypatch.setenv('LAB_ACCEL', 'tcg')
    assert emulator.accelerator('kernel') == ('tcg', 'LAB_ACCEL says so')


def test_a_wish_that_cannot_be_had(kvm, monkeypatch):
    monkeypatch.setenv('LAB_ACCEL', 'kvm')
    monkeypatch.setattr(emulator, '_kvm_runs', lambda kernel: False)
    with pytest.raises(LabError) as error:
        emulator.accelerator('kernel')
    assert text_of(error) == 'LAB_ACCEL=kvm: KVM does not run a kernel here\nunset it, and the host is emulated'
    kvm.unlink()
    with pytest.raises(LabError, match='LAB_ACCEL=kvm: there is no '):
        emulator.accelerator('kernel')


def test_a_wish_that_makes_no_sense(monkeypatch):
    monkeypatch.setenv('LAB_ACCEL', 'xen')
    with pytest.raises(LabError) as error:
        emulator.accelerator('kernel')
    assert text_of(error).startswith('LAB_ACCEL=xen: the lab knows kvm and tcg')


# No root, and no right to what a build needs

@pytest.mark.parametrize('user, words', [(0, 'in a container'), (1001, 'usermod --add-subuids')])
def test_namespaces_that_cannot_be_had(tmp_path, monkeypatch, user, words):
    write_program(tmp_path / 'bin/unshare', 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1')
    for name in ('newuidmap', 'newgidmap'):
        write_program(tmp_path / 'bin' / name, 'exit 0')
    monkeypatch.setenv('PATH', f'{tmp_path}/bin:{os.environ["PATH"]}')
    monkeypatch.setattr(os, 'geteuid', lambda: user)
    with pytest.raises(LabError) as error:
        image._need_apart()
    assert 'unshare failed: Operation not permitted' in text_of(error).splitlines()[0] and words in text_of(error)


def test_an_ordinary_user_without_uidmap(monkeypatch):
    monkeypatch.setattr(os, 'geteuid', lambda: 1001)
    monkeypatch.setattr(shutil, 'which', lambda name: None if name == 'newuidmap' else f'/usr/bin/{name}')
    with pytest.raises(LabError, match='newuidmap is not installed\ninstall it: apt-get install uidmap'):
        image._need_apart()


NOBODY_SCRIPT = '''
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from lab import image, place
place.BUILD = Path(sys.argv[1]) / 'build-lab'
try:
    image.build()
except place.LabError as error:
    print(error)
'''


@needs_host
@pytest.mark.skipif(os.geteuid() != 0, reason='only root can become a user without subordinate ids')
def test_a_user_without_subordinate_ids_is_told_what_is_missing():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(place.LAB, f'{folder}/lab')
        os.chmod(folder, 0o777)
        done = subprocess.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', sys.executable, '-c', NOBODY_SCRIPT, folder],
                              env=dict(os.environ, XDG_CACHE_HOME=f'{folder}/cache', HOME=folder, PYTHONDONTWRITEBYTECODE='1', USER='nobody'),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        assert 'Traceback' not in done.stdout
        assert 'usermod --add-subuids' in done.stdout or 'apt-get install uidmap' in done.stdout, done.stdout
        assert not list(Path(folder).glob('build-lab/image-*/')) and not list(Path(folder).glob('cache/*'))


def test_a_build_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / 'file').touch()
    monkeypatch.setattr(place, 'BUILD', tmp_path / 'file' / 'build-lab')
    with pytest.raises(LabError) as error:
        image.build()
    assert 'Not a directory' in text_of(error) and str(place.BUILD) in text_of(error)
    with pytest.raises(LabError, match='Not a directory'):
        place.need_space(place.BUILD, 1, 'this')


def test_no_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv('PATH', str(tmp_path))
    with pytest.raises(LabError, match='gcc is not installed'):
        archive.compile_static(place.LAB / 'probe.c', tmp_path / 'probe')


# Half-made things

def test_a_disk_that_runs_full_while_something_is_made(build_folder):
    target = build_folder / 'thing-1'
    with pytest.raises(LabError) as error:
        with place.making(target) as part:
            (part / 'large').symlink_to('/dev/full')
            (part / 'large').write_text('x')
    assert 'No space left on device' in text_of(error) and 'there is room' in text_of(error)
    assert list(build_folder.iterdir()) == []
    with place.making(target) as part:
        (part / 'small').write_text('x')
    assert [path.name for path in build_folder.iterdir()] == ['thing-1']


def test_a_program_that_fails_while_something_is_made(build_folder):
    with pytest.raises(LabError) as error:
        with place.making(build_folder / 'thing-1'):
            subprocess.run(['false'], check=True)
    assert text_of(error).startswith('false failed with status 1, making ') and list(build_folder.iterdir()) == []


def test_a_mistake_of_the_lab_keeps_its_traceback(build_folder):
    with pytest.raises(FileNotFoundError):
        with place.making(build_folder / 'thing-1') as part:
            (part / 'nothing').read_text()
    assert list(build_folder.iterdir()) == []


def test_what_is_left_of_a_kill_is_gone_before_the_next_begins(build_folder):
    (build_folder / 'thing-1.part' / 'old').mkdir(parents=True)
    with place.making(build_folder / 'thing-1') as part:
        assert list(part.iterdir()) == []


def test_what_cannot_be_removed_is_named(build_folder, monkeypatch):
    build_folder.mkdir()
    monkeypatch.setattr(shutil, 'rmtree', lambda folder, **more: None)
    with pytest.raises(LabError) as error:
        place.remove(build_folder)
    assert text_of(error).startswith(f'{build_folder} cannot be removed\n')


def test_what_was_cut_off_long_ago_goes(build_folder):
    for name, age_days in [('image-grub-1.part', 3), ('image-grub-2.part', 0), ('image-grub-3', 3)]:
        (build_folder / name).mkdir(parents=True)
        os.utime(build_folder / name, times=(time.time() - age_days * 86400,) * 2)
    place.tidy()
    assert sorted(path.name for path in build_folder.iterdir()) == ['image-grub-2.part', 'image-grub-3']


def test_cleaning_waits_for_who_is_at_work(build_folder):
    with place.lock('image-x'):
        with pytest.raises(LabError) as error:
            place.clean()
    assert f'image-x is being made by process {os.getpid()}' in text_of(error)
    (place.RUNS / f'shell-quick-{os.getpid()}').mkdir(parents=True)
    with pytest.raises(LabError) as error:
        place.clean()
    assert f'process {os.getpid()} has {place.RUNS}/shell-quick-' in text_of(error) and build_folder.exists()
    (place.RUNS / f'shell-quick-{os.getpid()}').rename(place.RUNS / 'shell-quick-0')    # no process has that number
    place.clean()
    assert not build_folder.exists()


PARENT_SCRIPT = '''
import subprocess, sys
sys.path.insert(0, sys.argv[1])
from lab import place
child = subprocess.Popen(['sleep', '1000'], preexec_fn=place.end_with_me())
print(child.pid, flush=True)
child.wait()
'''


def test_what_runs_ends_with_who_was_killed():
    parent = subprocess.Popen([sys.executable, '-c', PARENT_SCRIPT, place.LAB.parent], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert not is_gone(child)
    parent.kill()
    parent.communicate(timeout=60)
    wait_until(lambda: is_gone(child), 30)


BUILD_SCRIPT = '''
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from lab import image, place
place.BUILD = Path(sys.argv[2])
try:
    image.build()
except KeyboardInterrupt:
    print('interrupted')
'''


@needs_host
def test_a_build_keeps_all_that_it_makes_in_one_place(tmp_path):
    """Killed, it leaves no tree of hundreds of megabytes in the folder for temporary files; and the next one begins without what was left."""
    temporary = tmp_path / 'temporary'
    temporary.mkdir()

    def inside():
        return list((tmp_path / 'build-lab').glob('image-grub-*.part/scratch/mmdebstrap.*/usr'))
    left = set()
    for how in (signal.SIGKILL, signal.SIGINT):
        build = subprocess.Popen([sys.executable, '-c', BUILD_SCRIPT, place.LAB.parent, tmp_path / 'build-lab'], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                 preexec_fn=heed_interrupts, env=dict(os.environ, TMPDIR=str(temporary)))
        new = wait_until(lambda: set(inside()) - left)
        assert len(new) == 1 and set(inside()) == new, 'what was left is gone'
        children = [int(word) for word in Path(f'/proc/{build.pid}/task/{build.pid}/children').read_text().split()]
        assert children and not any(map(is_gone, children))
        build.kill() if how == signal.SIGKILL else os.killpg(build.pid, how)
        said, _ = build.communicate(timeout=60)
        wait_until(lambda: all(map(is_gone, children)), 60)
        assert 'Traceback' not in said
        left = set(inside())
        assert bool(left) == (how == signal.SIGKILL)
    assert not list((tmp_path / 'build-lab').glob('image-*/'))
    assert not list(temporary.iterdir())
    assert str(tmp_path) not in Path('/proc/self/mounts').read_text()


# Packages, by the real apt, from a repository of two

@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Where apt gets packages from: lab-thing, which needs lab-base. Removing it is being offline."""
    folder = tmp_path / 'shop'
    debs = []
    for name, more in [('lab-base', 'Essential: yes\n'), ('lab-thing', 'Depends: lab-base\n')]:
        control = tmp_path / name / 'DEBIAN' / 'control'
        control.parent.mkdir(parents=True)
        control.write_text(f'Package: {name}\nVersion: 1:2\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\n{more}Description: x\n')
        subprocess.run(['dpkg-deb', '--build', '--root-owner-group', tmp_path / name, tmp_path / f'{name}_1%3a2_amd64.deb'], check=True,
                       stdout=subprocess.DEVNULL)
        debs.append(tmp_path / f'{name}_1%3a2_amd64.deb')
    packages.write_repository(debs, folder)
    (tmp_path / 'sources').write_text(f'deb [trusted=yes] copy:{folder} ./\n')
    # A % in an address means itself escaped, so the files have plain names there.
    for deb in debs:
        (folder / deb.name).rename(folder / deb.name.replace('%3a', '-'))
    text = (folder / 'Packages').read_text()
    (folder / 'Packages').write_text(text.replace('%3a', '-'))
    (tmp_path / 'apt.conf').write_text(f'Dir::Etc::sourcelist "{tmp_path}/sources";\nDir::Etc::sourceparts "-";\n')
    monkeypatch.setenv('APT_CONFIG', str(tmp_path / 'apt.conf'))
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    return folder


def cached():
    return place.cache_folder() / 'packages'


def digests(paths):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


needs_apt = pytest.mark.skipif(shutil.which('apt-get') is None or shutil.which('dpkg-deb') is None, reason='apt is not installed')


@needs_apt
def test_packages_and_what_they_need_are_fetched_once(shop):
    debs = packages.fetch(['lab-thing'])
    assert packages.versions(debs) == 'lab-base 1:2\nlab-thing 1:2\n'
    shutil.rmtree(shop)
    assert packages.fetch(['lab-thing']) == debs, 'the second time it needs no network'
    with pytest.raises(LabError) as error:
        packages.fetch(['lab-base'])
    assert 'check it with: apt-get update' in text_of(error)


@needs_apt
def test_a_name_that_does_not_exist(shop):
    with pytest.raises(LabError) as error:
        packages.fetch(['lab-thing', 'lab-nonsense'])
    assert 'E: Unable to locate package lab-nonsense' in text_of(error)
    assert not list(cached().glob('sets/*')) and not list(cached().glob('debs/*.deb'))


@needs_apt
@pytest.mark.parametrize('how', ['truncated', 'changed', 'empty', 'gone'])
def test_a_package_that_is_not_what_it_was(shop, how):
    debs = packages.fetch(['lab-thing'])
    right, data = digests(debs), debs[1].read_bytes()

    def harm():
        if how == 'gone':
            debs[1].unlink()
        else:
            debs[1].write_bytes({'truncated': data[:-7], 'changed': data[:-7] + b'\0' * 7, 'empty': b''}[how])
    harm()
    assert digests(packages.fetch(['lab-thing'])) == right, 'fetched again'
    harm()
    shutil.rmtree(shop)
    with pytest.raises(LabError) as error:
        packages.fetch(['lab-thing'])
    assert text_of(error).startswith('the packages of the lab\'s image could not be fetched')


@needs_apt
@pytest.mark.parametrize('left', ['', 'lab-base', 'lab-base x\n', '\0\0\0'])
def test_a_set_that_was_cut_off_is_made_again(shop, left):
    debs = packages.fetch(['lab-thing'])
    found = list(cached().glob('sets/*'))
    found[0].write_text(left)
    assert packages.fetch(['lab-thing']) == debs and len(found[0].read_text().splitlines()) == 2


@needs_apt
def test_a_file_that_is_no_package(tmp_path):
    (tmp_path / 'a_1_amd64.deb').write_text('nonsense')
    with pytest.raises(LabError) as error:
        packages.write_repository([tmp_path / 'a_1_amd64.deb'], tmp_path / 'repository')
    assert 'a_1_amd64.deb is no package: ' in text_of(error) and 'fetched anew' in text_of(error)


# Kinds

RIGHT = 'about = "x"\nsize = "quick"\niommu = "intel"\n'


@pytest.mark.parametrize('text, what', [
    (RIGHT + 'devices = "e1000e"', 'devices is not a list of strings'), (RIGHT + 'devices = [1]', 'devices is not a list of strings'),
    (RIGHT + 'truth = 1', 'truth is not a table'), (RIGHT + 'system = "lilo"', 'unknown system: lilo\nsystem is one of: grub'),
    (RIGHT + 'modules = "all"', 'unknown modules: all'), ('size = ["quick"]', 'size is not a string'), ('', 'about is missing'),
    ('about = "x"', 'size or iommu is missing or unknown: size = ""\nsize is one of: smallest, quick, full'),
    ('about = "x"\nsize = "quick"\niommu = "arm"', 'size or iommu is missing or unknown: iommu = "arm"\niommu is one of: intel, '),
    (RIGHT + 'colour = 1', 'unknown key: colour\nthe keys are: about, '), ('about = "\udcff"', "can't decode byte 0xff"),
])
def test_a_kind_that_makes_no_sense(tmp_path, monkeypatch, text, what):
    monkeypatch.setattr(kind_module, 'KINDS', tmp_path)
    (tmp_path / 'nonsense.toml').write_bytes(text.encode(errors='surrogateescape'))
    with pytest.raises(LabError) as error:
        Kind('nonsense')
    assert text_of(error).startswith(f'{tmp_path}/nonsense.toml: ') and what in text_of(error)


@pytest.mark.parametrize('name', ['../kinds/quick', '', '/etc/passwd', 'quick\n'])
def test_a_name_that_is_none(name):
    with pytest.raises(LabError, match='the kinds are: '):
        Kind(name)


# Speaking to a host

def test_speaking_to_what_has_ended():
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(LabError) as error:
        Line(ours).send(b'x', Deadline(10, 'the answer', 'some.log'))
    assert text_of(error) == 'the answer: QEMU ended\nthe log to read: some.log'


def test_what_a_script_is_called():
    assert [first_line(text) for text in ('', '\n \n', '\n  one\ntwo', 'x' * 200)] == ['', '', 'one', 'x' * 80]


@pytest.fixture(scope='module')
def host(running):
    return running('one-card')


@needs_host
def test_a_megabyte_of_any_bytes(host):
    sum_there = host.output('dd if=/dev/urandom of=/tmp/random bs=1M count=1 2>/dev/null; sha256sum </tmp/random').split()[0]
    data = host.get('/tmp/random')
    assert len(data) == 1 << 20 and hashlib.sha256(data).hexdigest() == sum_there


@needs_host
def test_scripts_of_no_lines_and_of_none_that_ends(host):
    assert host.run('').status == 0
    assert host.run('\n\necho "x').status != 0


@needs_host
def test_the_root_shell_after_a_command_that_took_too_long(host):
    """What it says at last is not taken for the answer to the next."""
    with pytest.raises(LabError, match='not within 1 s'):
        host.run('sleep 3; echo old', seconds=1)
    assert host.output('echo new') == 'new\n'


@needs_host
def test_each_way_to_speak_to_an_emulator_that_died_names_a_log(new_host):
    with new_host('one-card', '-died') as died:
        died.start()
        died.emulator.process.kill()
        died.emulator.process.wait()
        for speak in (lambda: died.run('true'), lambda: died.send('true'), died.reset, died.wait_shell, lambda: died.put('/x', b'1')):
            with pytest.raises(LabError, match='log'):
                speak()
    shutil.rmtree(died.folder)
