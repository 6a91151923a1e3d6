"""What is put into each host at its start: pcilend as `make install` installs it, and the lab's own programs.

    /usr/local/...                  pcilend
    /usr/local/lib/lab/probe        asks the kernel whether a group can be lent (probe.c)
    /usr/local/lib/lab/guest.cpio   the initramfs of the tiny guest (guest.py)
    /usr/local/lib/lab/groups.sh    the guide's script, where the guide is there
"""

import os
import subprocess
import sys

from . import archive, guest, place

sys.path.insert(0, str(place.ROOT / 'tests'))
import guide  # noqa: E402 (the path comes first)

SIZE_BYTES = 64 << 20


def _install(target):
    done = subprocess.run(['make', '--no-print-directory', 'install', f'DESTDIR={target}', 'PREFIX=/usr/local'], cwd=place.ROOT,
                          env={key: value for key, value in os.environ.items() if not key.startswith(('MAKE', 'MFLAGS'))},
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise place.LabError(f'make install failed with status {done.returncode}\n{done.stdout[-2000:]}')


def gather(folder, image_folder):
    """The files below the folder, as they shall stand in a host."""
    root = archive.Folder(folder)
    with place.lock('install'):    # two labs at once would configure the same build folder
        _install(root.path)
    lab = root.path / 'usr/local/lib/lab'
    lab.mkdir(parents=True, exist_ok=True)
    archive.compile_static(place.LAB / 'probe.c', lab / 'probe')
    (lab / 'guest.cpio').write_bytes(guest.build(image_folder).read_bytes())
    script = guide.script()
    if script is not None:
        root.write('usr/local/lib/lab/groups.sh', script, 0o755)
    return root


class Payload:
    """Made once for a run of the lab. cpio for the smallest host (with pcilend's libraries), disk for the others."""

    def __init__(self, folder, image_folder):
        root = gather(folder / 'payload', image_folder)
        self.disk = folder / 'payload.tar'
        root.pack_tar(self.disk, SIZE_BYTES)
        root.take_program(archive.Tree(image_folder / 'tree.tar'), 'pcilend', root.path / 'usr/local/bin/pcilend')
        self.cpio = folder / 'payload.cpio'
        root.pack_cpio(self.cpio)
