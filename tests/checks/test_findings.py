"""Each finding has its page, and each page its finding."""

import expect
import pytest
from builds import ROOT

PAGES = ROOT / 'docs' / 'findings'


@pytest.fixture(scope='module')
def findings(pcilend):
    done = pcilend('--list-findings')
    return done.stdout.split()


def test_each_finding_has_its_page(findings):
    assert findings
    expect.none(name for name in findings if not (PAGES / f'{name}.md').exists())


def test_each_page_has_its_finding(findings):
    expect.none(path.name for path in PAGES.glob('*.md') if path.stem not in findings)


def test_each_page_says_what_it_must(findings):
    """A page opens with the id, and has what it means, what to do, and where the fact is from."""
    for name in findings:
        text = (PAGES / f'{name}.md').read_text()
        assert text.startswith(f'# {name}\n'), name
        for section in ('## What it means', '## What to do', '## Source'):
            assert f'\n{section}\n' in text, f'{name}: {section}'
