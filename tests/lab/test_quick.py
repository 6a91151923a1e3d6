"""The hosts that have systemd, libvirt and KVM: what is asked of all, and a guest that uses what it was lent."""

import statistics

import pytest

from . import lending, saved
from .conftest import kinds
from .kind import MARK
from .looking import Looking, check, short

pytestmark = pytest.mark.lab


@pytest.fixture(scope='module', params=kinds('quick'))
def host(request, running):
    return running(request.param, how=saved.start)


def lendable_card(host):
    """The second card, and what goes along with it."""
    card = next(address for address, told in host.kind.truth['devices'].items() if told.get('lends') == 'card')
    return [card, *map(short, check(host, card)['companions'])]


COMMANDS = {'pcilend groups': 'pcilend groups', 'pcilend status': 'pcilend status', 'pcilend check': 'pcilend check',
            'lspci -nn': 'lspci -nn', "the guide's script": 'bash /usr/local/lib/lab/groups.sh'}
ROUNDS = 5


def time_in(host, commands):
    """Milliseconds of each command, the median of interleaved rounds, by the host's own clock."""
    lines = ''.join(f'a=$(date +%s%N); {command} >/dev/null || exit 9; b=$(date +%s%N); echo $(( (b - a) / 1000 )) {n}\n'
                    for n, command in enumerate(commands))
    text = host.output(f'for round in {" ".join(map(str, range(ROUNDS)))}; do\n{lines}done', seconds=300)
    rows = [list(map(int, line.split())) for line in text.splitlines()]
    assert len(rows) == ROUNDS * len(commands)
    return [statistics.median(us for us, which in rows if which == n) / 1000 for n in range(len(commands))]


class TestQuick(Looking):
    def test_what_the_commands_cost_beside_lspci_and_the_script(self, host, figures):
        has_script = host.run('test -e /usr/local/lib/lab/groups.sh').status == 0
        commands = {name: command for name, command in COMMANDS.items() if has_script or not command.startswith('bash')}
        times = time_in(host, commands.values())
        figures.append(f'{host.kind.name}: ' + ', '.join(f'{name} {ms:.0f} ms' for name, ms in zip(commands, times)))

    def test_a_guest_uses_what_it_was_lent(self, host):
        told = host.kind.truth['devices']
        devices = [*lendable_card(host), *(address for address in told if told[address].get('lends') == 'more')]
        drivers = {address: lending.driver(host, address) for address in devices}
        bound = lending.bind(host, devices)
        assert bound.status == 0, bound.errors
        assert 'vfio-pci' in host.output('pcilend status')
        said = lending.run_guest(host, devices)
        print('\n'.join(said))
        used = {line.split()[3] for line in said[:-1]}
        assert said[-1] == f'guest done: {len(said) - 1} used, 0 failed'
        assert {'display', 'network'} <= used
        assert any('link up' in line for line in said) and any('of video memory kept' in line for line in said)
        if host.kind.drives:
            assert any(MARK.decode() + host.kind.drives[0] in line for line in said)
        lending.give_back(host, devices)
        host.output('udevadm settle')
        assert {address: lending.driver(host, address) for address in devices} == drivers
