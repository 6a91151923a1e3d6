"""src/change: steps carried out and taken back on trees, by a program that is killed, starved and torn at every point.

After whatever happened, `undo` or a second `apply` gives the old state or the new one, whole: bytes, mode, owner, times of
files, extended attributes. How many points were tried is printed (pytest -rP).
"""

import os
import re
import resource
import shutil
import stat
import subprocess

import builds
import pytest

JOURNALS = 'var/lib/pcilend'
# What changes something on a disk, and what is looked at before. Source: the calls of src/base/writer*.c.
CALLS = 'openat,openat2,write,pwrite64,fsync,renameat,renameat2,unlinkat,mkdirat,fchmod,fchown,utimensat,fsetxattr,ftruncate,flock'
OLD_TIME = 1_500_000_000_123_456_789
STEPS = [
    dict(kind='file', path='etc/app.conf', old=b'one\n', new=b'two\nthree\n', why='a file with an owner of its own'),
    dict(kind='file', path='etc/new/deep/vfio.conf', new=b'options vfio-pci ids=1002:731f\n', why='a file in directories that are not there'),
    dict(kind='file', path='etc/modprobe.d/old.conf', old=b'blacklist x\n', why='a file that goes'),
    dict(kind='program', argv=['/usr/sbin/mkimage', 'boot/image', 'boot/extra'], writes=['boot/image', 'boot/extra'], why='images'),
    dict(kind='file', path='etc/empty', old=b'', new=b'x', why='an empty file'),
]
VALUES = [
    dict(kind='sysfs', path='sys/bus/pci/devices/0000:09:00.0/driver_override', old=b'(null)\n', new=b'vfio-pci\n', why='a value'),
    dict(kind='efivar', path='BootNext-8be4df61-93ca-11d2-aa0d-00e098032b8c', new=b'\x07\0\0\0\x01\0', why='one that is not there'),
]


@pytest.fixture(scope='module')
def program():
    """As the user gets it: a leak check stands in the way of strace."""
    return builds.build('build-gcc') / 'tests' / 'change' / 'carry_out'


@pytest.fixture(scope='module')
def checked_program():
    return builds.build('build-test') / 'tests' / 'change' / 'carry_out'


def snapshot(folder):
    """All of a tree but the journals and the times of directories."""
    found = {}
    for path in sorted(folder.rglob('*')):
        name = str(path.relative_to(folder))
        if name == 'var' or name.startswith('var/'):
            continue
        status = path.lstat()
        is_file = stat.S_ISREG(status.st_mode)
        found[name] = (status.st_mode, status.st_uid, status.st_gid, path.read_bytes() if is_file else None,
                       status.st_mtime_ns if is_file else None,
                       {key: os.getxattr(path, key) for key in os.listxattr(path)} if is_file else None)
    return found


def contents(folder):
    return {name: row[3] for name, row in snapshot(folder).items()}


def values_in(folder):
    """Without what the table of values, which is files, leaves beside them when it is killed."""
    return {name: content for name, content in contents(folder).items() if not name.endswith('.pcilend')}


