"""Every --json answer is as its schema in docs/json says, and the schemas themselves are strict."""

import json
import subprocess
import sys

import pytest
import schema
from builds import ROOT

ANSWERS = ['groups', 'check', 'show', 'status', 'plan', 'apply', 'undo', 'error']


@pytest.mark.parametrize('name', ANSWERS)
def test_the_schema_is_one(name):
    schema.validator(name)


@pytest.mark.parametrize('name', ANSWERS)
def test_an_empty_answer_is_refused(name):
    with pytest.raises(AssertionError):
        schema.validate(name, {'pcilend': {'format': 1, 'version': '0.1.0'}})
    with pytest.raises(AssertionError):
        schema.validate(name, {})


def device(**changed):
    """A function of which everything is known, with changes; None leaves a key out."""
    known = {'address': '0000:09:00.0', 'class': '0300', 'class_name': 'VGA compatible controller', 'prog_if': '00',
             'vendor': '1002', 'device': '731f', 'subsystem_vendor': '1043', 'subsystem_device': '04e8', 'revision': 'ca',
             'name': 'Navi 10', 'driver': 'amdgpu', 'group': 18, 'bridge': False, 'modules': ['amdgpu'], 'boot_vga': False,
             'numa_node': -1, 'driver_override': None, 'driver_module': 'amdgpu', 'power_state': 'D0', 'd3cold_allowed': True,
             'reset_methods': ['bus'], 'physfn': None, 'sriov_numvfs': None, 'bars': [{'number': 0, 'size_bytes': 4096}],
             'unknown': {}}
    known.update(changed)
    return {'pcilend': {'format': 1, 'version': '0.1.0'}, 'groups': [{'id': 18, 'devices': ['0000:09:00.0']}],
            'devices': [{key: value for key, value in known.items() if value != 'left out'}]}


def test_a_device_is_accepted():
    schema.validate('groups', device())
    schema.validate('groups', device(driver=None, group=None, later='a key that is added'))
    schema.validate('groups', device(driver='left out', unknown={'driver': 'denied'}))


@pytest.mark.parametrize('fault', [
    {'vendor': '0x1002'}, {'vendor': 4098}, {'class': '030000'}, {'revision': 'CA'}, {'address': '09:00.0'},
    {'driver': ''}, {'driver': 'left out'}, {'unknown': {'driver': 'denied'}}, {'bars': [{'number': 0}]}, {'group': '18'}, {'unknown': {'driver': 'absent'}}, {'unknown': 'left out'},
])
def test_a_wrong_device_is_refused(fault):
    with pytest.raises(AssertionError):
        schema.validate('groups', device(**fault))


@pytest.fixture
def tree(tmp_path):
    subprocess.run([sys.executable, ROOT / 'tests/bench/gen-sysfs.py', '--out', tmp_path / 'sys', '--n', '64'],
                   check=True, capture_output=True)
    return tmp_path


def test_groups_of_a_tree(pcilend, tree):
    schema.validate('groups', pcilend.json('--root', tree, 'groups'))


def test_groups_of_the_guide(pcilend, shared):
    schema.validate('groups', pcilend.json('--machine', shared / 'guide.md', 'groups'))


@pytest.mark.parametrize('call', [
    ['check'], ['check', '0000:01:00.0'], ['check', '0000:00:00.0'], ['status'], ['show', '0000:01:00.0'],
    ['show', '0000:00:00.0'],
])
def test_a_command_on_a_tree(pcilend, tree, call):
    done = pcilend('--root', tree, '--json', *call, status=None)
    assert done.returncode in (0, 3, 5), done.stderr
    schema.validate(call[0], json.loads(done.stdout))


@pytest.mark.parametrize('call', [['check'], ['check', '09:00.0'], ['check', '06:00.0'], ['status'], ['show', '09:00.0']])
@pytest.mark.parametrize('machine', ['guide', 'guide.md'])
def test_a_command_on_the_guide(pcilend, shared, machine, call):
    done = pcilend('--machine', shared / machine if machine.endswith('.md') else machine, '--json', *call, status=None)
    assert done.returncode in (0, 3, 5), done.stderr
    schema.validate(call[0], json.loads(done.stdout))


def test_groups_of_this_machine(pcilend):
    done = pcilend('--json', 'groups', status=None)
    answer = json.loads(done.stdout)
    schema.validate('groups' if done.returncode == 0 else 'error', answer)


@pytest.mark.parametrize('arguments, status', [
    (['--machine', '/dev/null', 'groups'], 1),
    (['--machine', 'no-such-file', 'groups'], 1),
    (['--root', '/no-such-directory', 'groups'], 1),
])
def test_a_failure_is_an_answer_too(pcilend, arguments, status):
    schema.validate('error', json.loads(pcilend('--json', *arguments, status=status).stdout))
