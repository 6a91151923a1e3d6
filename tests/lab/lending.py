"""Lending by hand: the sysfs writes that a person would type, run in a host, and what the kernel answers."""

PCI = '/sys/bus/pci'

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


def run_guest(host, devices, seconds=400):
    """Starts a tiny guest under KVM with the devices, which vfio-pci holds already; gives the lines that it says of them.

    Two functions of one slot keep their slot. The cards give no ROM: the video BIOS of QEMU's resets a guest that has an NVMe, too.
    """
    rows = []
    slots = list(dict.fromkeys(whole(device)[:-2] for device in devices))
    for address in map(whole, devices):
        slot, function = address[:-2], address[-1]
        rows.append(f'-device vfio-pci,host={address},addr={slots.index(slot) + 4:x}.{function},rombar=0'
                    + (',multifunction=on' if function == '0' else ''))
    host.output('rm -f /run/lab/guest.log; qemu-system-x86_64 -machine q35 -accel kvm -cpu host -m 512 -nodefaults -display none -no-reboot '
                '-kernel /boot/vmlinuz-* -initrd /usr/local/lib/lab/guest.cpio -append "console=ttyS0 panic=-1 quiet" '
                f'-serial file:/run/lab/guest.log {" ".join(rows)}', seconds)
    return [line for line in host.output('tr -d "\\r" </run/lab/guest.log').splitlines() if line.startswith('guest ')]
