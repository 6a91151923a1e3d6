"""What `make run` shows on a machine that has nothing to lend: the whole job on an emulated host.

From nothing to a guest that has used the lent card: the image is made, the host started, looked at with pcilend, its card taken
from its driver and given to a guest, used there, and given back.
"""

import time

from . import emulator, image, lending, place, runs, saved
from .host import Host
from .kind import Kind
from .lending import whole
from .looking import check, short
from .payload import Payload

KIND = 'quick'


def tell(text):
    print(f'\n{text}', flush=True)


def type_in(host, command, statuses=(0,)):
    """A command as a person types it in the host, and what it prints."""
    print(f'\n# {command}', flush=True)
    done = host.run(command)
    print(done.text + done.errors, end='', flush=True)
    if done.status not in statuses:
        raise place.LabError(f'"{command}" ended with status {done.status} in the host\nits logs: {host.folder}')


def lend(host, devices):
    drivers = {address: lending.driver(host, address) for address in devices}
    tell(f'Now {" and ".join(devices)} go to a guest: off {" and ".join(driver or "no driver" for driver in drivers.values())}, '
         'to\nvfio-pci, by writes to sysfs (a pcilend command for it comes later).')
    bound = lending.bind(host, devices)
    if bound.status != 0:
        raise place.LabError(f'the host\'s kernel did not give them: {bound.errors.strip()}\nits logs: {host.folder}')
    type_in(host, 'pcilend status')
    tell('A guest is started under KVM in the host, with the card: half a minute.\nIt says on its serial line:\n')
    said = lending.run_guest(host, devices)
    print('\n'.join(f'    {line}' for line in said), flush=True)
    if not said or not said[-1].endswith(' 0 failed') or not any(' display ' in line for line in said):
        raise place.LabError(f'the guest did not use the card\nits logs: {host.folder}')
    lending.give_back(host, devices)
    host.output('udevadm settle')
    back = {address: lending.driver(host, address) for address in devices}
    if back != drivers:
        raise place.LabError(f'not all devices came back to their drivers: {back}\nits logs: {host.folder}')
    tell(f'Taken back: {", ".join(f"{address} is on {name} again" for address, name in back.items() if name)}.')


def show():
    began = time.monotonic()
    kind = Kind(KIND)
    card = next(address for address, told in kind.truth['devices'].items() if told.get('lends') == 'card')
    print('So the whole job is done on an emulated host that has an IOMMU and a card to\n'
          'lend. The first time this takes about four minutes: a Debian system is put\n'
          'together, booted and used inside an emulator. Later it takes about one.', flush=True)
    with runs.folder_for('demo') as folder:
        built = image.build(kind.system)
        accel, why = emulator.accelerator(built / 'boot' / 'vmlinuz')
        place.say(f'lab: {why}')
        payload = Payload(folder, built)
        with Host(kind, payload, folder, accel=accel) as host:
            saved.start(host)
            tell(f'This is the emulated host, as root; pcilend is installed in it.\nThe card to lend is {whole(card)}.')
            type_in(host, 'pcilend status')
            devices = [card, *map(short, check(host, card)['companions'])]
            type_in(host, f'pcilend check {" ".join(devices)}')
            lend(host, devices)
    tell(f'Done in {time.monotonic() - began:.0f} s; the host is gone, and nothing of it runs on.')
