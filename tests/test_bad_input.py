"""What people type wrong, and what goes wrong around them: a clear error, what to do, the right exit status."""

import os
import subprocess

import pytest

LISTING = 'IOMMU Group 1:\n\t01:00.0 VGA compatible controller [0300]: Maker Card [1002:731f] (rev c1)\n'


def assert_says(done, *phrases):
    text = ' '.join(done.stderr.split())
    for phrase in phrases:
        assert phrase in text, done.stderr
    assert done.stdout == ''


def test_no_argument(pcilend):
    assert_says(pcilend(status=2), 'no command was given', 'pcilend status')


@pytest.mark.parametrize('word, near', [('gruops', 'groups'), ('chek', 'check'), ('stat', 'status'), ('recrod', 'record')])
def test_unknown_command_suggests_a_near_one(pcilend, word, near):
    assert_says(pcilend(word, status=2), f"there is no command '{word}'", f'did you mean: pcilend {near}')


def test_unknown_command_far_from_all(pcilend):
    assert_says(pcilend('xyzzyplugh', status=2), "there is no command 'xyzzyplugh'", 'pcilend --help')


def test_unknown_option(pcilend):
    assert_says(pcilend('groups', '--frobnicate', status=2), '--frobnicate', 'pcilend groups --help')


def test_too_many_and_too_few_arguments(pcilend):
    assert_says(pcilend('groups', 'more', status=2), 'too many arguments', 'usage: pcilend groups')
    assert_says(pcilend('show', status=2), 'an argument is missing', 'usage: pcilend show DEVICE')


@pytest.mark.parametrize('order', [('--machine', 'FILE', 'groups'), ('groups', '--machine', 'FILE'), ('groups', '--machine=FILE')])
def test_options_before_and_behind_the_command(pcilend, tmp_path, order):
    (tmp_path / 'text').write_text(LISTING)
    arguments = [word.replace('FILE', str(tmp_path / 'text')) for word in order]
    assert pcilend(*arguments).stdout == LISTING


def test_help_of_everything(pcilend, commands):
    assert 'Commands:' in pcilend('--help').stdout
    assert pcilend('--version').stdout.startswith('pcilend ')
    for name in commands:
        text = pcilend(name, '--help').stdout
        assert text.startswith('Usage: pcilend [OPTION...] ' + name)
        assert pcilend('help', name).stdout == text
        assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize('device', ['ff:1f.7', '0000:ff:1f.7', 'ff:1f', 'dead:beef'])
def test_device_that_is_not_there(pcilend, tmp_path, device):
    (tmp_path / 'text').write_text(LISTING)
    assert_says(pcilend('--machine', tmp_path / 'text', 'check', device, status=2), device)


@pytest.mark.parametrize('device', ['', '01:00.0x', '01:00.8', '01:20.0', '1:0.0', '../etc', '01:00.0 ', '\033[31m01:00.0'])
def test_device_that_names_nothing(pcilend, tmp_path, device):
    (tmp_path / 'text').write_text(LISTING)
    done = pcilend('--machine', tmp_path / 'text', 'check', device, status=2)
    assert_says(done, 'a device is named like 09:00.0')
    assert '\033' not in done.stderr


def test_slot_is_its_function_0_and_mates_are_named(pcilend, tmp_path):
    (tmp_path / 'text').write_text(LISTING)
    assert pcilend.json('--machine', tmp_path / 'text', 'show', '01:00')['device']['address'] == '0000:01:00.0'
    assert_says(pcilend('--machine', tmp_path / 'text', 'show', '01:00.5', status=2), 'that slot has: 01:00.0')


def test_ids_of_two_functions(pcilend, tmp_path):
    (tmp_path / 'text').write_text(LISTING + LISTING.replace('01:00.0', '02:00.0').replace('Group 1', 'Group 2'))
    assert_says(pcilend('--machine', tmp_path / 'text', 'check', '1002:731f', status=2), '2 functions', '01:00.0, 02:00.0')


def test_machine_that_is_not_there(pcilend):
    assert_says(pcilend('--machine', '/no/such/file', 'groups', status=1), '/no/such/file: No such file or directory')


def test_machine_that_may_not_be_read(pcilend, tmp_path):
    if os.geteuid() == 0:
        pytest.skip('root may read every file')
    (tmp_path / 'shut').write_text(LISTING)
    (tmp_path / 'shut').chmod(0)
    assert_says(pcilend('--machine', tmp_path / 'shut', 'groups', status=1), 'Permission denied')


def test_machine_that_is_a_directory(pcilend, tmp_path):
    assert_says(pcilend('--machine', tmp_path, 'groups', status=1), 'is a directory', f'pcilend --root {tmp_path}')


