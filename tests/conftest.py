"""What the pytest tests share: the program in its builds, and what may be missing here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import builds
import pytest

ROOT = builds.ROOT
SHARED = ROOT.parent / 'shared'
# The listings that real people posted, as parameters of a test.
LISTINGS = ([pytest.param(path, id=path.stem) for path in sorted(SHARED.glob('machines/*.txt'))]
            or [pytest.param(None, id='none', marks=pytest.mark.skip(reason='../shared is not there'))])
TIMEOUT_SECONDS = 120


class Pcilend:
    """A build of pcilend. Calling it runs it and gives the finished process, with text."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments, status=0, **options):
        options.setdefault('timeout', TIMEOUT_SECONDS)
        if 'input' not in options:
            options.setdefault('stdin', subprocess.DEVNULL)
        done = subprocess.run([self.path, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, encoding='utf-8', errors='surrogateescape', **options)
        assert 'Sanitizer' not in done.stderr and 'runtime error' not in done.stderr, done.stderr
        if status is not None:
            assert done.returncode == status, f'{arguments}: status {done.returncode}\n{done.stderr}'
        return done

    def json(self, *arguments, **options):
        return json.loads(self('--json', *arguments, **options).stdout)


@pytest.fixture(scope='session')
def pcilend():
    """With sanitizers: for all that is not about speed or system calls."""
    return Pcilend(builds.build('build-test') / 'src' / 'pcilend')


@pytest.fixture(scope='session')
def pcilend_plain():
    """As the user gets it."""
    return Pcilend(builds.build('build') / 'src' / 'pcilend')


@pytest.fixture(scope='session')
def commands(pcilend):
    """The command table: {name: (arguments, summary)}."""
    rows = [line.split('\t') for line in pcilend('--list-commands').stdout.splitlines()]
    assert rows
    return {row[0]: (row[1], row[2]) for row in rows}


@pytest.fixture
def shared():
    """The folder of materials beside the repository, which not every clone has."""
    if not SHARED.is_dir():
        pytest.skip('../shared is not there')
    return SHARED


@pytest.fixture
def need():
    """need('zsh'): skips the test where the program is missing."""
    def find(program):
        path = shutil.which(program)
        if path is None:
            pytest.skip(f'{program} is not installed')
        return path
    return find


def can_bind_mounts():
    """Whether this process may make a mount namespace of its own and bind something in it."""
    if os.geteuid() != 0 or shutil.which('unshare') is None:
        return False
    return subprocess.run(['unshare', '-m', '--propagation', 'private', 'mount', '--bind', '/', '/mnt'],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


@pytest.fixture(scope='session')
def bind_over_sys():
    """Gives a function that runs a command with a tree bound over /sys, in a mount namespace of its own."""
    if not can_bind_mounts():
        pytest.skip('bind mounts are not permitted here (not root, or no mount namespaces)')

    def run(tree, command, **options):
        script = 'mount --bind "$1" /sys && shift && exec "$@"'
        return subprocess.run(['unshare', '-m', '--propagation', 'private', 'sh', '-c', script, 'sh', str(Path(tree)),
                               *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT_SECONDS, **options)
    return run
