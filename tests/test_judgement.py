"""What the issue asks to be shown of the judgement: on the guide, on people's machines, on machines that change."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from builds import ROOT
from conftest import LISTINGS



def severe(answer):
    return {(finding['severity'], finding['id']) for finding in answer['findings'] if finding['severity'] in ('blocker', 'unsure')}


def test_the_lent_card_of_the_guide(pcilend, shared):
    answer = pcilend.json('--machine', shared / 'guide.md', 'check', '09:00.0', status=0)
    assert (answer['device'], answer['companions'], answer['lendable']) == ('0000:09:00.0', ['0000:09:00.1'], 'yes')
    assert answer['verdict'] == 'ready' and not severe(answer) and answer['not_looked_at']
    assert 'as far as this text goes' in ' '.join(pcilend('--machine', shared / 'guide.md', 'check', '09:00.0').stdout.split())


def test_the_host_card_of_the_guide(pcilend, shared):
    answer = pcilend.json('--machine', shared / 'guide.md', 'check', '06:00.0', status=3)
    assert answer['lendable'] == 'no' and answer['verdict'] == 'impossible'
    blockers = [finding for finding in answer['findings'] if finding['severity'] == 'blocker']
    assert [finding['id'] for finding in blockers] == ['group.shared']
    text = blockers[0]['text']
    own, others, bridges = ['06:00.1'], ['02:00.0', '02:00.1', '04:00.0', '05:00.0'], ['02:00.2', '03:00.0', '03:01.0', '03:04.0']
    for address in own + others + bridges:
        assert text.count(address) == 1, address
    assert 'four devices of other slots' in text and 'four bridges stay' in text and 'its own 06:00.1' in text
    for word in ('USB', 'SATA', 'Ethernet', 'Wi-Fi'):
        assert word in text
    timeouts = [finding for finding in answer['findings'] if finding['id'] == 'iommu.timeouts-logged']
    assert [finding['device'] for finding in timeouts] == ['0000:06:00.0']
    assert all(row['line'] for row in timeouts[0]['evidence'])


def test_the_embedded_machine(pcilend):
    answer = pcilend.json('--machine', 'guide', 'check', '09:00.0', status=0)
    assert (answer['lendable'], answer['companions'], answer['verdict']) == ('yes', ['0000:09:00.1'], 'prepare')
    answer = pcilend.json('--machine', 'guide', 'check', '06:00.0', status=3)
    assert ('blocker', 'group.shared') in severe(answer)
    shared = next(finding['text'] for finding in answer['findings'] if finding['id'] == 'group.shared')
    assert 'default route' in shared and 'keyboard' in shared
    assert pcilend.json('--machine', 'guide', 'check', status=0)['verdict'] == 'prepare'


@pytest.mark.parametrize('path', LISTINGS)
def test_a_machine_that_somebody_posted(pcilend, path):
    """No crash, an answer of every command, and what its owner lent is not refused unless the text shows why."""
    chosen = json.loads(path.with_suffix('.json').read_text())['chosen'] or []
    for command in ['groups', 'status', 'check']:
        done = pcilend('--machine', path, command, status=None)
        assert done.returncode in (0, 3, 5) and done.stdout + done.stderr
    known = {device['address'] for device in json.loads(pcilend('--json', '--machine', path, 'groups', status=None).stdout).get('devices', [])}
    for device in chosen:
        address = device if device.count(':') == 2 else '0000:' + device
        if address not in known:
            continue
        answer = pcilend.json('--machine', path, 'check', device, status=None)
        assert answer['lendable'] != 'no' or shows_why(answer, chosen), (device, severe(answer))


def shows_why(answer, chosen):
    """A blocker that rests on lines of the text: the function is a bridge, the group holds others that were not lent."""
    blockers = [finding for finding in answer['findings'] if finding['severity'] == 'blocker']
    return all(any(row['line'] for row in finding['evidence']) for finding in blockers) and all(
        finding['id'] in ('group.shared', 'device.bridge', 'device.in-use', 'group.bridge-driver') for finding in blockers)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / 'tree'
    subprocess.run([sys.executable, Path(__file__).parent / 'bench' / 'gen-sysfs.py', '--out', root / 'sys', '--n', '64'], check=True,
                   capture_output=True)
    return root


def test_a_function_that_is_gone_costs_itself_alone(pcilend, tree):
    """As after a hot unplug between the listing and the reading: the link is there, what it points to is not."""
    before = pcilend('--root', tree, 'groups').stdout.splitlines()
    gone = next(line for line in before if 'Non-Volatile' in line).split()[0]
    shutil.rmtree((tree / 'sys/bus/pci/devices' / gone).resolve())
    done = pcilend('--root', tree, 'groups')
    after = done.stdout.splitlines()
    assert [line for line in before if gone not in line and not line.startswith('IOMMU')] == \
           [line for line in after if not line.startswith('IOMMU')]
    answer = pcilend.json('--root', tree, 'check', status=None)
    assert any('vanished' in note['text'] and gone in note['text'] for note in answer['notes'])


def test_facts_that_are_damaged_cost_themselves_alone(pcilend, tree):
    devices = tree / 'sys/bus/pci/devices'
    victims = sorted(os.listdir(devices))[5:9]
    damages = [('uevent', b'PCI_ID=zz:yy\n\xff\xfe'), ('revision', b'0x123456\n'), ('uevent', b''), ('revision', b'')]
    for name, (file, content) in zip(victims, damages):
        path = (devices / name).resolve() / file
        path.unlink()
        path.write_bytes(content)
    link = (devices / victims[0]).resolve() / 'iommu_group'
    link.unlink()
    link.symlink_to('../nonsense')
    answer = pcilend.json('--root', tree, 'groups')
    rows = {row['address']: row for row in answer['devices']}
    assert len(rows) == 64
    assert rows[victims[0]]['unknown'].items() >= {'vendor': 'invalid', 'class': 'invalid', 'group': 'invalid'}.items()
    assert rows[victims[1]]['unknown']['revision'] == 'invalid' and 'vendor' in rows[victims[1]]
    assert rows[victims[2]]['unknown']['class'] == 'invalid'
    untouched = [row for address, row in rows.items() if address not in victims]
    assert not any(state == 'invalid' for row in untouched for state in row['unknown'].values())


def test_machines_that_change_while_they_are_read(pcilend_plain, tree):
    """Functions come and go all the time: each run ends well, and never names a function twice."""
    devices = tree / 'sys/bus/pci/devices'
    script = f'cd {devices} && while :; do for d in 0000:0*; do mv $d ../$d 2>/dev/null; mv ../$d $d 2>/dev/null; done; done'
    shaker = subprocess.Popen(['sh', '-c', script])
    try:
        for _ in range(30):
            done = pcilend_plain('--root', tree, '--json', 'groups')
            addresses = [row['address'] for row in json.loads(done.stdout)['devices']]
            assert len(addresses) == len(set(addresses)) and addresses
    finally:
        shaker.kill()
        shaker.wait()


def test_no_card_and_no_pci(pcilend, tmp_path):
    (tmp_path / 'sys/bus/pci/devices').mkdir(parents=True)
    answer = pcilend.json('--root', tmp_path, 'check', status=None)
    assert answer['verdict'] in ('impossible', 'unknown') and answer['devices'] == []
    assert 'no PCI function' in pcilend('--root', tmp_path, 'groups').stderr


def test_steps_that_alone_are_not_enough_say_so(pcilend):
    """Found in the lab: an audio function of another maker in the card's slot and group. Without it the kernel refuses the card."""
    path = ROOT / 'tests/machines/lab-quick.machine'

    def remedy(*devices):
        answer = pcilend.json('--machine', path, 'check', *devices)
        return next(finding['remedy'] for finding in answer['findings']
                    if finding['id'] == 'device.not-bound' and finding['device'] == '0000:02:00.0')
    assert remedy('02:00.0').endswith(f'alone that is not enough, see group.shared; for all of it: pcilend --machine {path} check 02:00.0 02:00.1')
    assert 'not enough' not in remedy('02:00.0', '02:00.1') and 'ids=1013:00b8,8086:2668' in remedy('02:00.0', '02:00.1')
