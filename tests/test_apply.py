"""`apply` and `undo` on trees, as a person uses them. What src/change does when it is killed or starved: test_change.py.

Nothing here changes this machine: the only calls without --root are those that must refuse before anything.
"""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import schema
import trees
from builds import ROOT
from test_change import snapshot
from test_plan import flat

CONF, MODULES, GRUB = 'etc/modprobe.d/vfio.conf', 'etc/initramfs-tools/modules', 'etc/default/grub'
RULES = 'etc/udev/rules.d/79-pcilend.rules'
EARLY = 'etc/initramfs-tools/scripts/init-top/00-pcilend'
SHIPPED = 'options vfio-pci ids=10de:1b80\n'


@pytest.fixture(scope='session')
def debian(tmp_path_factory):
    """debian(PATH) gives the tree of that recording: to be copied, never changed."""
    made = {}

    def make(path):
        if path not in made:
            made[path] = trees.make_debian(trees.unpack(path, tmp_path_factory.mktemp('machines') / path.stem))
            made[path].write('var/lib/dpkg/status', '')
            made[path].mark(MODULES, GRUB)
        return made[path]
    return make


@pytest.fixture
def tree(debian, tmp_path):
    """The guide's."""
    return debian(trees.GUIDE).copy(tmp_path / 'tree')


def lendable(pcilend, tree):
    """The cards of which there is a plan."""
    rows = pcilend.json('--root', tree, 'check', status=None)['devices']
    return [row['device'] for row in rows if row['lendable'] == 'yes'
            and pcilend('--root', tree, 'plan', '--with-companions', row['device'], status=None).returncode == 0]


def journals(tree):
    folder = tree.path(trees.JOURNALS)
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


# There and back

@pytest.mark.parametrize('path', trees.MACHINES, ids=lambda path: path.stem)
def test_there_and_back(pcilend, debian, tmp_path, path):
    """Each card of each machine: applied, nothing is left to change; taken back, all is as it was."""
    pristine = debian(path)
    old = snapshot(pristine.folder)
    cards = lendable(pcilend, pristine)
    if not cards:
        pytest.skip('no card of it can be lent')
    for card in cards:
        tree = pristine.copy(tmp_path / 'tree')
        planned = pcilend.json('--root', tree, 'plan', '--with-companions', card)
        assert snapshot(tree.folder) == old and journals(tree) == []
        done = pcilend('--root', tree, '-y', 'apply', '--with-companions', card)
        files = {step['path'][1:]: step for step in planned['steps'] if step['kind'] == 'file'}
        for name, step in files.items():
            assert tree.path(name).read_text() == step['new']
        new = snapshot(tree.folder)
        assert {name for name, row in new.items() if row != old.get(name)} == set(files) | parents_of(set(files), old)
        for name in set(files) & set(old):
            # Mode, owner and extended attributes are those of before.
            assert (new[name][:3], new[name][5]) == (old[name][:3], old[name][5])
        for step in planned['steps']:
            if step['kind'] == 'program':
                assert f'still to do in the mounted system: {" ".join(step["argv"])}' in flat(done.stdout)
        again = pcilend.json('--root', tree, 'plan', '--with-companions', card)
        assert [step for step in again['steps'] if step['kind'] == 'file'] == []
        assert files
        pcilend('--root', tree, 'undo')
        assert snapshot(tree.folder) == old


def parents_of(names, old):
    """Directories that had to be made for these files."""
    found = set()
    for name in names:
        while '/' in name:
            name = name.rpartition('/')[0]
            if name not in old:
                found.add(name)
    return found


def test_of_every_machine_that_has_a_lendable_card_one_was_tried(pcilend, debian):
    assert sum(1 for path in trees.MACHINES if lendable(pcilend, debian(path))) >= 7


def test_the_answers_are_as_their_schemas_say(pcilend, tree):
    answer = pcilend.json('--root', tree, '-y', 'apply', '09:00.0')
    schema.validate('apply', answer)
    assert answer['change'] == '1' and answer['devices'] == ['0000:09:00.0', '0000:09:00.1'] and answer['reboots'] == 1
    assert answer['by_hand'] == [] and [words.partition(' ')[2] for words in answer['programs_left']] == ['-u -k all']
    answer = pcilend.json('--root', tree, 'undo')
    schema.validate('undo', answer)
    assert answer['change'] == {'id': '1', 'state': 'taken back', 'steps': 3, 'paths': [f'/{CONF}', f'/{MODULES}', f'/{RULES}'], 'kept': []}


