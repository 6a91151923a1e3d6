"""What can be seen in the text of the sources alone."""

import re

import expect
from builds import ROOT

MAX_LINES = 600
BANNED_CALLS = ['strcpy', 'strcat', 'sprintf', 'atoi', 'atol', 'gets', 'strtok', 'system', 'popen']
# Put together here, so that this file does not hold what it looks for.
UNFINISHED = ['TO' + 'DO', 'FIX' + 'ME', 'X' * 3, 'HA' + 'CK']
# A clone below one of these has no parent folder whose name would mean anything in a file.
NO_PARENT = ['/', '/tmp', '/home', '/root', '/opt', '/srv', '/usr/src', '/var/tmp', '/mnt']


def files(*folders):
    """All files below the folders that are ours: no build folder, nothing hidden but .ci."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob('*')):
            parts = path.relative_to(ROOT).parts
            if path.is_file() and not parts[0].startswith('build') and '__pycache__' not in parts \
               and not any(part.startswith('.') and part != '.ci' for part in parts[:-1]):
                found.append(path)
    return found


def hits(pattern, paths):
    """'path:line: text' for each line that the pattern is found in; binary files are left out."""
    found = []
    for path in paths:
        content = path.read_bytes()
        if b'\0' in content:
            continue
        for number, line in enumerate(content.decode(errors='replace').splitlines(), 1):
            if re.search(pattern, line):
                found.append(f'{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}')
    return found


def c_files(folder):
    return [path for path in files(folder) if path.suffix in ('.c', '.h')]


def code_only(text):
    """C without comments and without what stands in quotes; lines stay where they are."""
    def blank(found):
        return re.sub(r'[^\n]', ' ', found[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.DOTALL)


def test_no_banned_calls():
    pattern = r'\b(' + '|'.join(BANNED_CALLS) + r') ?\('
    expect.none(f'{path.relative_to(ROOT)}:{number}: {line.strip()}' for path in c_files('src')
                for number, line in enumerate(code_only(path.read_text()).splitlines(), 1) if re.search(pattern, line))


def test_nothing_is_marked_unfinished():
    expect.none(hits(r'\b(' + '|'.join(UNFINISHED) + r')\b|not (yet )?implemen' + 'ted', files('src', 'tests')))


def test_no_path_of_one_machine():
    """A file must not know where its author's clone lies."""
    paths = [str(ROOT)] + ([] if str(ROOT.parent) in NO_PARENT else [f'{ROOT.parent}/'])
    expect.none(hits('|'.join(map(re.escape, paths)), files('.')))


def test_files_are_short():
    expect.none((f'{path.relative_to(ROOT)}: {lines} lines' for path in c_files('src')
                 if (lines := len(path.read_text().splitlines())) > MAX_LINES), 'where is the seam?')


def test_files_are_not_large():
    expect.none(path for path in files('.') if path.stat().st_size > 400_000)


def test_each_source_file_is_built():
    """A file that no meson.build names is compiled by nobody and checked by nothing."""
    text = (ROOT / 'src' / 'meson.build').read_text()
    expect.none(name for path in c_files('src') if path.suffix == '.c'
                and f"'{(name := str(path.relative_to(ROOT / 'src')))}'" not in text)
    units = re.findall(r"^  '(\w+)',$", (ROOT / 'tests' / 'unit' / 'meson.build').read_text(), re.MULTILINE)
    expect.none({f'test_{name}.c' for name in units} ^ {path.name for path in (ROOT / 'tests/unit').glob('test_*.c')},
                'tests/unit/meson.build and the folder differ:')


def test_each_header_says_what_it_is_for():
    """STYLE: a header opens with its purpose."""
    expect.none(path.relative_to(ROOT) for path in c_files('src')
                if path.suffix == '.h' and not path.read_text().startswith(f'/* {path.name} - '))


def test_headers_are_included_once():
    expect.none(path.relative_to(ROOT) for path in c_files('src')
                if path.suffix == '.h' and '\n#pragma once\n' not in path.read_text())
