"""What `make bench` runs: pcilend beside its floor and lspci, on machines of 64 to 100,000 functions.

On each tree of gen-sysfs.py, in one run with the commands taking turns: `pcilend groups`, the floor (floor.c: nothing but
the reading), `lspci -nn`, `lspci -nnk`, and on the smallest the guide's script. Medians of five. Then it is said line by
line whether the promises on speed hold (DESIGN section 11). Only ratios of one run count: a tree in memory is read three
to five times faster than a real sysfs.

Before that, `pcilend plan` for each graphics card of each recorded machine, beside its floor: `cat` of the same file.

Needs root and a mount namespace of its own, in which a tree is bound over /sys.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import guide  # noqa: E402 (the path comes first)

ROOT = HERE.parents[1]
SIZES = [64, 1000, 10000, 100000]
ROUNDS = 5
GROUPS_OVER_FLOOR = {1000: 1.5, 10000: 1.35, 100000: 1.35}   # CPU
LSPCI_OVER_GROUPS = 2.0                                      # CPU and wall, from 64 up
BYTES_PER_FUNCTION = 400                                     # above the floor's, at 100,000
LIVE_MS = 30
PLAN_MS = 50                                                 # wall, the slowest recorded machine


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.promises = []
        self.measure = self.compile('measure')
        self.floor = self.compile('floor')
        self.pcilend = str(ROOT / 'build' / 'src' / 'pcilend')

    def compile(self, name):
        program = str(self.folder / name)
        subprocess.run(['gcc', '-O2', '-pthread', '-w', '-o', program, HERE / f'{name}.c'], check=True)
        return program

    def once(self, command):
        """(wall in ms, CPU in ms, peak in kB) of one run."""
        text = subprocess.run([self.measure, *command], check=True, capture_output=True, text=True).stdout
        wall, cpu, peak, status = map(int, text.split())
        if status not in (0, 3, 5):
            sys.exit(f'{" ".join(command)}: status {status}')
        return wall / 1000, cpu / 1000, peak

    def compare(self, commands):
        """The medians of each command; they take turns, so that what disturbs one disturbs all."""
        rows = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                rows[name].append(self.once(command))
        return {name: tuple(map(statistics.median, zip(*row))) for name, row in rows.items()}

    def promise(self, text, value, limit, at_least=False):
        holds = value >= limit if at_least else value <= limit
        self.promises.append(holds)
        print(f'  {"holds" if holds else "DOES NOT HOLD"}: {text}: {value:.2f} '
              f'(promised: {"at least" if at_least else "at most"} {limit:g})')


def script_of_the_guide(folder):
    """The guide's script as a file, or None where the guide is not there."""
    text = guide.script()
    if text is None:
        print('The guide is not there (../shared/guide.md): its script is left out.')
        return None
    script = folder / 'guide.sh'
    script.write_text(text)
    return str(script)


def one_size(bench, n):
    root = bench.folder / str(n)
    subprocess.run([sys.executable, HERE / 'gen-sysfs.py', '--out', root / 'sys', '--n', str(n), '--attrs', 'lspci'],
                   check=True, stderr=subprocess.DEVNULL)
    commands = {'pcilend groups': [bench.pcilend, 'groups'], 'floor': [bench.floor, '1']}
    if lspci := shutil.which('lspci'):
        commands['lspci -nn'] = [lspci, '-nn']
        commands['lspci -nnk'] = [lspci, '-nnk']
    if n == SIZES[0] and (script := script_of_the_guide(bench.folder)):
        commands["the guide's script"] = ['/bin/bash', script]
    subprocess.run(['mount', '--bind', root / 'sys', '/sys'], check=True)
    try:
        rows = bench.compare(commands)
    finally:
        subprocess.run(['umount', '/sys'], check=True)
        shutil.rmtree(root)

    print(f'\n{n:,} functions{"":<12}  wall ms    CPU ms   peak MB   CPU/floor', flush=True)
    for name, (wall, cpu, peak) in rows.items():
        print(f'  {name:<26}{wall:9.1f} {cpu:9.1f} {peak / 1024:9.1f} {cpu / rows["floor"][1]:11.2f}')
    ours, floor, theirs = rows['pcilend groups'], rows['floor'], rows.get('lspci -nn')
    if n in GROUPS_OVER_FLOOR:
        bench.promise('CPU of groups over the floor', ours[1] / floor[1], GROUPS_OVER_FLOOR[n])
    if theirs:
        bench.promise('lspci -nn over groups, CPU', theirs[1] / ours[1], LSPCI_OVER_GROUPS, at_least=True)
        bench.promise('lspci -nn over groups, wall', theirs[0] / ours[0], LSPCI_OVER_GROUPS, at_least=True)
    if n == 100000:
        bench.promise("bytes a function above the floor's", (ours[2] - floor[2]) * 1024 / n, BYTES_PER_FUNCTION)


