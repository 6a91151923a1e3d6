"""Runs the tests and sums them up: what `make test` and `make check` call.

With --lab only the emulated hosts (tests/lab), all of them; else first the C tests (TAP, through meson, with sanitizers that
stop), then pytest over tests/. A failure is printed in full,
a skipped test with its reason. The last line is "N passed, N failed, N skipped"; it is also left in build-test/summary.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import builds
import lab.emulator
import lab.image
import lab.kind
import lab.place

TAP = re.compile(r'^(not ok|ok)\b[ 0-9]*(?:- )?([^#]*)(?:#\s*(\w+)\s*(.*))?$')


# What the lab cannot do without; tools/need has the packages.
LAB_PROGRAMS = [lab.emulator.QEMU, 'qemu-img', 'mmdebstrap', 'mkfs.vfat', 'cpio']


class Sum:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, name, state, reason=''):
        if state == 'passed':
            self.passed += 1
        elif state == 'skipped':
            self.skipped.append((name, reason))
        else:
            self.failed.append((name, reason))


def environment():
    """What a test that fails silently elsewhere shall not survive here."""
    return dict(os.environ, G_DEBUG='fatal-criticals', G_SLICE='always-malloc', LC_ALL='C.UTF-8',
                ASAN_OPTIONS='detect_leaks=1:abort_on_error=0:strict_string_checks=1',
                UBSAN_OPTIONS='print_stacktrace=1', PYTHONDONTWRITEBYTECODE='1')


def run_unit(total, quick):
    """The C tests. A program that ends badly with no failed test of its own counts as one failure."""
    log = builds.ROOT / 'build-test' / 'meson-logs' / 'testlog.json'
    log.unlink(missing_ok=True)
    suites = ['--no-suite', 'slow'] if quick else []
    done = subprocess.run(['meson', 'test', '-C', 'build-test', '--no-rebuild', '--quiet', *suites], cwd=builds.ROOT,
                          env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    results = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    failed_before = len(total.failed)
    for result in results:
        name = result['name'].split(' / ')[-1].removeprefix('pcilend:')
        failed = len(total.failed)
        rows = [TAP.match(line) for line in result.get('stdout', '').splitlines()]
        rows = [row for row in rows if row]
        for row in rows:
            what, directive = f'{name} {row[2].strip()}', (row[3] or '').upper()
            total.add(what, 'skipped' if directive == 'SKIP' else 'passed' if row[1] == 'ok' else 'failed',
                      (row[4] or '') if directive == 'SKIP' else '')
        good = result['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL')
        if good and not rows:
            total.add(name, 'passed' if result['result'] == 'OK' else 'skipped', 'the program said so')
        if not good and len(total.failed) == failed:
            total.add(name, 'failed', f'{result["result"]}, status {result.get("returncode")}')
        if not good:
            print(f'--- {name}: {result["result"]}\n{result.get("stdout", "")}{result.get("stderr", "")}')
    if done.returncode != 0 and len(total.failed) == failed_before:
        total.add('meson test', 'failed', f'status {done.returncode}')
        print(done.stdout)
    return len(results)


def prepare_lab(total):
    """Makes the images now, where their progress is seen, and not inside a test. Gives whether the lab can be used."""
    missing = [name for name in LAB_PROGRAMS if shutil.which(name) is None]
    if missing and os.environ.get('CI') != 'true':
        total.add('the lab', 'skipped', f'not installed: {" ".join(missing)} (as root, make test installs them)')
        return False
    try:
        kernel = lab.image.build() / 'boot' / 'vmlinuz'
        print(f'The lab: {lab.emulator.accelerator(kernel)[1]}; its hosts take seconds to minutes each', flush=True)
    except lab.place.LabError as error:
        print(error)
        total.add('the image of the lab', 'failed', str(error).split('\n')[0])
        return False
    return True


def run_pytest(total, marks, extra):
    report = builds.ROOT / 'build-test' / 'pytest.xml'
    report.unlink(missing_ok=True)
    done = subprocess.run([sys.executable, '-m', 'pytest', '-c', 'tests/pytest.ini', '--tb=short', f'--junitxml={report}',
                           '-m', marks, *(extra or ['-q', 'tests'])], cwd=builds.ROOT, env=environment())
    if not report.exists():
        total.add('pytest', 'failed', f'status {done.returncode}, no report')
        return
    failed = len(total.failed)
    for case in ElementTree.parse(report).iter('testcase'):
        name = f'{case.get("classname", "")}.{case.get("name")}'.lstrip('.')
        bad = case.find('failure') if case.find('failure') is not None else case.find('error')
        skipped = case.find('skipped')
        if bad is not None:
            total.add(name, 'failed', (bad.get('message') or '').split('\n')[0][:160])
        elif skipped is not None:
            total.add(name, 'skipped', skipped.get('message') or '')
        else:
            total.add(name, 'passed')
    if done.returncode not in (0, 1, 5) and len(total.failed) == failed:
        total.add('pytest', 'failed', f'status {done.returncode}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--quick', action='store_true', help='leave out the tests marked slow')
    parser.add_argument('--lab', action='store_true', help='only the lab, with what takes long in it')
    parser.add_argument('--test', default='', help='with --lab: only tests with this in their names')
    parser.add_argument('pytest', nargs='*', help='further arguments for pytest')
    options = parser.parse_args()
    total, began = Sum(), time.monotonic()
    if options.lab:
        try:
            for name in os.environ.get('LAB_KIND', '').split():
                lab.kind.Kind(name)
        except lab.place.LabError as error:
            sys.exit(f'make lab: {error}')
        if prepare_lab(total):
            wished = ['-k', options.test] if options.test else []
            run_pytest(total, 'lab', ['-v', '--durations=0', '--durations-min=5', *wished, 'tests/lab', *options.pytest])
    else:
        run_all(total, options)
    sum_up(total, began)


def run_all(total, options):
    try:
        print('Building with sanitizers', flush=True)
        builds.build('build-test')
        programs = run_unit(total, options.quick)
        print(f'{programs} test programs: {total.passed} passed, {len(total.failed)} failed, '
              f'{len(total.skipped)} skipped', flush=True)
    except builds.BuildError as error:
        print(error)
        total.add('build with sanitizers', 'failed', 'see above')
    else:
        if options.quick:
            marks = 'not slow and not lab'
        else:
            marks = 'not matrix' if prepare_lab(total) else 'not lab'
        run_pytest(total, marks, options.pytest)


def sum_up(total, began):
    print()
    for name, reason in total.skipped:
        print(f'skipped: {name}: {reason or "no reason given"}')
    for name, reason in total.failed:
        print(f'FAILED: {name}{": " if reason else ""}{reason}')
    print(f'took {time.monotonic() - began:.0f} s')
    line = f'{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped'
    folder = builds.ROOT / 'build-test'
    folder.mkdir(exist_ok=True)
    Path(folder / 'summary').write_text(line + '\n')
    print(line, flush=True)
    sys.exit(1 if total.failed or total.passed == 0 else 0)


if __name__ == '__main__':
    main()