def test_what_is_left_to_a_person_is_named_behind_it(pcilend, tree):
    tree.remove('usr/sbin/update-initramfs')
    copy = tree.copy(tree.folder.parent / 'copy')
    answer = pcilend.json('--root', tree, '-y', 'apply', '09:00.0')
    schema.validate('apply', answer)
    assert answer['change'] == '1' and len(answer['by_hand']) == 1 and 'initramfs generator' in answer['by_hand'][0]
    done = pcilend('--root', copy, '-y', 'apply', '--no-trial', '09:00.0')
    assert 'still to do by hand: no initramfs generator' in flat(done.stdout)


def test_what_guests_need_is_named_for_the_mounted_system(pcilend, tree):
    """No program of it is run; what was not done is not taken back."""
    trees.remove_guest_programs(tree)
    old = snapshot(tree.folder)
    answer = pcilend.json('--root', tree, '-y', 'apply', '09:00.0')
    schema.validate('apply', answer)
    assert [words.split()[0].rpartition('/')[2] for words in answer['programs_left']] == ['env', 'virsh', 'update-initramfs']
    answer = pcilend.json('--root', tree, 'undo', '--packages')
    schema.validate('undo', answer)
    assert answer['change']['kept'] == [] and snapshot(tree.folder) == old
    answer = pcilend.json('--root', tree, '-y', 'apply', '--no-packages', '09:00.0')
    assert len(answer['programs_left']) == 1


def test_what_undo_left_is_listed(pcilend, tree):
    """A journal as a running system leaves it: its packages were installed there, and the system is mounted now."""
    trees.remove_guest_programs(tree)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    journal = tree.path(trees.JOURNALS) / '1'
    steps, log = journal / 'steps', journal / 'log'
    steps.write_text(steps.read_text().replace('end\n', 'step 4 program\nargv 4 /usr/bin/apt-get\nundo 4 /usr/bin/dpkg\nundo 4 --remove\n'
                                               'undo 4 ovmf\nleave 4 packages\nwhy 4 guests\nend\n'))
    log.write_text(log.read_text().replace('applied\n', 'begin 4\ndone 4\napplied\n'))
    done = pcilend('--root', tree, 'undo')
    assert 'pcilend undo --packages 1' in flat(done.stdout) and '/usr/bin/dpkg --remove ovmf' in flat(done.stdout)
    answer = pcilend.json('--root', tree, 'undo', '--list')
    schema.validate('undo', answer)
    assert answer['changes'][0]['kept'] == ['/usr/bin/dpkg --remove ovmf'] and answer['changes'][0]['state'] == 'taken back'
    assert 'left: /usr/bin/dpkg --remove ovmf' in flat(pcilend('--root', tree, 'undo', '--list').stdout)
    # No program of a mounted system is run from outside: that is an error here, for it was asked for.
    refused = pcilend('--root', tree, 'undo', '--packages', status=4)
    assert 'chroot DIR /usr/bin/dpkg --remove ovmf' in flat(refused.stderr) or '/usr/bin/dpkg --remove ovmf' in flat(refused.stderr)
    steps.write_text(steps.read_text().replace('leave 4 packages', 'leave 4 sometimes'))
    assert '1/steps:' in pcilend('--root', tree, 'undo', '--list', status=1).stderr


def test_a_plan_does_for_a_machine_that_lacks_other_packages(pcilend, tree, tmp_path):
    """What each lacks is its own; how it boots is the plan's."""
    other = tree.copy(tmp_path / 'other')
    trees.remove_guest_programs(other)
    (tmp_path / 'plan').write_text(pcilend('--root', tree, '--json', 'plan', '09:00.0').stdout)
    answer = pcilend.json('--root', other, '-y', 'apply', '--plan', tmp_path / 'plan')
    assert answer['change'] == '1' and len(answer['programs_left']) == 3