def live(bench):
    """status and check on the machine that this runs on."""
    table = subprocess.run([bench.pcilend, '--list-commands'], check=True, capture_output=True, text=True).stdout
    there = [line.split('\t')[0] for line in table.splitlines()]
    rows = bench.compare({name: [bench.pcilend, name] for name in ('status', 'check', 'groups') if name in there})
    functions = len(os.listdir('/sys/bus/pci/devices')) if os.path.isdir('/sys/bus/pci/devices') else 0
    print(f'\nThis machine, {functions} functions  wall ms    CPU ms   peak MB')
    for name, (wall, cpu, peak) in rows.items():
        print(f'  pcilend {name:<18}{wall:9.1f} {cpu:9.1f} {peak / 1024:9.1f}')
    for name in sorted({'status', 'check'} & set(rows)):
        bench.promise(f'ms of {name}, wall', rows[name][0], LIVE_MS)


def recorded():
    return sorted([*(ROOT / 'data' / 'machines').glob('*.machine'), *(ROOT / 'tests' / 'machines').glob('*.machine')])


def plans(bench):
    """plan for each graphics card of each recorded machine; of a machine the slowest card counts."""
    print(f'\nplan on recordings{"":<10}  wall ms    CPU ms   peak MB   CPU/floor')
    slowest = {}
    for machine in recorded():
        there = [bench.pcilend, '--machine', str(machine)]
        check = json.loads(subprocess.run([*there, '--json', 'check'], capture_output=True, check=False).stdout)
        cards = [card['device'] for card in check['devices']]
        rows = bench.compare({card: [*there, 'plan', card] for card in cards} | {'floor': ['/bin/cat', str(machine)]})
        card = max(cards, key=lambda one: rows[one][0])
        wall, cpu, peak = rows[card]
        slowest[f'{machine.stem} {card}'] = wall
        print(f'  {machine.stem + " " + card[5:]:<26}{wall:9.1f} {cpu:9.1f} {peak / 1024:9.1f} {cpu / rows["floor"][1]:11.2f}')
    worst = max(slowest, key=slowest.get)
    bench.promise(f'ms of plan, wall, on the slowest machine ({worst})', slowest[worst], PLAN_MS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true', help='leave out 100,000 functions')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        again = ['unshare', '-m', '--propagation', 'private']
        if os.geteuid() != 0 or subprocess.run([*again, 'true'], capture_output=True).returncode != 0:
            sys.exit('make bench binds trees over /sys, and so needs root and mount namespaces: nothing was measured.')
        os.execvp(again[0], [*again, sys.executable, *sys.argv, '--inside'])

    with tempfile.TemporaryDirectory(prefix='pcilend-bench-') as folder:
        # A tree of 100,000 functions has millions of entries: no limit on their number.
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'nr_inodes=0,size=75%', 'tmpfs', folder], check=True)
        try:
            bench = Bench(Path(folder))
            live(bench)
            plans(bench)
            for n in SIZES[:-1] if options.quick else SIZES:
                one_size(bench, n)
        finally:
            subprocess.run(['umount', '-l', folder], check=True)
    kept = sum(bench.promises)
    print(f'\n{kept} of {len(bench.promises)} promises hold.' + (' 100,000 functions were left out.' if options.quick else ''))
    sys.exit(0 if kept == len(bench.promises) else 1)


if __name__ == '__main__':
    main()
