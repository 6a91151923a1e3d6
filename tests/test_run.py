"""tools/run, which `make run` ends with: this machine where there is something to lend, else an emulated host (that is tried in
lab/test_demo.py), or where that cannot be had the machine that is built in."""

import subprocess
import sys

import pytest
from builds import ROOT

pytestmark = pytest.mark.usefixtures('pcilend_plain')    # it is built


@pytest.fixture
def show(tmp_path, bind_over_sys):
    """show('--no-iommu'): what is printed on a generated machine."""
    def run(*how, options=('--embedded',)):
        subprocess.run([sys.executable, ROOT / 'tests/bench/gen-sysfs.py', '--out', tmp_path / 'sys', *how],
                       check=True, capture_output=True)
        done = bind_over_sys(tmp_path / 'sys', [ROOT / 'tools' / 'run', *options], stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run


def calls(text):
    return [line.removeprefix('$ build/') for line in text.splitlines() if line.startswith('$ ')]


def test_this_machine(show):
    text = show('--n', '64', options=())
    assert calls(text) == ['pcilend status', 'pcilend check']
    assert text.splitlines()[-1].startswith('Next, ')


def test_no_groups(show):
    text = show('--n', '64', '--no-iommu')
    assert text.startswith('This machine has no IOMMU groups, so ')
    assert calls(text) == ['pcilend --machine guide status', 'pcilend --machine guide check']
    assert text.splitlines()[-2] == 'Next, the same for this machine: build/pcilend check'


def test_one_card(show):
    text = show('--n', '5')
    assert text.startswith('This machine has fewer than two display cards, so ')
    assert calls(text) == ['pcilend --machine guide status', 'pcilend --machine guide check']
