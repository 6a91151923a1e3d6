"""none(found): fails with what was found, a line each, and nothing else."""

import pytest


def none(found, hint=''):
    found = sorted(map(str, found))
    if found:
        pytest.fail('\n'.join([hint] * bool(hint) + found), pytrace=False)
