"""Lending by hand: the sysfs writes that a person would type, run in a host, and what the kernel answers."""

from . import emulator, place
from .place import LabError

PCI = '/sys/bus/pci'
LOG = '/run/lab/guest.log'

# Source: Documentation/ABI/testing/sysfs-bus-pci, driver_override, unbind, drivers_probe.
BIND = f'''
modprobe vfio-pci || exit 1
for address in {{addresses}}; do
  echo vfio-pci >{PCI}/devices/$address/driver_override || exit 1
  if [ -e {PCI}/devices/$address/driver ]; then echo $address >{PCI}/devices/$address/driver/unbind; fi
  echo $address >{PCI}/drivers_probe
  case $(readlink {PCI}/devices/$address/driver) in */vfio-pci) ;; *) echo "$address: vfio-pci did not take it" >&2; exit 1 ;; esac
done
'''
GIVE_BACK = f'''
for address in {{addresses}}; do
  echo >{PCI}/devices/$address/driver_override
  if [ -e {PCI}/devices/$address/driver ]; then echo $address >{PCI}/devices/$address/driver/unbind; fi
  echo $address >{PCI}/drivers_probe
done
exit 0
'''


def whole(address):
    return address if address.count(':') == 2 else f'0000:{address}'


def bind(host, addresses):
    """Takes the devices from their drivers and gives them to vfio-pci; the Result."""
    return host.run(BIND.format(addresses=' '.join(map(whole, addresses))))


def give_back(host, addresses):
    host.output(GIVE_BACK.format(addresses=' '.join(map(whole, addresses))))


def probe(host, addresses):
    """What the kernel says when the devices are opened as a guest would; see probe.c."""
    return host.run(f'/usr/local/lib/lab/probe {" ".join(map(whole, addresses))}')


def driver(host, address):
    """The driver's name, or ''."""
    return host.output(f'basename "$(readlink {PCI}/devices/{whole(address)}/driver)"').strip()


# A guest takes 20 s, under the emulator and beside other work up to 60. Of about a hundred that were started one hung, on a busy machine; why
# is not known. So one that hangs is started once more, and what it and the host said last is told.
GUEST_SECONDS = 200
STARTS = 2
HUNG = 124      # timeout(1)


def run_guest(host, devices):
    """Starts a tiny guest under KVM with the devices, which vfio-pci holds already; gives the lines that it says of them.

    Two functions of one slot keep their slot. The cards give no ROM: the video BIOS of QEMU's resets a guest that has an NVMe, too.
    """
    rows = []
    slots = list(dict.fromkeys(whole(device)[:-2] for device in devices))
    for address in map(whole, devices):
        slot, function = address[:-2], address[-1]
        rows.append(f'-device vfio-pci,host={address},addr={slots.index(slot) + 4:x}.{function},rombar=0'
                    + (',multifunction=on' if function == '0' else ''))
    command = (f'rm -f {LOG}; timeout -k 10 {GUEST_SECONDS * emulator.PATIENCE:.0f} qemu-system-x86_64 -machine q35 -accel kvm -cpu host -m 512 '
               '-nodefaults -display none -no-reboot -kernel /boot/vmlinuz-* -initrd /usr/local/lib/lab/guest.cpio '
               f'-append "console=ttyS0 panic=-1 quiet" -serial file:{LOG} {" ".join(rows)}')
    for start in range(STARTS):
        done = host.run(command, GUEST_SECONDS + 60)
        said = host.output(f'tr -d "\\r" <{LOG}').splitlines()
        if done.status == 0:
            return [line for line in said if line.startswith('guest ')]
        if done.status != HUNG:
            break
        end = '\n'.join([*said[-5:], *host.output('dmesg | tail -n 5').splitlines()])
        place.say(f'lab: a guest hung ({start + 1} of {STARTS} starts); it and the host said last:\n{end}')
    raise LabError(f'the guest ended with status {done.status}\n{done.errors[-2000:]}{said[-20:]}\nthe log to read: {host.emulator.console_log}')
