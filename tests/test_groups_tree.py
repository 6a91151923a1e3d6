"""`groups` on generated trees: exactly what the generator knows to be true, and exactly what the guide's script prints.

The trees are those of tests/bench/gen-sysfs.py: a desktop with all that is odd (a VMD domain of five digits, an alias
group behind a PCI bridge, a switch without ACS, an unknown device), then servers with SR-IOV.
"""

import json
import re
import subprocess
import sys

import pytest
from builds import ROOT

SIZES = [64, 1000, 10000]


@pytest.fixture(scope='module')
def tree(tmp_path_factory):
    """tree(n): (root with sys below it, what is true of it), made once."""
    made = {}

    def make(n):
        if n not in made:
            root = tmp_path_factory.mktemp(f'tree{n}')
            truth = root / 'truth.json'
            subprocess.run([sys.executable, ROOT / 'tests/bench/gen-sysfs.py', '--out', root / 'sys', '--n', str(n),
                            '--attrs', 'lspci', '--truth', truth], check=True, capture_output=True)
            made[n] = root, json.loads(truth.read_text())
        return made[n]
    return make


@pytest.mark.parametrize('n', SIZES)
def test_each_function_is_read_as_it_is(pcilend, tree, n):
    root, truth = tree(n)
    answer = pcilend.json('--root', root, 'groups')
    got = {device['address']: device for device in answer['devices']}
    assert len(got) == len(answer['devices']) == truth['n'] == n
    for device in truth['devices']:
        read = got[device['bdf']]
        assert {
            'vendor': read['vendor'], 'device': read['device'], 'class': read['class'] + read['prog_if'],
            'revision': read['revision'], 'subsystem': f'{read["subsystem_vendor"]}:{read["subsystem_device"]}',
            'driver': read['driver'], 'group': read['group'],
        } == {key: device[key] for key in ('vendor', 'device', 'class', 'revision', 'subsystem', 'driver', 'group')}, \
            device['bdf']


@pytest.mark.parametrize('n', SIZES)
def test_the_groups_are_those_of_the_tree(pcilend, tree, n):
    root, truth = tree(n)
    groups = {}
    for device in truth['devices']:
        groups.setdefault(device['group'], []).append(device['bdf'])
    answer = pcilend.json('--root', root, 'groups')
    assert [group['id'] for group in answer['groups']] == sorted(groups)
    assert {group['id']: sorted(group['devices']) for group in answer['groups']} \
        == {number: sorted(members) for number, members in groups.items()}


def test_a_link_cannot_lead_out(pcilend, tmp_path):
    """A tree whose links point to the running system shows nothing of the running system."""
    (tmp_path / 'sys/bus').mkdir(parents=True)
    (tmp_path / 'sys/bus/pci').symlink_to('/../../../../../../sys/bus/pci')
    done = pcilend('--root', tmp_path, 'groups', status=None)
    assert done.returncode in (1, 5) and done.stdout == ''


def script_of_the_guide(shared):
    """The script that the guide gives, as it stands there."""
    text = (shared / 'guide.md').read_text()
    return re.search(r'^```\n(#!/bin/bash\n.*?)^```$', text, re.MULTILINE | re.DOTALL)[1]


def test_the_text_is_what_the_script_of_the_guide_prints(pcilend_plain, tree, shared, need, bind_over_sys):
    """Byte for byte, with the same pci.ids, on a machine of 64 functions in two PCI domains."""
    need('lspci')
    root, _ = tree(64)
    theirs = bind_over_sys(root / 'sys', ['bash', '-c', script_of_the_guide(shared)])
    assert theirs.stdout.count('IOMMU Group') > 20, theirs.stderr
    assert pcilend_plain('--root', root, 'groups').stdout == theirs.stdout


def test_the_text_of_a_bound_tree_is_the_same(pcilend_plain, tree, bind_over_sys):
    """The live way to the files, and --root, print the same."""
    root, _ = tree(64)
    live = bind_over_sys(root / 'sys', [pcilend_plain.path, 'groups'])
    assert live.stdout == pcilend_plain('--root', root, 'groups').stdout != ''
