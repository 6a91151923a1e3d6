"""The folders of runs: what a host leaves behind. One goes when all went well; after a failure it stays to be looked into."""

import contextlib
import os
import shutil
from pathlib import Path

from . import place

KEPT = 8


def is_in_use(path):
    """Whether the process that made it is still there."""
    process = path.name.rpartition('-')[2]
    return process.isdecimal() and Path('/proc', process).exists()


def new(name):
    """An empty folder for a run of this process. Of those that stayed, only the newest are kept."""
    place.RUNS.mkdir(parents=True, exist_ok=True)
    old = sorted((path for path in place.RUNS.iterdir() if not is_in_use(path)), key=lambda path: path.stat().st_mtime)
    for path in old[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
    folder = place.RUNS / f'{name}-{os.getpid()}'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@contextlib.contextmanager
def folder_for(name):
    folder = new(name)
    try:
        yield folder
    except (KeyboardInterrupt, SystemExit):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