def test_applied_twice_it_changes_nothing(pcilend, tree):
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    before = snapshot(tree.folder)
    done = pcilend('--root', tree, '-y', 'apply', '09:00.0')
    assert 'Nothing had to be changed' in done.stdout and snapshot(tree.folder) == before and journals(tree) == ['1']
    answer = pcilend.json('--root', tree, '-y', 'apply', '09:00.0')
    schema.validate('apply', answer)
    assert answer['change'] is None and journals(tree) == ['1']


def test_programs_that_were_left_are_not_forgotten(pcilend, tree):
    """The files are in place and the images are old: a reboot alone does not lend the card."""
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    for done in [pcilend('--root', tree, 'plan', '09:00.0'), pcilend('--root', tree, '-y', 'apply', '09:00.0')]:
        assert 'update-initramfs -u -k all' in flat(done.stdout) and 'only the reboot is missing' not in flat(done.stdout)


def test_apply_after_undo_is_a_change_of_its_own(pcilend, tree):
    old = snapshot(tree.folder)
    for number in ['1', '2']:
        assert pcilend.json('--root', tree, '-y', 'apply', '09:00.0')['change'] == number
        assert pcilend.json('--root', tree, 'undo')['change']['id'] == number
        assert snapshot(tree.folder) == old


def test_the_first_stage(pcilend, debian, tmp_path):
    tree = debian(ROOT / 'tests/machines/no-iommu.machine').copy(tmp_path / 'tree')
    tree.write('sys/firmware/acpi/tables/DMAR', '')
    tree.replace('proc/cmdline', 'intel_iommu=on', 'intel_iommu=off')
    old = snapshot(tree.folder)
    done = pcilend('--root', tree, '-y', 'apply', '01:00.0')
    assert 'GRUB_CMDLINE_LINUX_DEFAULT="quiet intel_iommu=on"\n' in tree.read(GRUB)
    assert 'still to do in the mounted system: /usr/sbin/update-grub' in flat(done.stdout)
    pcilend('--root', tree, 'undo')
    assert snapshot(tree.folder) == old


def test_a_second_card_after_the_first(pcilend, debian, tmp_path):
    """The newest first: the older change holds files that the newer changed again."""
    tree = debian(ROOT / 'tests/machines/intel-laptop.machine').copy(tmp_path / 'tree')
    states = [snapshot(tree.folder)]
    for card in ['00:02.0', '01:00.0']:
        pcilend('--root', tree, '-y', 'apply', card)
        states.append(snapshot(tree.folder))
    text = tree.read(CONF)
    assert text.count('options vfio-pci') == 1 and '8086:9a60,10de:25a2,10de:2291' in text
    refused = pcilend('--root', tree, 'undo', '1', status=1)
    assert f'/{CONF}' in flat(refused.stderr) and snapshot(tree.folder) == states[2]
    for state in [states[1], states[0]]:
        pcilend('--root', tree, 'undo')
        assert snapshot(tree.folder) == state
    pcilend('--root', tree, 'undo', status=2)


def test_remedies_name_the_root(pcilend, tree, tmp_path):
    """What is to be typed is for the system that the call was for, quoted for a shell."""
    moved = tree.copy(tmp_path / 'a tree')
    command = f"pcilend --root '{moved}'"
    pcilend('--root', moved, '-y', 'apply', '09:00.0')
    assert f'{command} undo --list' in flat(pcilend('--root', moved, 'undo', '7', status=2).stderr)
    assert f'{command} groups' in flat(pcilend('--root', moved, 'check', '1234:5678', status=2).stderr)


# undo --list

def test_the_list(pcilend, tree):
    def rows():
        answer = pcilend.json('--root', tree, 'undo', '--list')
        schema.validate('undo', answer)
        return [(row['id'], row['state'], row['steps'], row['paths']) for row in answer['changes']]
    assert rows() == [] and pcilend('--root', tree, 'undo', '--list').stdout == 'pcilend changed nothing here.\n'
    assert not tree.path(trees.JOURNALS).exists()
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    paths = [f'/{CONF}', f'/{MODULES}', f'/{RULES}']
    assert rows() == [('1', 'applied', 3, paths)]
    assert flat(pcilend('--root', tree, 'undo', '--list').stdout) == f'1 applied, 3 steps: {", ".join(paths)} '
    pcilend('--root', tree, 'undo')
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    assert rows() == [('1', 'taken back', 3, paths), ('2', 'applied', 3, paths)]


