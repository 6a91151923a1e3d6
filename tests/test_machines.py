"""Real machines, as their owners posted them: what pcilend makes of each listing, against what was reviewed by hand.

The listings lie beside the repository and are read there. UPDATE=1 writes the expectations anew: read the diff."""

import json
import os
import subprocess
from pathlib import Path

import builds
import pytest

FOLDER = Path(__file__).resolve().parent / 'machines'
SHARED = Path(os.environ.get('PCILEND_SHARED', builds.ROOT.parent / 'shared'))
LISTINGS = {path.stem: path for path in sorted((SHARED / 'machines').glob('*.txt'))}
if (SHARED / 'guide.md').is_file():
    LISTINGS['guide'] = SHARED / 'guide.md'
EXPECTED = sorted(path.stem for path in (FOLDER / 'expected').glob('*.json'))

# The collection counts addresses that a line names; here are those that it counts otherwise.
OTHER_COUNTS = {
    '053-proxmox-sysfs-links': 22,  # one function stands in a group only, and lspci does not show it
}
# Handed to a guest by their owners, but not in what they posted.
NOT_POSTED = {
    '038-utkb-navi10': {'0000:0b:00.3', '0000:0b:00.4'},
    '076-hmoazzem-7900xtx': {'0000:6d:00.0'},
}


@pytest.fixture(scope='session')
def dump():
    """Runs tests/unit/dump_text on a file; gives what it printed."""
    program = os.environ.get('PCILEND_DUMP_TEXT') or builds.build('build-test') / 'tests' / 'unit' / 'dump_text'

    def run(path, *arguments):
        done = subprocess.run([program, path, FOLDER / 'classes.ids', *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, encoding='utf-8', errors='surrogateescape', timeout=120)
        assert 'runtime error' not in done.stderr and 'Sanitizer' not in done.stderr, done.stderr
        assert done.returncode == 0, f'{path}: status {done.returncode}\n{done.stderr}'
        return done.stdout
    return run


@pytest.mark.skipif(not LISTINGS, reason='../shared/machines is not there')
@pytest.mark.parametrize('name', LISTINGS)
def test_listing(name, dump):
    found = dump(LISTINGS[name])
    json.loads(found)
    path = FOLDER / 'expected' / f'{name}.json'
    if os.environ.get('UPDATE') == '1':
        path.write_text(found)
        return
    assert path.is_file(), f'no expectation for {name}: UPDATE=1 writes one, to be reviewed'
    # Line by line, so that a difference shows as the one function it is about.
    assert found.splitlines() == path.read_text().splitlines()


@pytest.mark.skipif(not LISTINGS, reason='../shared/machines is not there')
def test_each_expectation_has_its_listing():
    assert EXPECTED == sorted(LISTINGS)


@pytest.mark.skipif(not LISTINGS, reason='../shared/machines is not there')
@pytest.mark.parametrize('name', [name for name, path in LISTINGS.items() if path.with_suffix('.json').is_file()])
def test_agrees_with_its_description(name, dump):
    """What the collection itself says of the machine, by other means than ours."""
    description = json.loads(LISTINGS[name].with_suffix('.json').read_text())
    text = LISTINGS[name].read_text(errors='replace')
    found = json.loads(dump(LISTINGS[name]))
    addresses = {device['address'] for device in found['devices']}
    assert len(addresses) == OTHER_COUNTS.get(name, description['devices'])
    chosen = {address if address.count(':') == 2 else f'0000:{address}' for address in description['chosen'] or []}
    assert chosen - addresses == NOT_POSTED.get(name, set())
    if description['kernel'] and description['kernel'] in text:
        assert found['kernel'] == description['kernel']
    if 'distribution' in found:
        assert found['distribution'].split()[0] in (description['distro'] or '')


@pytest.mark.skipif(not LISTINGS, reason='../shared/machines is not there')
@pytest.mark.parametrize('name', LISTINGS)
def test_each_cut_tells_nothing_else(name, dump, tmp_path):
    """A file that ends in the middle of a line: what is said of the functions in it is said in the whole file, too."""
    content = LISTINGS[name].read_bytes()
    end = len(content) * 2 // 3
    start = content.rfind(b'\n', 0, end) + 1
    whole = [json.loads(dump(write(tmp_path, content[:stop]))) for stop in (start, content.find(b'\n', end) + 1 or None)]
    known = [{device['address']: device for device in machine['devices']} for machine in whole]
    for device in json.loads(dump(write(tmp_path, content[:end])))['devices']:
        for key, value in device.items():
            assert any(key in machine.get(device['address'], {}) and machine[device['address']][key] == value
                       for machine in known), f'{device["address"]}: {key} is {value} only where the text is cut'


def write(folder, content):
    path = folder / 'cut.txt'
    # What holds nothing at all is an error; one line that is always there makes it a text.
    path.write_bytes(b'ff:1f.7 Host bridge [0600]: Acme [1022:1480]\n' + content)
    return path


@pytest.mark.skipif('guide' not in LISTINGS, reason='../shared/guide.md is not there')
def test_guide_names_are_its_own_bytes(dump):
    """`groups` prints the guide's listing out of these names."""
    text = LISTINGS['guide'].read_text()
    numbers = {device['address']: device for device in json.loads(dump(LISTINGS['guide']))['devices']}
    for line in dump(LISTINGS['guide'], 'names').splitlines():
        address, class_name, name, _ = line.split('\t')
        device = numbers[address]
        if not name:
            continue
        revision = '' if device['revision'] == '00' else f' (rev {device["revision"]})'
        assert f'\t{address[5:]} {class_name} [{device["class"]}]: {name} [{device["ids"]}]{revision}\n' in text
