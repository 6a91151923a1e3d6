"""What `make fuzz` runs: each libFuzzer target for some seconds, over the seeds and over texts found beside the project.

What the fuzzer learns is kept in build-fuzz/corpus, so that the next run goes on from there. A crash is left in
build-fuzz/crashes: shorten it (the target's -minimize_crash=1), put it into tests/fuzz/crashes/TARGET, where every test run
replays it, and mend the code.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import builds  # noqa: E402 (the path comes first)

# Texts that a parser takes as they are: (target, letter of the parser, files).
FOUND = [
    ('machine', 't', ['../shared/guide.md', '../shared/machines/*.txt', 'tests/machines/**/*.txt']),
    ('report', 't', ['../shared/guide.md', '../shared/machines/*.txt', 'tests/machines/**/*.txt']),
    ('base', 'r', ['data/machines/*.machine', 'tests/machines/**/*.machine']),
    ('report', 'r', ['data/machines/*.machine', 'tests/machines/**/*.machine']),
]


def write_seeds(folder):
    """Copies the texts into folder/TARGET, each behind the letter of its parser."""
    for target, letter, patterns in FOUND:
        (folder / target).mkdir(parents=True, exist_ok=True)
        for pattern in patterns:
            base = builds.ROOT.parent if pattern.startswith('../') else builds.ROOT
            for path in sorted(base.glob(pattern.removeprefix('../'))):
                (folder / target / f'{letter}-{path.name}').write_bytes(letter.encode() + path.read_bytes())


def run_target(build, name, seconds):
    """Whether the target ran to its end without a finding."""
    folders = [build / 'corpus' / name, build / 'seeds' / name, HERE / 'corpus' / name, HERE / 'crashes' / name]
    crashes = build / 'crashes' / name
    for folder in [*folders[:2], crashes]:
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [build / 'tests/fuzz' / f'fuzz_{name}', f'-max_total_time={seconds}', '-timeout=10', '-rss_limit_mb=2048',
         '-max_len=16384', '-print_final_stats=1', '-verbosity=0', f'-artifact_prefix={crashes}/',
         *[folder for folder in folders if folder.is_dir()]],
        env=dict(os.environ, G_SLICE='always-malloc', G_DEBUG='fatal-criticals'), stderr=subprocess.PIPE, text=True,
        errors='replace')
    runs = [line.split()[-1] for line in done.stderr.splitlines() if 'number_of_executed_units' in line]
    print(f'fuzz_{name}: {runs[0] if runs else "?"} inputs in {seconds} s: {"quiet" if done.returncode == 0 else "A FINDING"}',
          flush=True)
    if done.returncode != 0:
        noise = ('INFO:', 'stat::', '\tNEW_FUNC', 'NOTE:', '      Combine')
        print('\n'.join(line for line in done.stderr.splitlines() if not line.startswith(noise)))
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--seconds', type=int, default=60, help='for each target')
    parser.add_argument('targets', nargs='*', help='base, machine, ...; all without')
    options = parser.parse_args()
    targets = options.targets or sorted(path.stem.removeprefix('fuzz_') for path in HERE.glob('fuzz_*.c'))
    try:
        build = builds.build('build-fuzz', *[f'tests/fuzz/fuzz_{name}' for name in targets])
    except builds.BuildError as error:
        sys.exit(str(error))
    write_seeds(build / 'seeds')
    results = [run_target(build, name, options.seconds) for name in targets]
    sys.exit(0 if all(results) else 1)


if __name__ == '__main__':
    main()