class Case:
    """A tree, its values, and the steps for them, in a folder of its own."""

    def __init__(self, folder, steps):
        self.folder, self.tree, self.values, self.steps = folder, folder / 'tree', folder / 'values', folder / 'steps'
        for path in (self.tree / 'etc/modprobe.d', self.tree / 'boot', self.tree / 'var/lib', self.values, self.steps):
            path.mkdir(parents=True)
        (self.tree / 'boot/image').write_bytes(b'image\0' * 700)
        (self.tree / 'etc/other').write_text('not ours\n')
        for number, step in enumerate(steps, 1):
            self.write(number, step)
        app = self.tree / 'etc/app.conf'
        if app.exists():
            app.chmod(0o640)
            if os.geteuid() == 0:
                os.chown(app, 3, 4)
            try:
                os.setxattr(app, 'user.note', b'kept')
            except OSError:
                pass    # a file system without them
        for path in self.tree.rglob('*'):
            if path.is_file():
                os.utime(path, ns=(OLD_TIME, OLD_TIME))
        self.old = self.state()

    def write(self, number, step):
        for key, value in step.items():
            data = value if isinstance(value, bytes) else ('\n'.join(value) if isinstance(value, list) else value).encode()
            (self.steps / f'{number}.{key}').write_bytes(data)
        if 'old' in step:
            place = self.tree / step['path'] if step['kind'] == 'file' else self.values / step['path'].replace('/', '+')
            place.write_bytes(step['old'])

    def state(self):
        return snapshot(self.tree), values_in(self.values)

    def copy(self, name):
        """The same case elsewhere, as it was at first."""
        other = object.__new__(Case)
        other.__dict__ = dict(self.__dict__, folder=self.folder.parent / name)
        shutil.rmtree(other.folder, ignore_errors=True)
        subprocess.run(['cp', '-a', self.folder, other.folder], check=True)
        other.tree, other.values, other.steps = other.folder / 'tree', other.folder / 'values', other.folder / 'steps'
        return other

    def arguments(self, action):
        return {'apply': ['apply', self.tree, self.steps, self.values], 'undo': ['undo', self.tree, self.values],
                'rebuild': ['undo', self.tree, self.values, 'rebuild'],
                'packages': ['undo', self.tree, self.values, 'packages']}[action]

    def run(self, program, action, before=(), **options):
        return subprocess.run([*before, program, *self.arguments(action)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=60, env=dict(os.environ, LC_ALL='C'), **options)


@pytest.fixture(scope='module')
def case(tmp_path_factory):
    return Case(tmp_path_factory.mktemp('change') / 'pristine', [*STEPS, *VALUES])


@pytest.fixture(scope='module')
def files_case(tmp_path_factory):
    return Case(tmp_path_factory.mktemp('files') / 'pristine', STEPS)


@pytest.fixture(scope='module')
def applied(case, program):
    """What the case is when all went well."""
    done = case.copy('applied')
    assert done.run(program, 'apply').returncode == 0
    return contents(done.tree), values_in(done.values)


def is_applied(case, applied):
    return (contents(case.tree), values_in(case.values)) == applied


def test_what_is_applied_is_what_was_asked_and_undone_it_is_as_before(case, checked_program):
    one = case.copy('plain')
    done = one.run(checked_program, 'apply')
    assert (done.returncode, done.stdout) == (0, 'applied 1\n'), done.stdout + done.stderr
    tree, values = one.state()
    assert tree['etc/app.conf'][3] == b'two\nthree\n'
    assert tree['etc/app.conf'][:3] == case.old[0]['etc/app.conf'][:3] and tree['etc/app.conf'][5] == case.old[0]['etc/app.conf'][5]
    assert tree['etc/new/deep/vfio.conf'][3] == STEPS[1]['new'] and stat.S_IMODE(tree['etc/new/deep/vfio.conf'][0]) == 0o644
    assert 'etc/modprobe.d/old.conf' not in tree and tree['boot/extra'][3] == b'built by /usr/sbin/mkimage\n'
    assert b'vfio-pci\n' in [row[3] for row in snapshot(one.values).values()] and len(values) == 2
    assert not list(one.tree.rglob('.*.pcilend'))
    assert one.run(checked_program, 'undo').returncode == 0
    assert one.state() == case.old
    again = one.run(checked_program, 'undo')
    assert again.returncode == 2 and 'nothing to take back' in again.stdout


def test_applied_twice_it_changes_nothing(case, checked_program):
    one = case.copy('twice')
    one.run(checked_program, 'apply')
    before = one.state()
    done = one.run(checked_program, 'apply')
    assert (done.returncode, done.stdout) == (0, 'applied 1\n') and one.state() == before


def test_a_file_that_was_edited_meanwhile_stops_it_before_anything(case, checked_program):
    one = case.copy('edited')
    (one.tree / 'etc/empty').write_text('somebody was here\n')
    before = one.state()
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and '/etc/empty: it is not what it was' in done.stdout and 'plan again' in done.stdout
    assert one.state() == before


@pytest.mark.parametrize('what', ['etc/app.conf', 'etc/new/deep/vfio.conf', 'etc/modprobe.d/old.conf', 'boot/image', 'boot/extra'])
def test_what_somebody_else_changed_since_is_never_overwritten(case, checked_program, what):
    one = case.copy('other')
    one.run(checked_program, 'apply')
    (one.tree / what).write_text('mine\n')
    before = one.state()
    done = one.run(checked_program, 'undo')
    assert done.returncode == 1 and f'/{what}' in done.stdout and 'nothing was taken back' in done.stdout
    assert one.state() == before


def test_an_image_that_an_update_made_anew_is_made_again_from_the_old_files(case, checked_program):
    """An old image does not fit a new kernel: the program runs over the files of before, and what stood there is kept."""
    one = case.copy('updated')
    one.run(checked_program, 'apply')
    (one.tree / 'boot/image').write_text('of a newer kernel\n')
    refused = one.run(checked_program, 'undo')
    assert refused.returncode == 1 and 'pcilend undo --rebuild 1' in refused.stdout
    done = one.run(checked_program, 'rebuild')
    assert done.returncode == 0, done.stdout
    assert (one.tree / 'boot/image').read_text() == 'built by /usr/sbin/mkimage\n'
    assert (one.tree / JOURNALS / '1/found/4.1').read_text() == 'of a newer kernel\n'
    old = {name: row for name, row in one.old[0].items() if not name.startswith('boot/')}
    assert {name: row for name, row in snapshot(one.tree).items() if not name.startswith('boot/')} == old
    assert 'reverted' in (one.tree / JOURNALS / '1/log').read_text()


def test_an_image_whose_kernel_was_removed_is_not_made_again(tmp_path, checked_program):
    """Nor is the entry of that kernel put back; those of the others are."""
    second = dict(STEPS[3], argv=['/usr/sbin/mkimage', 'boot/second'], writes=['boot/second'])
    one = Case(tmp_path / 'removed', [STEPS[0], STEPS[3], second])
    (one.tree / 'boot/second').write_text('of another kernel\n')
    one.run(checked_program, 'apply')
    for name in ['boot/image', 'boot/extra', STEPS[0]['path']]:
        (one.tree / name).unlink()
    refused = one.run(checked_program, 'undo')
    assert refused.returncode == 1 and 'pcilend undo --rebuild 1' in refused.stdout
    done = one.run(checked_program, 'rebuild')
    assert done.returncode == 0, done.stdout
    assert not (one.tree / 'boot/image').exists() and not (one.tree / STEPS[0]['path']).exists()
    assert set(one.old[0]) - set(snapshot(one.tree)) == {name for name in one.old[0] if name in ('boot/image', 'boot/extra', STEPS[0]['path'])}


def test_where_nothing_is_there_a_file_system_is_not_mounted(case, checked_program):
    """That is no removed kernel, and nothing is called undone."""
    one = case.copy('unmounted')
    one.run(checked_program, 'apply')
    (one.tree / 'boot').rename(one.tree / 'elsewhere')
    (one.tree / 'boot').mkdir()
    done = one.run(checked_program, 'rebuild')
    assert done.returncode == 4 and 'mount what it lies on' in done.stdout
    assert 'reverted' not in (one.tree / JOURNALS / '1/log').read_text()


def test_killed_while_images_are_made_again_it_goes_on_and_keeps_what_was_found(case, program, need):
    """At each write: whatever was done by then, a second --rebuild ends it, and what was found stays what it was."""
    need('strace')
    one = case.copy('updated twice')
    one.run(program, 'apply')
    (one.tree / 'boot/image').write_text('of a newer kernel\n')
    tried = 0
    for number in range(1, 400):
        again = one.copy('updated killed')
        done = again.run(program, 'rebuild', before=['strace', '-f', '-o', '/dev/null', '-e', 'trace=renameat', '-e', f'inject=renameat:signal=KILL:when={number}'])
        if done.returncode == 0:
            break
        tried += 1
        assert again.run(program, 'rebuild').returncode == 0
        assert (again.tree / 'boot/image').read_text() == 'built by /usr/sbin/mkimage\n'
        assert (again.tree / JOURNALS / '1/found/4.1').read_text() == 'of a newer kernel\n'
        assert {name: row for name, row in snapshot(again.tree).items() if not name.startswith('boot/')} \
            == {name: row for name, row in one.old[0].items() if not name.startswith('boot/')}
    print(f'{tried} renames')
    assert tried > 10


def test_a_file_of_a_person_is_not_made_anew(case, checked_program):
    one = case.copy('person')
    one.run(checked_program, 'apply')
    (one.tree / 'etc/app.conf').write_text('mine\n')
    before = one.state()
    done = one.run(checked_program, 'rebuild')
    assert done.returncode == 1 and '/etc/app.conf' in done.stdout and one.state() == before


def test_a_program_that_ends_well_and_writes_nothing_is_a_failure(tmp_path, checked_program):
    one = Case(tmp_path / 'nothing', [STEPS[0], dict(STEPS[3], argv=['/usr/sbin/mkimage', 'nothing', 'boot/image', 'boot/extra'])])
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'ended well and wrote nothing' in done.stdout and 'all is as it was before' in done.stdout
    assert one.state() == one.old


def test_what_a_program_left_half_written_goes_with_its_failure(tmp_path, checked_program):
    """update-initramfs writes IMAGE.new first: stopped there, it leaves it."""
    program = dict(STEPS[3], writes=['boot/image', 'boot/image.new'])
    one = Case(tmp_path / 'stopped', [STEPS[0], dict(program, argv=['/usr/sbin/mkimage', 'boot/image.new', 'fail'])])
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'all is as it was before' in done.stdout and one.state() == one.old
    whole = Case(tmp_path / 'whole', [dict(program, argv=['/usr/sbin/mkimage', 'boot/image'])])
    done = whole.run(checked_program, 'apply')
    assert done.returncode == 0 and (whole.tree / 'boot/image').read_text().startswith('built by')
    assert whole.run(checked_program, 'undo').returncode == 0 and whole.state() == whole.old


# What is done for the host: packages, services, groups

PACKAGES = dict(kind='program', argv=['/usr/bin/apt-get', 'usr/bin/virsh', 'usr/bin/swtpm'], writes=['usr/bin/virsh', 'usr/bin/swtpm'],
                undo=['/usr/bin/dpkg', 'remove', 'usr/bin/virsh', 'usr/bin/swtpm'], leave='packages', why='packages')
GROUP = dict(kind='program', argv=['/usr/bin/gpasswd', 'etc/group'], writes=['etc/group'], undo=['/usr/bin/gpasswd', 'remove', 'etc/group'],
             leave='on-failure', why='a group')


def host_case(folder, *steps):
    one = Case(folder, [*steps, STEPS[0]])
    (one.tree / 'usr/bin').mkdir(parents=True)
    one.old = one.state()
    return one


def test_packages_stay_and_undo_says_which(tmp_path, checked_program):
    """Behind it all is as before but they; with packages they go, also behind an undo that left them, and only once."""
    one = host_case(tmp_path / 'packages', PACKAGES, GROUP)
    assert one.run(checked_program, 'apply').returncode == 0
    done = one.run(checked_program, 'undo')
    assert done.returncode == 0 and 'the packages stay installed; by hand: /usr/bin/dpkg remove usr/bin/virsh usr/bin/swtpm' in done.stdout
    assert set(snapshot(one.tree)) - set(one.old[0]) == {'usr/bin/virsh', 'usr/bin/swtpm'}
    again = one.run(checked_program, 'undo')
    assert again.returncode == 2 and 'nothing to take back' in again.stdout
    done = one.run(checked_program, 'packages')
    assert (done.returncode, done.stdout) == (0, '') and one.state() == one.old
    assert one.run(checked_program, 'packages').returncode == 2
    log = (one.tree / JOURNALS / '1/log').read_text()
    assert 'kept 1\n' in log and log.endswith('undone 1\nreverted\n')


def test_packages_go_at_once_where_that_is_wanted(tmp_path, checked_program):
    one = host_case(tmp_path / 'packages', PACKAGES, GROUP)
    one.run(checked_program, 'apply')
    done = one.run(checked_program, 'packages')
    assert (done.returncode, done.stdout) == (0, '') and one.state() == one.old


def test_packages_that_cannot_be_removed_are_an_error_and_all_else_is_back(tmp_path, checked_program):
    """Another package needs them by now, perhaps. It can be tried again."""
    one = host_case(tmp_path / 'needed', dict(PACKAGES, undo=['/usr/bin/dpkg', 'fail']), GROUP)
    one.run(checked_program, 'apply')
    done = one.run(checked_program, 'packages')
    assert done.returncode == 4 and 'pcilend undo --packages 1' in done.stdout and 'what /usr/bin/dpkg' not in done.stdout
    assert set(snapshot(one.tree)) - set(one.old[0]) == {'usr/bin/virsh', 'usr/bin/swtpm'}
    assert one.run(checked_program, 'undo').returncode == 2      # nothing stands in the way of the next change
    steps = one.tree / JOURNALS / '1/steps'
    steps.write_text(steps.read_text().replace('undo 1 fail\n', 'undo 1 remove\nundo 1 usr/bin/virsh\nundo 1 usr/bin/swtpm\n'))
    assert one.run(checked_program, 'packages').returncode == 0 and one.state() == one.old


def test_a_service_that_cannot_be_taken_back_is_named_and_stands_in_no_way(tmp_path, checked_program):
    """Its package is gone: `systemctl disable` fails, and the files of the boot are what matters."""
    one = host_case(tmp_path / 'service', dict(GROUP, undo=['/usr/bin/systemctl', 'fail']))
    one.run(checked_program, 'apply')
    done = one.run(checked_program, 'undo')
    assert done.returncode == 0 and 'by hand: /usr/bin/systemctl fail' in done.stdout
    assert set(snapshot(one.tree)) - set(one.old[0]) == {'etc/group'}
    (one.tree / 'etc/group').unlink()
    assert one.run(checked_program, 'apply').stdout == 'applied 2\n'


def test_a_service_that_fails_and_cannot_be_taken_back_changes_nothing(tmp_path, checked_program):
    """virsh on a network that is not there: neither switched on nor off."""
    one = host_case(tmp_path / 'network', dict(GROUP, argv=['/usr/bin/virsh', 'fail'], undo=['/usr/bin/virsh', 'fail'], writes=[]))
    (one.steps / '1.writes').unlink()
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'all is as it was before' in done.stdout and one.state() == one.old


def test_a_group_that_fails_is_not_taken_back(tmp_path, checked_program):
    """Whoever was a member before stays one."""
    one = host_case(tmp_path / 'group', dict(GROUP, argv=['/usr/bin/gpasswd', 'fail'], undo=['/usr/bin/gpasswd', 'etc/wrong']))
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and one.state() == one.old


def test_a_package_manager_that_fails_and_installed_nothing_changes_nothing(tmp_path, checked_program):
    one = host_case(tmp_path / 'offline', dict(PACKAGES, argv=['/usr/bin/apt-get', 'fail']), GROUP)
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'all is as it was before' in done.stdout and one.state() == one.old
    assert 'with --no-packages it is left to you' in done.stdout
    assert one.run(checked_program, 'packages').returncode == 2


def test_a_package_manager_that_fails_half_way_is_not_called_unchanged(tmp_path, checked_program):
    one = host_case(tmp_path / 'half', dict(PACKAGES, argv=['/usr/bin/apt-get', 'usr/bin/virsh', 'fail']), GROUP)
    done = one.run(checked_program, 'apply')
    assert done.returncode == 4 and 'pcilend undo --packages 1' in done.stdout and 'usr/bin/virsh' in done.stdout
    assert set(snapshot(one.tree)) - set(one.old[0]) == {'usr/bin/virsh'}
    assert one.run(checked_program, 'packages').returncode == 0 and one.state() == one.old


def test_packages_stay_where_a_later_step_fails_and_that_is_said(tmp_path, checked_program):
    one = host_case(tmp_path / 'later', PACKAGES, GROUP, dict(STEPS[3], argv=['/usr/sbin/mkimage', 'boot/image', 'fail']))
    done = one.run(checked_program, 'apply')
    assert done.returncode == 4 and 'what was done for the host by then stays' in done.stdout
    assert 'pcilend undo --packages 1' in done.stdout
    assert set(snapshot(one.tree)) - set(one.old[0]) == {'usr/bin/virsh', 'usr/bin/swtpm'}
    # The next plan has no step for packages.
    (one.steps / '1.kind').rename(one.steps / 'kind')
    assert one.run(checked_program, 'packages').returncode == 0 and one.state() == one.old


def test_packages_that_came_without_a_file_of_theirs_are_a_failure(tmp_path, checked_program):
    one = host_case(tmp_path / 'nothing', dict(PACKAGES, argv=['/usr/bin/apt-get', 'nothing']))
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'ended well and wrote nothing' in done.stdout and one.state() == one.old


def test_without_room_for_what_is_replaced_nothing_is_begun(case, checked_program, tmp_path):
    """A file system that has no room for a second image beside the first."""
    if os.geteuid() != 0:
        pytest.skip('mounting needs root')
    one = case.copy('small')
    script = f'''
        mount -t tmpfs -o size=1m none {one.tree}/boot || exit 99
        head -c 700000 /dev/zero >{one.tree}/boot/image
        "$@" || status=$?
        ls -A {one.tree}/boot
        exit $status'''
    done = one.run(checked_program, 'apply', before=['unshare', '-m', 'sh', '-c', script, 'sh'])
    if done.returncode == 99:
        pytest.skip('this process may not mount anything')
    assert done.returncode == 1 and 'MiB free' in done.stdout and 'nothing was changed' in done.stdout, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == 'image' and one.state() == one.old


def test_a_link_in_the_place_of_a_file_is_not_followed(case, checked_program, tmp_path):
    one = case.copy('link')
    outside = tmp_path / 'outside'
    outside.write_text('one\n')
    (one.tree / 'etc/app.conf').unlink()
    (one.tree / 'etc/app.conf').symlink_to(outside)
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and '/etc/app.conf' in done.stdout and outside.read_text() == 'one\n'


def test_a_directory_that_is_a_link_leads_nowhere_outside(case, checked_program, tmp_path):
    one = case.copy('linked')
    shutil.rmtree(one.tree / 'etc')
    (tmp_path / 'etc').mkdir()
    (tmp_path / 'etc/app.conf').write_text('one\n')
    (one.tree / 'etc').symlink_to(tmp_path / 'etc')
    assert one.run(checked_program, 'apply').returncode == 1
    assert (tmp_path / 'etc/app.conf').read_text() == 'one\n' and len(list((tmp_path / 'etc').iterdir())) == 1


def test_a_program_that_fails_takes_all_before_it_back(case, checked_program):
    one = case.copy('failing')
    (one.steps / '4.argv').write_text('/usr/sbin/mkimage\nboot/image\nfail')
    done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'all is as it was before' in done.stdout
    assert one.state() == case.old


def test_other_steps_wait_for_what_was_begun(case, program, need):
    one = case.copy('begun')
    points = points_of(case.copy('count'), program, 'apply', need('strace'))
    kill_at(one, program, 'apply', points[-40], need('strace'))
    (one.steps / '1.new').write_text('something else\n')
    done = one.run(program, 'apply')
    assert done.returncode == 1 and 'did not end' in done.stdout and 'pcilend undo 1' in done.stdout


def test_two_at_once_and_the_second_says_who(case, checked_program):
    one = case.copy('locked')
    folder = one.tree / JOURNALS
    folder.mkdir(mode=0o700)
    with open(folder / 'lock', 'w+') as lock:
        import fcntl
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write('4711\n')
        lock.flush()
        done = one.run(checked_program, 'apply')
    assert done.returncode == 1 and 'process 4711' in done.stdout
    assert one.state() == case.old


def test_a_journal_that_makes_no_sense_is_named_with_its_line(case, checked_program):
    one = case.copy('nonsense')
    one.run(checked_program, 'apply')
    log = one.tree / JOURNALS / '1/log'
    log.write_text(log.read_text() + 'dance 3\n')
    done = one.run(checked_program, 'undo')
    assert done.returncode == 1 and re.search(r'1/log:\d+: this is no journal', done.stdout)


def test_the_line_that_was_being_written_does_not_count(case, checked_program):
    one = case.copy('cut')
    one.run(checked_program, 'apply')
    log = one.tree / JOURNALS / '1/log'
    log.write_text(log.read_text() + 'undon')
    assert one.run(checked_program, 'undo').returncode == 0
    assert one.state() == case.old and 'undon\n' not in log.read_text()


# Killed, starved and torn

def strace(one, program, action, inject, need_strace):
    """Runs the program with something done to it; gives it and its trace."""
    trace = one.folder / 'trace'
    done = one.run(program, action, before=[need_strace, '-qq', '-o', trace, '-y', '-e', f'trace={CALLS}',
                                            *(['-e', f'inject={inject}'] if inject else [])])
    return done, trace.read_text()


def kill_at(one, program, action, point, need_strace):
    call, n = point
    done, _ = strace(one, program, action, f'{call}:signal=KILL:when={n}', need_strace)
    assert done.returncode != 0, f'not killed at {point}'


def points_of(one, program, action, need_strace):
    """Every call that it makes: [('write', 1), ('fsync', 1), ('write', 2), ...]. strace counts each call by its name."""
    done, trace = strace(one, program, action, None, need_strace)
    assert done.returncode == 0
    seen, points = {}, []
    for call in re.findall(r'^(\w+)\(', trace, re.MULTILINE):
        seen[call] = seen.get(call, 0) + 1
        points.append((call, seen[call]))
    return points


def recover_both_ways(one, program, pristine, applied, what):
    """The copy as it was left: taken back it is the old state; applied again it is the new one."""
    back = one.copy('back')
    done = back.run(program, 'undo')
    # Where nothing was begun there is nothing to take back.
    assert done.returncode in (0, 2), f'{what}: {done.stdout}'
    assert back.state() == pristine.old, f'{what}: not all was taken back'
    again = one.copy('again')
    done = again.run(program, 'apply')
    if done.returncode == 1 and 'pcilend undo' in done.stdout:
        assert again.run(program, 'undo').returncode == 0, what
        done = again.run(program, 'apply')
    assert done.returncode == 0, f'{what}: {done.stdout}'
    assert is_applied(again, applied), f'{what}: applied again it is not what was asked'
    assert again.run(program, 'undo').returncode == 0 and again.state() == pristine.old, what


@pytest.mark.slow
def test_killed_at_each_call_of_apply(case, program, applied, need):
    points = points_of(case.copy('count'), program, 'apply', need('strace'))
    assert len(points) > 150
    for point in points:
        one = case.copy('killed')
        kill_at(one, program, 'apply', point, need('strace'))
        recover_both_ways(one, program, case, applied, f'killed at {point}')
    print(f'apply killed at {len(points)} points')


@pytest.mark.slow
def test_killed_at_each_call_of_undo(case, program, applied, need):
    done_case = case.copy('done')
    assert done_case.run(program, 'apply').returncode == 0
    points = points_of(done_case.copy('count'), program, 'undo', need('strace'))
    for point in points:
        one = done_case.copy('killed')
        kill_at(one, program, 'undo', point, need('strace'))
        done = one.run(program, 'undo')
        assert done.returncode in (0, 2) and one.state() == case.old, f'killed at {point}: {done.stdout}'
    print(f'undo killed at {len(points)} points')


@pytest.mark.slow
@pytest.mark.parametrize('error', ['ENOSPC', 'EIO'])
def test_a_disk_that_fails_at_each_call(case, program, applied, need, error):
    seen = {}
    points = points_of(case.copy('count'), program, 'apply', need('strace'))
    for call, n in points:
        one = case.copy('starved')
        done, _ = strace(one, program, 'apply', f'{call}:error={error}:when={n}', need('strace'))
        seen[done.returncode] = seen.get(done.returncode, 0) + 1
        what = f'{error} at {call} {n}: {done.returncode} {done.stdout}'
        if done.returncode == 0:
            assert is_applied(one, applied), what
        elif done.returncode == 1:
            assert one.state() == case.old, what
        else:
            assert done.returncode == 4 and 'pcilend undo 1' in done.stdout, what
        assert one.run(program, 'undo').returncode in (0, 2) and one.state() == case.old, what
    assert seen.get(1, 0) > len(points) / 2
    print(f'{error} at {len(points)} points: {seen}')


@pytest.mark.slow
def test_a_write_cut_short_at_each_byte(files_case, program):
    """RLIMIT_FSIZE tears a write in the middle and kills. Source: man 2 setrlimit, RLIMIT_FSIZE."""
    sizes = list(range(0, 500, 7)) + [4199, 4200]
    for size in sizes:
        one = files_case.copy('torn')
        one.run(program, 'apply', preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        done = one.run(program, 'undo')
        assert done.returncode in (0, 2) and one.state() == files_case.old, f'torn at {size} bytes: {done.stdout}'
    print(f'writes torn at {len(sizes)} sizes')


def test_each_file_is_synced_before_it_has_its_name_and_its_directory_after(case, program, need):
    """And the journal says that a step begins before the step does."""
    one = case.copy('order')
    _, trace = strace(one, program, 'apply', None, need('strace'))
    calls = [line for line in trace.splitlines() if ' = 0' in line or re.match(r'write', line)]
    renames = 0
    for at, line in enumerate(calls):
        found = re.match(r'renameat\(\d+<(.+?)>, "(.+?)", \d+<.+?>, "(.+?)"\)', line)
        if not found:
            continue
        renames += 1
        folder, beside, name = found[1], found[2], found[3]
        last = next(call for call in reversed(calls[:at]) if f'<{folder}/{beside}' in call)
        assert last.startswith('fsync('), f'{name}: {last} came last before the rename'
        assert calls[at + 1].startswith('fsync(') and f'<{folder}>' in calls[at + 1], f'{name}: {calls[at + 1]} came after the rename'
        if name == 'app.conf':
            before = [call for call in calls[:at] if '"begin 1' in call]
            assert before, 'the journal did not say that step 1 begins'
    assert renames > 20


# undo.sh, without pcilend

@pytest.fixture(params=['busybox sh', 'dash', 'bash --posix'])
def shell(request, need):
    words = request.param.split()
    need(words[0])
    return words


def run_undo_script(one, shell, where='outside'):
    script = one.tree / JOURNALS / '1/undo.sh'
    return subprocess.run([*shell, script, *([one.tree] if where == 'outside' else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def test_undo_script_puts_everything_back(files_case, checked_program, shell):
    one = files_case.copy('script')
    one.run(checked_program, 'apply')
    done = run_undo_script(one, shell)
    assert done.returncode == 0, done.stderr
    old, new = files_case.old[0], snapshot(one.tree)
    # busybox's cp knows no extended attributes.
    cut = 4 if shell[0] == 'busybox' else 6
    assert {name: row[:cut] for name, row in new.items()} == {name: row[:cut] for name, row in old.items()}
    assert run_undo_script(one, shell).stdout == 'undo.sh: it was taken back already\n'
    assert one.run(checked_program, 'undo').returncode == 2    # pcilend knows it, too


def test_undo_script_touches_nothing_that_somebody_else_changed(files_case, checked_program, shell):
    one = files_case.copy('script')
    one.run(checked_program, 'apply')
    (one.tree / 'etc/app.conf').write_text('mine\n')
    before = one.state()
    done = run_undo_script(one, shell)
    assert done.returncode == 1 and 'etc/app.conf was changed by somebody else' in done.stderr and 'nothing was touched' in done.stderr
    assert one.state() == before


def test_undo_script_leaves_what_is_the_hosts(tmp_path, checked_program, shell):
    """In a rescue shell no package is removed and no service switched off: that is no failure, and it is named."""
    one = host_case(tmp_path / 'script', PACKAGES, GROUP)
    one.run(checked_program, 'apply')
    done = run_undo_script(one, shell)
    assert done.returncode == 0 and '/usr/bin/dpkg remove usr/bin/virsh usr/bin/swtpm' in done.stdout, done.stderr
    assert contents(one.tree)['etc/app.conf'] == one.old[0]['etc/app.conf'][3]
    assert one.run(checked_program, 'undo').returncode == 2
    assert one.run(checked_program, 'packages').returncode == 0 and contents(one.tree) == {name: row[3] for name, row in one.old[0].items()}


def test_undo_script_names_what_only_the_system_itself_can_do(case, checked_program, shell):
    one = case.copy('script')
    one.run(checked_program, 'apply')
    done = run_undo_script(one, shell)
    assert done.returncode == 4 and 'driver_override is put back by pcilend undo' in done.stderr
    assert contents(one.tree) == {name: row[3] for name, row in case.old[0].items()}
    assert one.run(checked_program, 'undo').returncode == 0 and one.state()[1] == case.old[1]


@pytest.mark.slow
def test_undo_script_after_apply_was_killed_at_each_call(files_case, program, need):
    need('busybox')
    points = points_of(files_case.copy('count'), program, 'apply', need('strace'))
    for point in points:
        one = files_case.copy('killed')
        kill_at(one, program, 'apply', point, need('strace'))
        if (one.tree / JOURNALS / '1/undo.sh').exists():
            done = run_undo_script(one, ['busybox', 'sh'])
            assert done.returncode == 0, f'killed at {point}: {done.stderr}'
        else:
            one.run(program, 'undo')
        assert contents(one.tree) == {name: row[3] for name, row in files_case.old[0].items()}, f'killed at {point}'
    print(f'undo.sh after {len(points)} points')
