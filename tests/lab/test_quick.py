"""The hosts that have systemd, libvirt and KVM: what is asked of all, and a guest that uses what it was lent."""

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


class TestQuick(Looking):
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
        assert any('link up' in line for line in said) and any('video memory written' in line for line in said)
        if host.kind.drives:
            assert any(MARK.decode() + host.kind.drives[0] in line for line in said)
        lending.give_back(host, devices)
        host.output('udevadm settle')
        assert {address: lending.driver(host, address) for address in devices} == drivers
