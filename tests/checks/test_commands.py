"""Each command of the table has its man page and its completions, and both say what the program takes."""

import json
import re
import subprocess
import sys

import expect
import pytest
from builds import ROOT

SHELLS = {'bash': 'pcilend.bash', 'zsh': '_pcilend', 'fish': 'pcilend.fish'}


@pytest.fixture(scope='module')
def options(commands, pcilend):
    """{command, '' for all: [option]}"""
    return {name: [line.split('\t')[0] for line in pcilend('--list-options', name).stdout.splitlines()]
            for name in ['', *commands]}


def man_page(name):
    return (ROOT / 'man' / f'{name}.1.scd').read_text()


def test_each_command_has_its_man_page(commands, options):
    for name, (arguments, _) in commands.items():
        page = man_page(f'pcilend-{name}')
        assert page.startswith(f'pcilend-{name}(1)\n')
        for section in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'SEE ALSO'):
            assert f'\n# {section}\n' in page, f'{name}: {section}'
        synopsis = page.split('# SYNOPSIS')[1].split('# DESCRIPTION')[0].replace('*', '').replace('_', '')
        for word in re.findall(r'[A-Z]+', arguments):
            assert word in synopsis, f'{name}: {word}'
        for option in options[name]:
            assert f'\n*{option}*' in page, f'{name}: {option}'


def test_the_main_page_names_every_command_and_option(commands, options):
    page = man_page('pcilend')
    expect.none(name for name in commands if f'\n*{name}*' not in page or f'*pcilend-{name}*(1)' not in page)
    expect.none(option for option in options[''] if f'\n*{option}*' not in page)


def test_no_man_page_of_what_is_not_built():
    listed = set(re.findall(r"^  '(pcilend\S*)',$", (ROOT / 'man' / 'meson.build').read_text(), re.MULTILINE))
    assert listed == {path.name.removesuffix('.1.scd') for path in (ROOT / 'man').glob('*.scd')}


def test_man_pages_are_well_formed(need):
    scdoc = need('scdoc')
    for path in sorted((ROOT / 'man').glob('*.scd')):
        done = subprocess.run([scdoc], stdin=path.open(), capture_output=True, text=True)
        assert done.returncode == 0, f'{path.name}: {done.stderr}'


@pytest.mark.parametrize('shell', SHELLS)
def test_completions_are_those_of_the_table(pcilend, shell):
    """When this fails: python3 completions/generate.py build/pcilend"""
    done = subprocess.run([sys.executable, ROOT / 'completions' / 'generate.py', pcilend.path, '--print', shell],
                          check=True, capture_output=True, text=True)
    assert done.stdout == (ROOT / 'completions' / SHELLS[shell]).read_text()


@pytest.mark.parametrize('shell', SHELLS)
def test_the_shell_accepts_its_completions(need, shell):
    done = subprocess.run([need(shell), '-n', ROOT / 'completions' / SHELLS[shell]], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ''


@pytest.fixture
def complete_bash(need, tmp_path, pcilend):
    """complete_bash('pcilend gr'): what bash offers for that line, the cursor at its end."""
    bash = need('bash')
    programs = tmp_path / 'bin'
    programs.mkdir()
    (programs / 'pcilend').symlink_to(pcilend.path)
    script = '''
        PATH=$2:$PATH; source "$1" || exit 9
        COMP_LINE=$3 COMP_POINT=${#3}
        read -ra COMP_WORDS <<<"$3"; [[ $3 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        [[ $(complete -p pcilend) == "complete -F _pcilend pcilend" ]] || exit 8
        _pcilend && printf '%s\\n' "${COMPREPLY[@]}"
    '''

    def run(line):
        done = subprocess.run([bash, '-c', script, 'bash', ROOT / 'completions/pcilend.bash', programs, line],
                              capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 0 and done.stderr == '', done.stderr
        return done.stdout.split()
    return run


def test_bash_offers_commands(complete_bash, commands):
    assert sorted(complete_bash('pcilend ')) == sorted(commands)
    assert complete_bash('pcilend gro') == ['groups']
    assert complete_bash('pcilend --json gro') == ['groups']
    assert complete_bash('pcilend --root /groups gro') == ['groups']
    assert complete_bash('pcilend --root=/groups gro') == ['groups']


def test_bash_offers_options(complete_bash, options):
    assert sorted(complete_bash('pcilend --')) == sorted(options[''])
    for name in [name for name in options if name]:
        assert sorted(complete_bash(f'pcilend {name} --')) == sorted(options[''] + options[name])
        assert sorted(complete_bash(f'pcilend --json {name} --')) == sorted(options[''] + options[name])


def test_bash_offers_files_and_machines(complete_bash, tmp_path):
    (tmp_path / 'good.machine').touch()
    (tmp_path / 'goods').mkdir()
    assert sorted(complete_bash('pcilend --machine g')) == ['good.machine', 'goods', 'guide']
    assert sorted(complete_bash('pcilend --machine=g')) == ['good.machine', 'goods', 'guide']
    assert complete_bash('pcilend --root g') == ['goods']


def device_commands(commands):
    return [name for name, (arguments, _) in commands.items() if 'DEVICE' in arguments]


def test_bash_offers_devices(complete_bash, commands, tmp_path):
    devices = tmp_path / 'root/sys/bus/pci/devices'
    devices.mkdir(parents=True)
    for address in ('0000:09:00.0', '0000:09:00.1', '10000:e1:00.0'):
        (devices / address).symlink_to('nowhere')
    for name in device_commands(commands):
        call = f'pcilend --root {tmp_path}/root {name} '
        assert complete_bash(call) == ['09:00.0', '09:00.1', '10000:e1:00.0']
        assert complete_bash(call + '0000:09:00.') == ['00.0', '00.1']    # behind bash's last word break
        assert complete_bash(call + '1') == ['10000:e1:00.0']


def test_bash_offers_the_devices_of_a_machine(complete_bash, commands):
    for name in device_commands(commands):
        assert '09:00.0' in complete_bash(f'pcilend --machine guide {name} ') or \
            '00.0' in complete_bash(f'pcilend --machine guide {name} 09:')


def test_fish_offers_commands(need, commands, tmp_path):
    script = f'source {ROOT / "completions/pcilend.fish"}; complete -C "pcilend "'
    done = subprocess.run([need('fish'), '--no-config', '-c', script], capture_output=True, text=True, cwd=tmp_path)
    assert {line.split('\t')[0] for line in done.stdout.splitlines()} == set(commands), done.stderr


def test_schemas_are_of_commands(commands):
    """Each command that answers in JSON has its schema; a schema of nothing is a mistake."""
    names = {path.stem for path in (ROOT / 'docs' / 'json').glob('*.json')}
    assert set(commands) - {'record'} <= names
    for name in names:
        json.loads((ROOT / 'docs' / 'json' / f'{name}.json').read_text())
