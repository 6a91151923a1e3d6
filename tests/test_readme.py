"""What the README shows is what the program prints. After a change that is meant: UPDATE=1 python3 -m pytest -k readme"""

import os
import re
import shlex

import pytest
from builds import ROOT

README = ROOT / 'README.md'
SESSION = re.compile(r'^```\n(\$ pcilend [^\n]*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def sessions():
    return [found[1] for found in SESSION.finditer(README.read_text())]


@pytest.mark.parametrize('call', sessions())
def test_a_session_of_the_readme(pcilend_plain, call):
    text = README.read_text()
    shown = next(found for found in SESSION.finditer(text) if found[1] == call)
    printed = pcilend_plain(*shlex.split(call)[2:], status=None).stdout
    if os.environ.get('UPDATE') == '1':
        README.write_text(text[:shown.start(2)] + printed + text[shown.end(2):])
    else:
        assert shown[2] == printed


def test_there_are_sessions():
    assert len(sessions()) >= 2


def test_the_two_commands_stand_first():
    blocks = re.findall(r'^```\n(.*?)^```$', README.read_text(), re.MULTILINE | re.DOTALL)
    assert re.findall(r'make \w+', blocks[0]) == ['make run', 'make test']


def test_every_link_leads_somewhere():
    for name in ('README.md', 'ARCHITECTURE.md', 'HACKING.md', 'CHANGELOG.md'):
        for target in re.findall(r'\]\(([^)#]+)\)', (ROOT / name).read_text()):
            assert target.startswith('https://') or (ROOT / target).exists(), f'{name}: {target}'


def test_every_file_that_is_named_is_there():
    """Paths in backquotes in the documents on how it is built."""
    for name in ('ARCHITECTURE.md', 'HACKING.md'):
        for path in re.findall(r'`((?:src|tests|docs|man|data|tools|completions)/[\w./-]+)`', (ROOT / name).read_text()):
            assert (ROOT / path).exists() or 'NAME' in path or 'TARGET' in path, f'{name}: {path}'
