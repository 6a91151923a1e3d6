"""The lab from the command line: what `make lab`, `make lab-shell`, `make lab-clean` and `make run` call.

    run.py demo             a host to lend from, from nothing to a guest that used the lent card
    run.py shell KIND       a person's console on such a host
    run.py record KIND      a recording of such a host, for tests/machines
    run.py kinds            the kinds, a line each
    run.py clean            removes images, states and logs
"""

import argparse
import os
import select
import signal
import sys
import termios
import tty
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lab import demo, emulator, full, image, place, runs, saved  # noqa: E402 (the path comes first)
from lab.host import Host  # noqa: E402
from lab.kind import Kind, names  # noqa: E402
from lab.payload import Payload  # noqa: E402

LEAVE = 0x1d    # Ctrl-]


def start(host):
    """However the kind is started fastest."""
    if host.kind.size == 'quick':
        return saved.start(host)
    if host.kind.size == 'full':
        return full.start(host)
    return host.start()


def relay(host):
    """Between this terminal and the host's console, until Ctrl-] or until the host ends."""
    console, keyboard = host.emulator.console, sys.stdin.fileno()
    before = termios.tcgetattr(keyboard) if os.isatty(keyboard) else None
    if before:
        tty.setraw(keyboard)
    try:
        console.sendall(b'\r')
        sources = [console, keyboard]
        while host.emulator.is_running():
            ready, _, _ = select.select(sources, [], [], 1)
            if console in ready:
                data = console.recv(4096)
                if not data:
                    return
                os.write(sys.stdout.fileno(), data)
            if keyboard in ready:
                data = os.read(keyboard, 4096)
                if bytes([LEAVE]) in data:
                    return
                if not data:
                    sources.remove(keyboard)
                console.sendall(data)
    finally:
        if before:
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def shell(name):
    kind = Kind(name)
    with runs.folder_for(f'shell-{name}') as folder:
        built = image.build(kind.system)
        accel, why = emulator.accelerator(built / 'boot' / 'vmlinuz')
        place.say(f'lab: {kind.about}\nlab: {why}')
        with Host(kind, Payload(folder, built), folder, accel=accel, has_console=True) as host:
            start(host)
            place.say('lab: this is the host\'s console, as root; pcilend is installed. Ctrl-] ends it, and nothing of it stays.\n')
            relay(host)
    place.say('\nlab: the host is gone')


def record(name):
    kind = Kind(name)
    with runs.folder_for(f'record-{name}') as folder, Host(kind, Payload(folder, image.build(kind.system)), folder) as host:
        start(host)
        text = host.output('pcilend record -')
    print(f'# lab-{name}.machine: recorded in the lab; {kind.about}.\n{text}', end='')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('demo')
    commands.add_parser('shell').add_argument('kind', nargs='?', default='quick')
    commands.add_parser('record').add_argument('kind')
    commands.add_parser('kinds')
    commands.add_parser('clean')
    options = parser.parse_args()
    # Ended from outside, what runs is ended on the way out as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if options.command == 'demo':
            demo.show()
        elif options.command == 'shell':
            shell(options.kind)
        elif options.command == 'record':
            record(options.kind)
        elif options.command == 'kinds':
            for name in names():
                print(f'{name:14} {Kind(name).size:9} {Kind(name).about}')
        else:
            place.clean()
    except place.LabError as error:
        text, _, remedy = str(error).partition('\n')
        sys.exit(f'lab: {text}' + ''.join(f'\n     {line}' for line in remedy.splitlines()))
    except KeyboardInterrupt:
        sys.exit('\nlab: interrupted; nothing is left running')


if __name__ == '__main__':
    main()