def test_root_that_is_a_file(pcilend, tmp_path):
    (tmp_path / 'text').write_text(LISTING)
    assert_says(pcilend('--root', tmp_path / 'text', 'groups', status=1), 'Not a directory', '--machine FILE')


def test_root_without_sys(pcilend, tmp_path):
    assert_says(pcilend('--root', tmp_path, 'groups', status=5), f'{tmp_path}/sys/bus/pci/devices')


def test_machine_and_root(pcilend, tmp_path):
    assert_says(pcilend('--root', tmp_path, '--machine', 'guide', 'groups', status=2), '--machine and --root')


@pytest.mark.parametrize('content', [b'', b'\n\n\n', b'\0' * 100000, bytes(range(256)) * 400, b'nothing to see here\n' * 1000,
                                     '\u202e\u2066évil'.encode() * 50, b'\xff\xfe\0a\0b'],
                         ids=['empty', 'blank', 'zeros', 'binary', 'prose', 'bidi', 'utf-16'])
def test_machine_of_no_use(pcilend, tmp_path, content):
    (tmp_path / 'input').write_bytes(content)
    for command in ['groups', 'status', 'check']:
        done = pcilend('--machine', tmp_path / 'input', command, status=1)
        assert_says(done, str(tmp_path / 'input'))
        assert len(done.stderr.splitlines()) <= 5


def test_a_gigabyte_of_zeros(pcilend_plain, tmp_path):
    with open(tmp_path / 'zeros', 'wb') as file:
        file.truncate(1 << 30)
    assert_says(pcilend_plain('--machine', tmp_path / 'zeros', 'groups', status=1), 'more than')
    with open(tmp_path / 'zeros', 'rb') as file:
        done = subprocess.run([pcilend_plain.path, '--machine', '-', 'groups'], stdin=file, capture_output=True, text=True)
    assert done.returncode == 1 and 'standard input: more than' in done.stderr


def test_standard_input(pcilend):
    assert pcilend('--machine', '-', 'groups', input=LISTING).stdout == LISTING


def test_full_disk_and_closed_output(pcilend, tmp_path):
    (tmp_path / 'text').write_text(LISTING)
    command = f'"{pcilend.path}" --machine "{tmp_path}/text" groups'
    full = subprocess.run(['sh', '-c', command + ' > /dev/full'], capture_output=True, text=True)
    assert full.returncode == 1 and 'standard output: No space left on device' in full.stderr
    closed = subprocess.run(['sh', '-c', command + ' >&-'], capture_output=True, text=True)
    assert closed.returncode == 1 and 'standard output' in closed.stderr


def test_closed_pipe(pcilend_plain, tmp_path):
    lines = ''.join(f'IOMMU Group {n}:\n\t{n >> 5:02x}:{n & 31:02x}.0 Bridge [0600]: Maker Thing [8086:0001]\n' for n in range(8000))
    (tmp_path / 'text').write_text(lines)
    done = subprocess.run(['bash', '-c', f'"{pcilend_plain.path}" --machine "{tmp_path}/text" groups | head -1; '
                           'echo ${PIPESTATUS[0]}'], capture_output=True, text=True)
    assert done.stdout.splitlines() == ['IOMMU Group 0:', '141'] and done.stderr == ''


def test_escapes_in_names_are_shown_not_obeyed(pcilend, tmp_path):
    evil = LISTING.replace('Maker Card', 'Ma\x07ker \x1b]0;title\x07Car\x08d \u202egnp.exe')
    (tmp_path / 'text').write_text(evil)
    for command in [['groups'], ['status'], ['check'], ['show', '01:00.0']]:
        done = pcilend('--machine', tmp_path / 'text', *command, status=None)
        assert not any(byte in done.stdout + done.stderr for byte in '\x07\x08\x1b\u202e')
    data = pcilend.json('--machine', tmp_path / 'text', 'groups')
    assert data['devices'][0]['address'] == '0000:01:00.0'


@pytest.mark.parametrize('locale', ['C', 'C.UTF-8'])
def test_locales_and_widths(pcilend, tmp_path, locale):
    (tmp_path / 'text').write_text(LISTING.replace('Maker', 'Mäker™'))
    environment = dict(os.environ, LC_ALL=locale)
    for command in [['groups'], ['status'], ['check'], ['show', '01:00.0']]:
        out = pcilend('--machine', tmp_path / 'text', *command, status=None, env=environment).stdout
        assert out.isascii() == (locale == 'C' or 'ä' not in out)
        if command != ['groups']:
            assert max(map(len, out.splitlines())) <= 80, out


def test_json_errors(pcilend):
    done = pcilend('--json', '--machine', '/no/such/file', 'check', status=1)
    assert '"error":{"id":"failed"' in done.stdout and '"path":"/no/such/file"' in done.stdout
