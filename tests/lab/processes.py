"""What the tests of the lab itself do with processes: wait for what they come to, and end them as a person would."""

import signal
import time
from pathlib import Path


def wait_until(what, seconds=120):
    """The first value of what() that counts as true. Fails when the time is up."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, 'it did not come to that'
        time.sleep(0.05)
    return found


def is_gone(process):
    """Ended, whether or not somebody has asked for its status yet. Source: proc(5), the third field of stat."""
    try:
        return Path(f'/proc/{process}/stat').read_text().rpartition(')')[2].split()[0] in 'ZX'
    except (FileNotFoundError, ProcessLookupError):
        return True


def heed_interrupts():
    """For a new process (preexec_fn): who runs the tests in the background of a shell ignores SIGINT, and so would it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
