"""What `make run` shows where there is nothing to lend: the whole job on an emulated host, with the next commands at its end."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from builds import ROOT

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures('pcilend_here')]    # it is built


def test_the_whole_job_on_an_emulated_host():
    if any(Path('/sys/kernel/iommu_groups').glob('*')):
        pytest.skip('this machine has IOMMU groups, so make run shows this machine')
    done = subprocess.run([ROOT / 'tools' / 'run'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=900, env=dict(os.environ, LC_ALL='C.UTF-8'))
    assert done.returncode == 0, done.stdout + done.stderr
    text = done.stdout
    assert all(len(line) <= 80 for line in text.splitlines())
    assert text.startswith('This machine has no IOMMU groups.\n') and 'this takes about four minutes' in text
    assert [line for line in text.splitlines() if line.startswith('# ')] == ['# pcilend status', '# pcilend check 02:00.0 02:00.1', '# pcilend status']
    assert re.search(r'^Lent now +02:00.0 is held by vfio-pci', text, re.MULTILINE)
    assert re.search(r'guest .* display \d+ words of video memory kept\n +guest done: 1 used, 0 failed', text)
    assert 'Taken back: 02:00.0 is on cirrus again' in text
    assert 'Next, the same for this machine: build/pcilend check' in text
    assert text.splitlines()[-1] == 'With two cards begin with: pcilend status, then: pcilend check ADDRESS'
