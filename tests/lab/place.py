"""Where the lab keeps its things, and what it says while it works.

Images are kept in build-lab/, each in a folder named by the content of its recipe. The packages that they are made of are
kept in the user's cache folder, so that another clone needs no network. Each run of a host has a folder of its own.
"""

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

# mkfs and its kind are not on the path of an ordinary user, and work for him all the same.
os.environ['PATH'] = os.environ.get('PATH', '/usr/bin:/bin') + ':/usr/sbin:/sbin'

LAB = Path(__file__).resolve().parent
ROOT = LAB.parents[1]
BUILD = ROOT / 'build-lab'
RUNS = BUILD / 'runs'


REFUSALS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ENOTDIR}
PR_SET_PDEATHSIG = 1    # Source: prctl(2), linux/prctl.h.
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """What went wrong, and on lines of their own what to do and which log to read. Shown without a traceback."""


def cache_folder():
    """The user's cache folder of the lab. Source: XDG Base Directory Specification, XDG_CACHE_HOME (absolute, or ignored)."""
    base = os.environ.get('XDG_CACHE_HOME', '')
    base = Path(base) if base.startswith('/') else Path.home() / '.cache'
    return base / 'pcilend' / 'lab'


def say(text):
    """One line of progress, on standard error: standard output belongs to what the lab is asked for."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text, usual_seconds):
    """Says what is done and how long it usually takes, and afterwards how long it took."""
    say(f'lab: {text} (usually {usual_seconds} s)')
    began = time.monotonic()
    yield
    say(f'lab: {text}: done in {time.monotonic() - began:.0f} s')


def content_key(*parts):
    """A short name of a recipe: it changes with each byte of its parts. A part is a text, bytes, a file or a folder."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            files = sorted(path for path in part.rglob('*') if path.is_file()) if part.is_dir() else [part]
            for path in files:
                digest.update(f'{path.relative_to(LAB)} {os.access(path, os.X_OK)} {path.stat().st_size}\n'.encode())
                digest.update(path.read_bytes())
        else:
            data = part if isinstance(part, bytes) else str(part).encode()
            digest.update(f'{len(data)}\n'.encode() + data)
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def refusals_of(folder):
    """What the system refuses in this folder, no right or no room, is said like all else."""
    try:
        yield
    except OSError as error:
        if error.errno not in REFUSALS:
            raise
        raise LabError(f'{error.filename or folder}: {error.strerror}\n'
                       f'see that this user may write in {folder}, and that there is room (a folder that root made: remove it as root)') from error
    except subprocess.CalledProcessError as error:
        raise LabError(f'{error.cmd[0]} failed with status {error.returncode}, making {folder}\n'
                       'what it said stands above; try again, and report it if it stays') from error


def end_with_me():
    """For a new process (preexec_fn): it is killed when this program ends, however that ends."""
    # The signal follows the thread that forks, so that has to be one that lasts as long as the program.
    assert threading.current_thread() is threading.main_thread()
    parent = os.getpid()

    def prepare():
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
    return prepare


def need_space(folder, wanted_mib, what):
    """Refuses before anything is begun where the disk would run full."""
    with refusals_of(folder):
        folder.mkdir(parents=True, exist_ok=True)
    free_mib = shutil.disk_usage(folder).free >> 20
    if free_mib < wanted_mib:
        raise LabError(f'{folder}: {what} needs {wanted_mib} MiB, and {free_mib} MiB are free\n'
                       'make room there, or remove what older recipes left: make lab-clean')


def need_memory(wanted_mib, what):
    """Source: Documentation/filesystems/proc.rst, MemAvailable."""
    for line in Path('/proc/meminfo').read_text().splitlines():
        if line.startswith('MemAvailable:'):
            available_mib = int(line.split()[1]) >> 10
            if available_mib < wanted_mib:
                raise LabError(f'{what} needs {wanted_mib} MiB of memory, and {available_mib} MiB are available\n'
                               'end other programs first')


def need_program(*names, package):
    for name in names:
        if shutil.which(name) is None:
            raise LabError(f'{name} is not installed\ninstall it: apt-get install {package} (make lab and make test do that as root)')


@contextlib.contextmanager
def lock(name, folder=None):
    """One at a time builds the same thing; the second one says for whom it waits. The kernel drops the lock of who is killed."""
    folder = folder or BUILD
    with refusals_of(folder):
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / f'{name}.lock', 'a+')
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f'lab: {name} is being made by process {file.read().strip() or "?"}: waiting for it')
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def remove(folder):
    """Removes a folder with all that is in it; what a user namespace of an ordinary user left belongs to others, and goes as well."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.geteuid() != 0:
        subprocess.run(['unshare', '--user', '--map-root-user', '--map-auto', 'rm', '-rf', folder], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if folder.exists():
        raise LabError(f'{folder} cannot be removed\nremove it as root: rm -rf "{folder}"')


@contextlib.contextmanager
def making(target):
    """Gives a folder to fill, which becomes the target when all went well. What is left of a broken attempt is thrown away."""
    part = target.with_name(target.name + '.part')
    remove(part)
    with refusals_of(part):
        part.mkdir(parents=True)
        try:
            yield part
        except BaseException:
            remove(part)
            raise
        (part / 'used').touch()
        part.rename(target)


OLD_DAYS = 14
HALF_MADE_DAYS = 1      # longer than anything takes to make


def tidy():
    """Removes what older recipes left: whatever nobody used for two weeks, and what was cut off half-way."""
    old = [used.parent for used in BUILD.glob('*-*/used') if _age_days(used) > OLD_DAYS]
    for folder in [*old, *(part for part in BUILD.glob('*-*.part') if _age_days(part) > HALF_MADE_DAYS)]:
        with contextlib.suppress(LabError):     # what stays is in nobody's way
            remove(folder)


def _age_days(path):
    return (time.time() - path.stat().st_mtime) / 86400


def users():
    """What is going on in the build folder, a line each: what is being made there, and who has a host there."""
    lines = []
    for path in BUILD.glob('*.lock'):
        with open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                lines.append(f'{path.stem} is being made by process {file.read().strip() or "?"}')
    for path in RUNS.glob('*-*'):
        process = path.name.rpartition('-')[2]
        if process.isdecimal() and Path('/proc', process).exists():
            lines.append(f'process {process} has {path}')
    return lines


def clean():
    """Removes images, saved hosts and logs; the fetched packages stay."""
    if lines := users():
        raise LabError(f'the lab is in use: {"; ".join(lines)}\nwait for that, or end it, and try again')
    if BUILD.exists():
        remove(BUILD)
        say(f'lab: {BUILD} is removed; the packages in {cache_folder()} stay')
