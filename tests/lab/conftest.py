"""What the lab's tests share: hosts, and what is kept of one whose test failed."""

import os
import re
import shutil

import builds
import pytest

from lab import image, place, runs
from lab.host import Host
from lab.kind import Kind, names
from lab.payload import Payload

WISHED = os.environ.get('LAB_KIND', '').split()


def kinds(*sizes):
    """The kinds of these sizes, of those that were asked for, as parameters of a fixture."""
    found = [Kind(name) for name in WISHED or names()]
    return [kind.name for kind in found if kind.size in sizes]


@pytest.fixture(scope='session')
def folder():
    """For the runs of this session; a folder in it for each host."""
    path = runs.new('test')
    yield path
    shutil.rmtree(path / 'payloads', ignore_errors=True)
    if not any(path.iterdir()):
        path.rmdir()


@pytest.fixture(scope='session')
def payload_of(folder):
    """payload_of(kind): what is put into its hosts, gathered once for each image."""
    made = {}

    def give(kind):
        if kind.system not in made:
            made[kind.system] = Payload(folder / 'payloads' / kind.system, image.build(kind.system))
        return made[kind.system]
    return give


@pytest.fixture(scope='session')
def new_host(folder, payload_of):
    """new_host('intel'): a host that is not started yet, in a folder of its own."""
    def make(name, label='', **options):
        kind = Kind(name)
        path = folder / f'{name}{label}'
        path.mkdir(parents=True, exist_ok=True)
        return Host(kind, payload_of(kind), path, **options)
    return make


def pytest_collection_modifyitems(config, items):
    """Of a size of which no kind was asked for there is nothing to run; and who asks for kinds wants only their hosts."""
    def is_nothing(item):
        return any('empty parameter set' in mark.kwargs.get('reason', '') for mark in item.iter_markers('skip'))
    left = [item for item in items if is_nothing(item) or (WISHED and 'host' not in item.fixturenames)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test names the logs, keeps a recording of the host, and says how to run it again."""
    report = (yield).get_result()
    host = item.funcargs.get('host') if hasattr(item, 'funcargs') else None
    if not report.failed or 'lab' not in item.keywords:
        return
    found = re.search(r'\[([\w-]+)', item.name)
    kind = host.kind.name if host else found[1] if found and found[1] in names() else ''
    lines = [f'again: make lab{f" KIND={kind}" if kind else ""} TEST={item.originalname}']
    if host is not None:
        host.is_kept = True
        lines.insert(0, f'logs: {host.folder}')
        try:
            (host.folder / 'host.machine').write_text(host.output('pcilend record -'))
            lines.insert(1, f'a recording of the host: {host.folder}/host.machine')
        except Exception as error:    # the host may be gone, which is not what failed
            lines.insert(1, f'no recording of the host: {str(error).splitlines()[0]}')
    report.sections.append(('lab', '\n'.join(lines)))


FIGURES = []


@pytest.fixture(scope='session')
def figures():
    """What was measured, a line each: told at the end of the run, and no reason to fail."""
    return FIGURES


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.write_sep('-', 'measured on emulated hosts')
        for line in FIGURES:
            terminalreporter.write_line(line)


@pytest.fixture
def build_folder(tmp_path, monkeypatch):
    """A build folder of the test's own."""
    monkeypatch.setattr(place, 'BUILD', tmp_path / 'build-lab')
    monkeypatch.setattr(place, 'RUNS', tmp_path / 'build-lab' / 'runs')
    return tmp_path / 'build-lab'


@pytest.fixture
def pcilend_here():
    """The program on this machine, as it was put into the hosts."""
    return builds.build('build') / 'src' / 'pcilend'


@pytest.fixture(scope='module')
def running(new_host):
    """running('intel'): a started host. It ends when the next one is started, or with the module; what a failed test used stays."""
    hosts = []

    def end():
        while hosts:
            host = hosts.pop()
            host.cut()
            if not host.is_kept:
                shutil.rmtree(host.folder, ignore_errors=True)

    def start(name, how=Host.start, **options):
        end()
        hosts.append(new_host(name, **options))
        return how(hosts[0])
    yield start
    end()
