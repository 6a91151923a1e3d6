"""What the tests use of ../shared/guide.md, read in place: the folder is not part of the project, and may be missing."""

import re

from builds import ROOT

GUIDE = ROOT.parent / 'shared' / 'guide.md'


def script():
    """The script that lists the IOMMU groups, or None where the guide is not there."""
    if not GUIDE.exists():
        return None
    return re.search(r'^```\n(#!/bin/bash\n.*?)^```$', GUIDE.read_text(), re.MULTILINE | re.DOTALL)[1]
