"""A bare host: what guests need is installed from a disk, the card is lent, and all of it is taken back, on a real kernel."""

import json
import re
import time

import pytest

from . import full, offered
from .changing import differences, drivers, pcilend, reboot, snapshot
from .conftest import kinds

pytestmark = [pytest.mark.lab, pytest.mark.matrix]

CARD, AUDIO = '02:00.0', '02:00.1'
DEVICES = [CARD, AUDIO, '00:10.0', '03:00.0']
# Who asks through sudo: the groups are for this person.
PERSON = 'lender'
ASKED_BY = f'SUDO_UID=$(id -u {PERSON})'
INSTALL_SECONDS, REMOVE_SECONDS = 2400, 1200      # deadlines, not measures
ASK = f'--with-companions {CARD}'
OF_THE_BOOT = {'/etc/modprobe.d/vfio.conf', '/etc/initramfs-tools/modules'}


@pytest.fixture(scope='module', params=[name for name in kinds('full') if name == 'bare'])
def host(request, running):
    return running(request.param, how=full.start, is_disk_safe=True)


def packages(host):
    """The packages that are there, and those of which the configuration is. Source: dpkg-query(1), db:Status-Abbrev."""
    found = {'ii': set(), 'rc': set()}
    for line in host.output(r"dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n'").splitlines():
        state, name = line.split('|')
        found[state.strip()].add(name)
    return found['ii'], found['rc']


def timed(figures, what, function, *arguments, **options):
    began = time.monotonic()
    done = function(*arguments, **options)
    figures.append(f'bare: {what}: {time.monotonic() - began:.0f} s')
    return done


def plan(host):
    return json.loads(pcilend(host, f'--json plan {ASK}', environment=ASKED_BY).stdout)['steps']
