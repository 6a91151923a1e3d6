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
PROGRAMS = [f'/usr/bin/{name}' for name in ('qemu-system-x86_64', 'qemu-img', 'virsh', 'virt-install', 'swtpm')]
OF_THE_BOOT = {'/etc/modprobe.d/vfio.conf', '/etc/initramfs-tools/modules'}

# What packages make besides their own files, and which. The files of the boot are none of these.
MADE = {
    r'/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?': 'users and groups: adduser, by libvirt-daemon-system and swtpm; and the person',
    r'/etc/libvirt/(nwfilter|qemu/networks)/.*': 'libvirt-daemon-config-nwfilter and -network copy them, and move them aside when they go',
    r'/etc/apparmor\.d/local/.*': 'dh_apparmor: empty files for a person to fill',
    r'/etc/systemd/system/(multi-user|sockets|timers)\.target\.wants/.*': 'units that packages switch on',
    r'/etc/alternatives/.*': 'update-alternatives, by iptables',
    r'/etc/(ca-certificates\.conf|ssl/certs/.*)': 'ca-certificates',
    r'/etc/(sgml|xml)/.*': 'catalogs of sgml-base and xml-core',
    r'/etc/(inputrc|networks|python3/debian_config)': 'readline-common, netbase and python3 copy them',
    r'/etc/pam\.d/common-.*': 'pam-auth-update, by libpam-systemd',
    r'/etc/ld\.so\.cache': 'ldconfig',
}


@pytest.fixture(scope='module', params=[name for name in kinds('full') if name == 'bare'])
def host(request, running):
    return running(request.param, how=full.start)


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


def not_of_packages(host, before, after, there):
    """What differs and is nobody's whom the new packages account for: their files, and what MADE tells."""
    new = ' '.join(sorted(set().union(*packages(host)) - there))
    owned = set(host.output(f'dpkg-query -L {new}').splitlines()) if new else set()
    return [path for path in differences(before, after) if path not in owned and not any(re.fullmatch(pattern, path) for pattern in MADE)]


def test_from_a_bare_host_to_a_lent_card_and_back(host, figures):
    host.output(offered.NAME_IT, seconds=300)
    host.output(f'useradd {PERSON}')
    image = f'/boot/initrd.img-{host.output("uname -r").strip()}'
    before, files, (there, gone) = drivers(host, DEVICES), snapshot(host), packages(host)
    assert before[CARD] and before[AUDIO] and 'vfio-pci' not in before.values() and not gone
    assert host.run(f'ls {" ".join(PROGRAMS)}').text == ''

    # The plan names what is missing, by the names of Debian, and nothing else.
    planned = plan(host)
    argv = planned[0]['argv']
    named = set(argv[argv.index('install') + 1:])
    assert named == set(host.kind.packages) and planned[0]['leave'] == 'packages'
    assert {step['path'] for step in planned if step['kind'] == 'file'} == OF_THE_BOOT

    # Installed, switched on, and the boot prepared.
    timed(figures, 'apply', pcilend, host, f'-y apply --no-trial {ASK}', seconds=INSTALL_SECONDS, environment=ASKED_BY)
    assert 'Setting up libvirt-daemon-system' in host.output('cat /var/lib/pcilend/1/output-1')
    with_packages, _ = packages(host)
    assert with_packages >= there | named
    assert set(not_of_packages(host, files, snapshot(host), there)) == OF_THE_BOOT | {image}
    assert plan(host) == []

    reboot(host)
    now = drivers(host, DEVICES)
    assert now == {**before, CARD: 'vfio-pci', AUDIO: 'vfio-pci'}
    shown = host.output('lspci -nnk -s 02:00')
    print(shown)
    assert shown.count('Kernel driver in use: vfio-pci') == 2
    host.output(f'ls {" ".join(PROGRAMS)} /usr/share/OVMF/OVMF_CODE_4M.fd')
    assert 'Id' in host.output('virsh -c qemu:///system list', seconds=300)
    networks = host.output('virsh -c qemu:///system net-list --all')
    print(networks)
    assert re.search(r'^ default +\w+ +yes +yes', networks, re.MULTILINE)
    assert {'libvirt', 'kvm'} <= set(host.output(f'id -nG {PERSON}').split())
    assert plan(host) == []

    # The boot's files are what they were, the packages stay, and that is said.
    undone = timed(figures, 'undo', pcilend, host, 'undo')
    assert 'pcilend undo --packages' in undone.text and all(name in undone.text for name in named)
    assert not_of_packages(host, files, snapshot(host), there) == []
    assert packages(host)[0] == with_packages
    assert set(host.output(f'id -nG {PERSON}').split()) == {PERSON}

    # Then what was installed goes, and no more; the rest by Debian's own means, as the manual says.
    timed(figures, 'undo --packages', pcilend, host, 'undo --packages', seconds=REMOVE_SECONDS)
    left, configured = packages(host)
    assert left == with_packages - named and configured <= named
    again = plan(host)[0]['argv']
    assert set(again[again.index('install') + 1:]) == named
    timed(figures, 'apt-get autoremove', host.output, 'apt-get -y autoremove', seconds=REMOVE_SECONDS)
    # Of 144 dependencies about 50 stay: apt keeps what an installed package recommends or suggests.
    now = packages(host)[0]
    assert there <= now < left and not [name for name in now if name.startswith(('libvirt', 'qemu'))]
    assert not_of_packages(host, files, snapshot(host), there) == []
    reboot(host)
    assert drivers(host, DEVICES) == before
    assert not_of_packages(host, files, snapshot(host), there) == []
