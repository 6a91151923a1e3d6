"""Every kind that needs only a kernel: seconds each."""

import pytest

from .conftest import kinds
from .looking import Looking

pytestmark = pytest.mark.lab


@pytest.fixture(scope='module', params=kinds('smallest'))
def host(request, running):
    return running(request.param)


class TestSmallest(Looking):
    pass
