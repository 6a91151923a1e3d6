"""The lab's kinds are what docs/lab.md says of them, and each has a truth to be held to."""

import re

from builds import ROOT

from lab.kind import Kind, names


def test_each_kind_stands_in_the_documentation():
    rows = dict(re.findall(r'^\| ([\w-]+) \| (smallest|quick|full) \|', (ROOT / 'docs' / 'lab.md').read_text(), re.MULTILINE))
    assert rows == {name: Kind(name).size for name in names()}


def test_each_kind_has_a_truth():
    for name in names():
        truth = Kind(name).truth
        assert truth['verdict'] in ('ready', 'prepare', 'impossible', 'unknown') and truth['iommu'], name
        assert all(told['lendable'] in ('yes', 'no', 'unknown') for told in truth['devices'].values()) and truth['devices'], name
