"""valgrind has nothing to say: what the sanitizers cannot see (uninitialised memory), on the program as the user gets it."""

import subprocess
import sys

import pytest
from builds import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp('tree')
    subprocess.run([sys.executable, ROOT / 'tests/bench/gen-sysfs.py', '--out', root / 'sys', '--n', '64'],
                   check=True, capture_output=True)
    return root


@pytest.fixture
def command(need, pcilend_plain):
    return [need('valgrind'), '--quiet', '--error-exitcode=99', '--leak-check=full', '--errors-for-leak-kinds=definite',
            pcilend_plain.path]


@pytest.fixture
def quiet(command):
    def run(*arguments):
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, errors='replace', timeout=300)
        assert done.returncode != 99, done.stderr
        assert '==' not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 2, 3, 5), done.stderr
        return done
    return run


def test_this_machine(quiet, commands):
    for name, (arguments, _) in commands.items():
        if 'FILE' not in arguments and not arguments.startswith('DEVICE'):
            quiet(name)
            quiet('--json', name)


def test_a_tree(command, tree, bind_over_sys):
    """As the live system: valgrind 3.19 does not know openat2, which --root needs."""
    for arguments in (['groups'], ['--json', 'groups']):
        done = bind_over_sys(tree / 'sys', [*command, *arguments])
        assert done.returncode == 0 and '==' not in done.stderr, done.stderr


def test_a_text(quiet, shared):
    assert quiet('--machine', shared / 'guide.md', 'groups').returncode == 0
    assert quiet('--machine', shared / 'guide.md', '--json', 'groups').returncode == 0


def test_wrong_usage(quiet):
    assert quiet('grops').returncode == 2
    assert quiet('--no-such-option').returncode == 2
    assert quiet('--machine', '/dev/null', 'groups').returncode == 1