def test_what_is_not_there_cannot_be_taken_back(pcilend, tree):
    for arguments in [['undo'], ['undo', '1']]:
        done = pcilend('--root', tree, *arguments, status=2)
        assert 'nothing' in done.stderr
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    before = snapshot(tree.folder)
    for name in ['7', '0', '01', '../1', '', 'lock', '1/../1', '-1x', '18446744073709551617']:
        done = pcilend('--root', tree, 'undo', '--', name, status=2)
        assert snapshot(tree.folder) == before, name
    pcilend('--root', tree, 'undo', '1')
    pcilend('--root', tree, 'undo', '1')    # taken back twice is taken back once


# What somebody else did

@pytest.mark.parametrize('name', [CONF, MODULES])
@pytest.mark.parametrize('how', ['edited', 'gone', 'a link', 'a directory'])
def test_a_file_that_somebody_changed_is_never_overwritten(pcilend, tree, name, how):
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    path = tree.path(name)
    if how == 'edited':
        path.write_text(path.read_text() + '# mine\n')
    else:
        path.unlink()
    if how == 'a link':
        path.symlink_to('/etc/passwd')
    if how == 'a directory':
        path.mkdir()
        (path / 'mine').write_text('mine\n')
    before = snapshot(tree.folder)
    # vfio.conf was not there before: gone again it is as it was.
    status = 0 if (how, name) == ('gone', CONF) else 1
    done = pcilend('--root', tree, 'undo', status=status)
    if status == 1:
        assert f'/{name}' in flat(done.stderr)
        assert snapshot(tree.folder) == before
        answer = json.loads(pcilend('--root', tree, '--json', 'undo', status=1).stdout)
        schema.validate('error', answer)
        assert answer['error']['changed'] == []


def test_a_file_that_was_touched_only_is_put_back(pcilend, tree):
    old = snapshot(tree.folder)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    tree.path(MODULES).touch()
    pcilend('--root', tree, 'undo')
    assert snapshot(tree.folder) == old


