"""Lending by hand: the sysfs writes that a person would type, run in a host, and what the kernel answers."""

PCI = '/sys/bus/pci'

# Source: Documentation/ABI/testing/sysfs-bus-pci, driver_override, unbind, drivers_probe.
BIND = f'''
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
