"""What is asked of each host, whatever its kind: that pcilend says what the guide's script and the kernel say, and the truth."""

import json
import re
import subprocess

import pytest

from . import lending

# Blockers that the kernel enforces as well. A bridge counts where it has the header of one (class 0604): a host or ISA bridge
# the kernel would give away, and pcilend never does.
KERNEL_KNOWS = {'group.none', 'iommu.off', 'iommu.not-supported', 'group.bridge-driver', 'group.shared', 'iommu.reserved-region'}
PCI_BRIDGE = '0604'


def look_commands(card):
    return ['groups', 'status', 'check', 'check --verbose', f'check {card}', f'show {card}', '--json groups', '--json status', '--json check',
            f'--json check {card}', f'--json show {card}']


def check(host, device):
    return json.loads(host.run(f'pcilend --json check {device}').stdout)


def short(address):
    return address.removeprefix('0000:')


def plain(text, machine=None):
    """Without line breaks, which come elsewhere where a command in the text is longer, and without the name of the machine."""
    text = ' '.join(text.split())
    return text.replace(f' --machine {machine}', '') if machine else text


class Looking:
    """The tests of a kind. A test module gives the fixture `host`."""

    def test_groups_are_those_of_the_guides_script(self, host):
        ours = host.run('pcilend groups')
        assert ours.status in (0, 5)
        if host.run('ls /sys/kernel/iommu_groups').stdout == b'':
            # The script prints the current folder then.
            assert ours.stdout == b''
            assert re.search('none of the .* has an IOMMU group', ours.errors) and 'pcilend check' in ours.errors
            return
        if host.run('test -e /usr/local/lib/lab/groups.sh').status != 0:
            pytest.skip('../shared is not there: it has the guide')
        theirs = host.run('bash /usr/local/lib/lab/groups.sh')
        assert theirs.status == 0 and theirs.stderr == b''
        assert ours.stdout == theirs.stdout

    def test_check_and_status_say_what_the_kind_was_built_to_have(self, host):
        truth = host.kind.truth
        answer = json.loads(host.run('pcilend --json check').stdout)
        assert answer['verdict'] == truth['verdict']
        found = {finding['id'] for finding in answer['findings']}
        assert set(truth.get('findings', [])) <= found
        status = host.output('pcilend status')
        assert re.search(rf'^IOMMU +{re.escape(truth["iommu"])}', status, re.MULTILINE)
        for address, told in truth['devices'].items():
            answer = check(host, address)
            assert answer['lendable'] == told['lendable'], address
            if 'companions' in told:
                assert [short(companion) for companion in answer['companions']] == told['companions'], address
            # device null: it is about the whole machine
            found = {finding['id'] for finding in answer['findings'] if finding['device'] in (None, lending.whole(address))}
            assert set(told.get('findings', [])) <= found, address

    def test_show_tells_of_the_card_what_sysfs_tells(self, host):
        for address in host.kind.truth['devices']:
            device = json.loads(host.run(f'pcilend --json show {address}').stdout)['device']
            folder = f'/sys/bus/pci/devices/{lending.whole(address)}'
            for key in ('vendor', 'device', 'subsystem_vendor', 'subsystem_device'):
                assert host.output(f'cat {folder}/{key}').strip() == '0x' + device[key]
            assert host.output(f'cat {folder}/class').strip() == '0x' + device['class'] + device['prog_if']
            group = host.run(f'basename $(readlink {folder}/iommu_group)').text.strip()
            assert group == ('' if device['group'] is None else str(device['group']))
            assert lending.driver(host, address) == (device['driver'] or '')

    def test_a_recording_says_here_what_the_host_says(self, host, pcilend_here, tmp_path):
        machine = tmp_path / 'host.machine'
        machine.write_bytes(host.run('pcilend record -').stdout)
        card = next(iter(host.kind.truth['devices']))
        for command in look_commands(card):
            live = host.run(f'pcilend {command}')
            here = subprocess.run([pcilend_here, '--machine', machine, *command.split()], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            assert here.returncode == live.status, command
            if command.split()[-2:-1] == ['show'] or command.endswith('groups'):
                assert here.stdout == live.stdout, command
            else:
                assert plain(here.stdout.decode(), machine) == plain(live.text), command

    def test_the_kernel_agrees_with_each_verdict(self, host):
        """What is called lendable is bound and opened; what is refused for a reason that the kernel knows, the kernel refuses."""
        tried = {'lent': [], 'refused': [], 'ours alone': [], 'not decided': []}
        for address in host.output('ls /sys/bus/pci/devices').split():
            answer = check(host, address)
            if answer['lendable'] == 'unknown':
                tried['not decided'].append(address)
                continue
            blockers = {finding['id'] for finding in answer['findings'] if finding['severity'] == 'blocker'}
            is_bridge = host.output(f'cut -c 3-6 /sys/bus/pci/devices/{address}/class').strip() == PCI_BRIDGE
            if answer['lendable'] == 'no' and not (blockers & KERNEL_KNOWS or is_bridge):
                tried['ours alone'].append(address)
                continue
            # What shares the group stays where it is, if that is what stands in the way.
            devices = [address] if 'group.shared' in blockers else [address, *answer['companions']]
            try:
                bound = lending.bind(host, devices)
                said = lending.probe(host, devices) if bound.status == 0 else bound
                if answer['lendable'] == 'yes':
                    assert said.status == 0, f'{devices}: {said.text}{said.errors}'
                    tried['lent'].append(address)
                else:
                    assert said.status == 1, f'{devices}: pcilend says {blockers}, the kernel gives it away: {said.text}'
                    tried['refused'].append(address)
            finally:
                lending.give_back(host, devices)
        print('\n'.join(f'{how}: {" ".join(map(short, addresses))}' for how, addresses in tried.items()))
        assert len(tried['not decided']) <= len(host.kind.drives)    # an initramfs as root: nobody can say what lies on a disk
        if host.kind.truth['iommu'].startswith('on'):
            assert tried['lent'] and tried['refused']
        else:
            assert not tried['lent'] and tried['refused']