class Terminal:
    """pcilend with a terminal for its input and its errors, and what it says there."""

    def __init__(self, program, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([program, *map(str, arguments)], stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True)
        os.close(slave)
        self.said = ''

    def _read(self):
        """Whether there was something to read."""
        try:
            if select.select([self.master], [], [], 0.2)[0]:
                self.said += os.read(self.master, 4096).decode()
                return True
        except OSError:
            pass    # nobody holds the other end any more
        return False

    def wait_for(self, words):
        end = time.monotonic() + 60
        while words not in self.said and time.monotonic() < end:
            self._read()
        assert words in self.said, self.said

    def answer(self, text):
        os.write(self.master, text.encode())

    def end(self):
        stdout, _ = self.process.communicate(timeout=60)
        while self._read():
            pass
        os.close(self.master)
        assert 'Sanitizer' not in self.said, self.said
        return self.process.returncode, stdout


@pytest.mark.parametrize('answer, is_yes', [('y\n', True), ('Y\n', True), ('yes\n', True), ('n\n', False), ('\n', False), ('\x04', False),
                                            ('no\n', False), ('maybe y\n', False)])
def test_a_terminal_is_asked(pcilend, tree, answer, is_yes):
    before = snapshot(tree.folder)
    terminal = Terminal(pcilend.path, '--root', tree, 'apply', '09:00.0')
    terminal.wait_for('[y/N]')
    assert snapshot(tree.folder) == before and journals(tree) == []
    terminal.answer(answer)
    status, stdout = terminal.end()
    assert 'Plan to lend 09:00.0 and 09:00.1' in stdout
    if is_yes:
        assert status == 0 and tree.path(CONF).exists() and 'Done: this is change 1.' in stdout
    else:
        assert status == 1 and 'nothing was changed' in terminal.said and snapshot(tree.folder) == before and journals(tree) == []


@pytest.mark.parametrize('name', [CONF, MODULES])
def test_a_file_that_was_edited_while_it_asked_stops_it(pcilend, tree, name):
    terminal = Terminal(pcilend.path, '--root', tree, 'apply', '09:00.0')
    terminal.wait_for('[y/N]')
    tree.write(name, 'somebody was here\n')
    before = snapshot(tree.folder)
    terminal.answer('y\n')
    status, _ = terminal.end()
    assert status == 1 and f'/{name}: it is not what it was when the plan was made' in flat(terminal.said)
    assert 'plan again' in flat(terminal.said) and snapshot(tree.folder) == before and journals(tree) == []


def test_without_a_terminal_nobody_is_asked(pcilend, tree):
    before = snapshot(tree.folder)
    done = pcilend('--root', tree, 'apply', '09:00.0', status=2, input='y\n')
    assert 'there is no terminal to ask on' in done.stderr and '-y' in done.stderr
    assert snapshot(tree.folder) == before and journals(tree) == []
    answer = json.loads(pcilend('--root', tree, '--json', 'apply', '09:00.0', status=2).stdout)
    schema.validate('error', answer)
    assert snapshot(tree.folder) == before and journals(tree) == []


@pytest.mark.parametrize('change', [None, 'edited', 'gone further'])
def test_a_plan_that_was_written_down(pcilend, tree, tmp_path, change):
    """Carried out while the machine is what it was; where a file changed since, nothing is."""
    (tmp_path / 'plan').write_text(pcilend('--root', tree, '--json', 'plan', '09:00.0').stdout)
    old = snapshot(tree.folder)
    if change == 'edited':
        tree.write(MODULES, trees.MODULES + 'mine\n')
    if change == 'gone further':
        tree.write(CONF, 'options vfio-pci ids=1002:731f,1002:ab38\n')
    before = snapshot(tree.folder)
    done = pcilend('--root', tree, '-y', 'apply', '--plan', tmp_path / 'plan', status=3 if change else 0)
    if change:
        assert snapshot(tree.folder) == before and journals(tree) == []
        assert f'/{MODULES if change == "edited" else CONF}' in flat(done.stderr)
        return
    assert tree.read(CONF).startswith('options vfio-pci ids=1002:731f,1002:ab38\n')
    pcilend('--root', tree, 'undo')
    assert snapshot(tree.folder) == old


# What forbids it

@pytest.mark.parametrize('arguments, status, words', [
    (['apply', '06:00.0'], 3, 'there is no plan to lend'),
    (['apply', '0f:00.0'], 2, 'no such PCI function'),
    (['apply'], 2, 'argument is missing'),
    (['--machine', 'guide', 'apply', '09:00.0'], 2, ''),
])
def test_nothing_is_changed_where_there_is_no_plan(pcilend, tree, arguments, status, words):
    before = snapshot(tree.folder)
    where = [] if '--machine' in arguments else ['--root', tree]
    done = pcilend(*where, '-y', *arguments, status=status)
    assert words in flat(done.stderr) and done.stdout == ''
    assert snapshot(tree.folder) == before and journals(tree) == []


@pytest.mark.parametrize('command', [['apply', '09:00.0'], ['undo'], ['undo', '--list']])
@pytest.mark.parametrize('machine', ['guide', trees.GUIDE])
def test_a_description_is_not_changed(pcilend, command, machine):
    done = pcilend('--machine', machine, '-y', *command, status=2)
    assert f'{command[0]} changes a system' in flat(done.stderr) and '--root DIR' in flat(done.stderr)


def test_functions_of_others_are_not_taken_along_unasked(pcilend, debian, tmp_path):
    tree = debian(ROOT / 'tests/machines/lab-quick.machine').copy(tmp_path / 'tree')
    before = snapshot(tree.folder)
    done = pcilend('--root', tree, '-y', 'apply', '02:00.0', status=3)
    assert '--with-companions' in done.stderr and snapshot(tree.folder) == before
    pcilend('--root', tree, '-y', 'apply', '--with-companions', '02:00.0')
    assert 'ids=1013:00b8,8086:2668' in tree.read(CONF)


@pytest.fixture
def open_folder():
    """A folder that another user may enter: pytest's own is root's alone."""
    folder = Path(tempfile.mkdtemp(prefix='pcilend-test-', dir='/tmp'))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


NOBODY = {'user': 65534, 'group': 65534, 'extra_groups': []}


def as_nobody(open_folder, program):
    """The program where nobody may run it."""
    if os.geteuid() != 0:
        return program, {}
    copy = open_folder / 'pcilend'
    shutil.copy(program, copy)
    return copy, NOBODY


def test_a_plan_that_is_not_whole_is_not_carried_out(pcilend, debian, open_folder):
    tree = debian(trees.GUIDE).copy(open_folder / 'tree')
    tree.write('etc/modprobe.d/local.conf', '')
    tree.path('etc/modprobe.d/local.conf').chmod(0)
    tree.path(MODULES).chmod(0o644)
    before = snapshot(tree.folder)
    if os.geteuid() == 0:
        subprocess.run(['chown', '-R', '65534:65534', tree.folder], check=True)
        before = snapshot(tree.folder)
    program, user = as_nobody(open_folder, pcilend.path)
    done = type(pcilend)(program)('--root', tree, '-y', 'apply', '09:00.0', status=5, **user)
    assert '/etc/modprobe.d/local.conf could not be read (denied)' in flat(done.stdout) and 'nothing was changed' in done.stderr
    assert snapshot(tree.folder) == before and journals(tree) == []


def live_state():
    """What pcilend could have left on this machine."""
    paths = [Path('/') / name for name in ['var/lib/pcilend', CONF, MODULES, GRUB]]
    return [(path, path.read_bytes() if path.is_file() else path.exists()) for path in paths]


def test_this_machine_is_not_changed_without_no_trial(pcilend):
    """Without --no-trial: refused before anything is read. As an ordinary user it is refused for that. The device is one that
    no plan would lend, a host bridge."""
    before = live_state()
    done = pcilend('-y', 'apply', '00:00.0', status=3 if os.geteuid() == 0 else 1)
    if os.geteuid() == 0:
        assert '--no-trial' in done.stderr and 'nothing was changed' in done.stderr and done.stdout == ''
        answer = json.loads(pcilend('--json', '-y', 'apply', '00:00.0', status=3).stdout)
        schema.validate('error', answer)
        assert answer['error']['changed'] == []
    assert live_state() == before


@pytest.mark.parametrize('command', [['apply', '00:00.0'], ['apply', '--with-companions', '00:00.0', '00:01.0'], ['undo'], ['undo', '7']])
def test_only_root_may(pcilend, open_folder, command):
    """Also with --no-trial forgotten: who may not, is told so first, with the line to type."""
    program, user = as_nobody(open_folder, pcilend.path)
    before = live_state()
    done = type(pcilend)(program)(*command, status=1, **user)
    assert f'{command[0]} changes the system, which only root may; nothing was changed' in flat(done.stderr)
    assert re.search(r'type: (sudo|run0|pkexec|doas) pcilend|become root \(su -\), then type: pcilend', flat(done.stderr))
    assert f'pcilend {command[0]}' in flat(done.stderr) and flat(done.stderr).endswith(f'{command[-1]} ')
    assert live_state() == before


@pytest.mark.parametrize('command', [['apply', '--with-companions', '00:00.0'], ['undo', '--rebuild', '7'], ['undo', '--list']])
def test_the_line_to_type_is_what_was_typed(pcilend, open_folder, command):
    program, user = as_nobody(open_folder, pcilend.path)
    done = type(pcilend)(program)(*command, status=1, **user)
    assert f'pcilend {" ".join(command)}' in flat(done.stderr)


# The world around it

def in_namespace(tree, script, command):
    if os.geteuid() != 0 or shutil.which('unshare') is None:
        pytest.skip('mounting needs root')
    done = subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', f'{script} || exit 99\nshift\nexec "$@"', 'sh',
                           str(tree), *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
    if done.returncode == 99:
        pytest.skip('this process may not mount anything')
    return done


READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"'
PARTLY = READ_ONLY.replace('$1', '$1/etc/initramfs-tools')


def test_a_tree_that_is_read_only(pcilend, tree):
    before = snapshot(tree.folder)
    done = in_namespace(tree, READ_ONLY, [pcilend.path, '--root', tree, '-y', 'apply', '09:00.0'])
    assert done.returncode == 1 and 'ead-only' in done.stderr, done.stderr
    assert snapshot(tree.folder) == before and journals(tree) == []
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    before = snapshot(tree.folder)
    done = in_namespace(tree, READ_ONLY, [pcilend.path, '--root', tree, 'undo'])
    assert done.returncode == 1 and 'ead-only' in done.stderr and snapshot(tree.folder) == before
    listed = in_namespace(tree, READ_ONLY, [pcilend.path, '--root', tree, 'undo', '--list'])
    assert listed.returncode == 0 and listed.stdout.startswith('1  applied')


def test_only_a_part_of_the_tree_is_read_only(pcilend, tree):
    """A file in the middle cannot be written: what was done before it is taken back."""
    before = snapshot(tree.folder)
    done = in_namespace(tree, PARTLY, [pcilend.path, '--root', tree, '-y', 'apply', '09:00.0'])
    assert done.returncode == 1 and f'/{MODULES}' in flat(done.stderr), done.stderr
    assert snapshot(tree.folder) == before
    pcilend('--root', tree, '-y', 'apply', '09:00.0')


def test_what_a_read_only_file_left_behind_can_be_taken_back(pcilend, tree):
    before = snapshot(tree.folder)
    done = in_namespace(tree, PARTLY, [pcilend.path, '--root', tree, '-y', 'apply', '09:00.0'])
    assert done.returncode in (1, 4) and f'/{MODULES}' in flat(done.stderr), done.stderr
    assert snapshot(tree.folder) == before
    pcilend('--root', tree, 'undo', status=None)
    assert snapshot(tree.folder) == before
    pcilend('--root', tree, '-y', 'apply', '09:00.0')


def test_two_at_once_and_the_second_says_who(pcilend, tree):
    folder = tree.path(trees.JOURNALS)
    folder.mkdir(parents=True, mode=0o700)
    before = snapshot(tree.folder)
    with open(folder / 'lock', 'w+') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write('4711\n')
        lock.flush()
        for command in [['apply', '09:00.0'], ['undo']]:
            done = pcilend('--root', tree, '-y', *command, status=1)
            assert 'process 4711' in flat(done.stderr) and snapshot(tree.folder) == before and journals(tree) == []
    pcilend('--root', tree, '-y', 'apply', '09:00.0')


def test_what_stands_in_the_environment_does_not_count(pcilend, tree, tmp_path):
    """Programs of the same names first in PATH, and a language: nothing of it runs, and the files are the same."""
    evil = tmp_path / 'evil'
    evil.mkdir()
    for name in ['update-initramfs', 'update-grub', 'sh', 'cp', 'mv', 'sudo']:
        (evil / name).write_text(f'#!/bin/sh\ntouch {tmp_path}/ran\n')
        (evil / name).chmod(0o755)
    old = snapshot(tree.folder)
    plain = tree.copy(tmp_path / 'plain')
    pcilend('--root', plain, '-y', 'apply', '09:00.0')
    environment = {'PATH': str(evil), 'LC_ALL': 'tr_TR.UTF-8', 'LANGUAGE': 'de', 'TMPDIR': str(evil), 'HOME': '/nowhere', 'IFS': '/',
                   'POSIXLY_CORRECT': '1', 'COLUMNS': '1', 'G_FILENAME_ENCODING': 'EBCDIC', 'TERM': 'x' * 5000}
    pcilend('--root', tree, '-y', 'apply', '09:00.0', env=environment)
    assert {name: row[3] for name, row in snapshot(tree.folder).items()} == {name: row[3] for name, row in snapshot(plain.folder).items()}
    pcilend('--root', tree, 'undo', env=environment)
    assert snapshot(tree.folder) == old and not (tmp_path / 'ran').exists()
    assert sorted(path.name for path in evil.iterdir()) == ['cp', 'mv', 'sh', 'sudo', 'update-grub', 'update-initramfs']


@pytest.mark.parametrize('mask', [0o000, 0o022, 0o077])
def test_a_mask_does_not_count_for_files(pcilend, tree, mask):
    pcilend('--root', tree, '-y', 'apply', '09:00.0', umask=mask)
    assert tree.path(CONF).stat().st_mode & 0o777 == 0o644
    assert tree.path(trees.JOURNALS).stat().st_mode & 0o777 == 0o700


def test_a_mask_does_not_count_for_directories(pcilend, tree):
    tree.remove('etc/modprobe.d')
    pcilend('--root', tree, '-y', 'apply', '09:00.0', umask=0o077)
    assert tree.path('etc/modprobe.d').stat().st_mode & 0o777 == 0o755


def test_directories_that_were_made_go_again(pcilend, tree):
    tree.remove('etc/modprobe.d')
    tree.remove('etc/initramfs-tools')
    old = snapshot(tree.folder)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    assert tree.path(CONF).exists() and tree.path(MODULES).exists()
    pcilend('--root', tree, 'undo')
    assert snapshot(tree.folder) == old


@pytest.fixture
def twins(debian, tmp_path):
    return debian(ROOT / 'tests/machines/epyc-vfs.machine').copy(tmp_path / 'twins')


@pytest.mark.parametrize('way', ['undo', 'undo.sh'])
def test_a_script_can_be_carried_out_and_an_old_one_gets_its_mode_back(pcilend, twins, way):
    """Made new, and again where an earlier plan had made it and somebody switched it off."""
    def take_back(number):
        if way == 'undo':
            pcilend('--root', twins, 'undo')
        else:
            subprocess.run(['dash', twins.path(trees.JOURNALS) / f'{number}/undo.sh', twins.folder], check=True, timeout=60, stdout=subprocess.PIPE)
    old = snapshot(twins.folder)
    pcilend('--root', twins, '-y', 'apply', '81:00.0', umask=0o077)
    script = twins.path(EARLY)
    assert script.stat().st_mode & 0o7777 == 0o755
    assert subprocess.run([script, 'prereqs'], stdout=subprocess.PIPE, check=True, timeout=60).stdout == b'\n'
    script.chmod(0o640)
    between = snapshot(twins.folder)
    pcilend('--root', twins, '-y', 'apply', 'c1:00.0')
    assert script.stat().st_mode & 0o7777 == 0o755
    take_back(2)
    assert snapshot(twins.folder) == between
    take_back(1)
    assert snapshot(twins.folder) == old


def test_a_folder_that_is_a_link_leads_nowhere_outside(pcilend, tree, tmp_path):
    outside = tmp_path / 'outside'
    outside.mkdir()
    tree.remove('etc/modprobe.d')
    tree.path('etc/modprobe.d').symlink_to(outside)
    done = pcilend('--root', tree, '-y', 'apply', '09:00.0', status=None)
    assert done.returncode in (1, 3, 5) and list(outside.iterdir()) == [], done.stderr
    assert tree.read(MODULES) == trees.MODULES


def test_a_file_that_is_a_link_is_not_replaced(pcilend, tree):
    """Somebody keeps it elsewhere: a file in the place of the link would be a surprise."""
    tree.write('srv/vfio.conf', SHIPPED)
    tree.path(CONF).symlink_to('../../srv/vfio.conf')
    before = snapshot(tree.folder)
    done = pcilend('--root', tree, '-y', 'apply', '09:00.0', status=None)
    assert done.returncode == 1 and f'/{CONF}' in flat(done.stderr), done.stdout + done.stderr
    assert snapshot(tree.folder) == before


def test_a_full_output_is_told(pcilend, tree):
    """What was changed is named although nobody could read the answer. DESIGN.md, section 4: status 4."""
    with open('/dev/full', 'w') as full:
        done = subprocess.run([pcilend.path, '--root', tree, '-y', 'apply', '09:00.0'], stdout=full, stderr=subprocess.PIPE, text=True,
                              stdin=subprocess.DEVNULL)
    changed = tree.path(CONF).exists()
    assert done.returncode == (4 if changed else 1) and 'output' in done.stderr.lower(), done.stderr


# undo.sh, without pcilend

@pytest.mark.parametrize('shell', ['busybox sh', 'dash', 'bash --posix'])
def test_undo_script_on_a_system_that_is_mounted_elsewhere(pcilend, tree, tmp_path, need, shell):
    words = shell.split()
    need(words[0])
    old = snapshot(tree.folder)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    elsewhere = tmp_path / 'mnt'
    tree.folder.rename(elsewhere)
    done = subprocess.run([*words, elsewhere / trees.JOURNALS / '1/undo.sh', elsewhere], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, cwd='/', env={'PATH': os.environ['PATH']})
    assert done.returncode == 0, done.stderr
    # busybox's cp knows no extended attributes.
    cut = 5 if words[0] == 'busybox' else 6
    assert {name: row[:cut] for name, row in snapshot(elsewhere).items()} == {name: row[:cut] for name, row in old.items()}
    assert pcilend.json('--root', elsewhere, 'undo', '--list')['changes'][0]['state'] == 'taken back'
    pcilend('--root', elsewhere, 'undo', status=2)
