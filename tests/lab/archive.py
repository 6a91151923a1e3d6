"""Files as an archive that a kernel unpacks (initramfs) or tar reads (payload), gathered without root.

A program comes with the libraries that it names, out of the tree of an image or of this machine.
"""

import os
import re
import subprocess
import tarfile
from pathlib import Path

from .place import LabError, need_program

LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib64', 'lib64', 'usr/lib']


def needed_libraries(path):
    """The names in DT_NEEDED, and the interpreter. Source: readelf(1)."""
    text = subprocess.run(['readelf', '--wide', '--dynamic', '--program-headers', path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, LC_ALL='C')).stdout
    return re.findall(r'\(NEEDED\).*\[(.+)\]', text) + re.findall(r'program interpreter: (.+)\]', text)


def compile_static(source, target):
    """A program for a host or guest, whatever libraries are there."""
    need_program('gcc', package='gcc libc6-dev')
    done = subprocess.run(['gcc', '-std=gnu17', '-O1', '-Wall', '-Wextra', '-Werror', '-static', '-o', target, source],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise LabError(f'{source} does not compile\n{done.stdout}')
    return target


class Tree:
    """The files of a tree.tar, by path without a leading slash; links are followed."""

    def __init__(self, path):
        self.tar = tarfile.open(path)
        self.members = {member.name.removeprefix('./'): member for member in self.tar}

    def resolve(self, name):
        for _ in range(40):
            parts = name.strip('/').split('/')
            for count in range(1, len(parts) + 1):
                member = self.members.get('/'.join(parts[:count]))
                if member is None:
                    return None
                if member.issym():
                    target = member.linkname if member.linkname.startswith('/') else '/'.join([*parts[:count - 1], member.linkname])
                    name = os.path.normpath('/' + '/'.join([target, *parts[count:]])).lstrip('/')
                    break
            else:
                return name
        return None

    def read(self, name):
        """The bytes, or None where there is no such file."""
        found = self.resolve(name)
        member = self.members.get(found) if found else None
        while member is not None and member.islnk():
            member = self.members.get(member.linkname.removeprefix('./'))
        return self.tar.extractfile(member).read() if member is not None and member.isfile() else None

    def names(self, prefix):
        return [name for name, member in self.members.items() if name.startswith(prefix) and not member.isdir()]


class Folder:
    """What goes into an archive, laid out as files below a folder of ours."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True, exist_ok=True)

    def write(self, name, data, mode=0o644):
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
        target.chmod(mode)
        return target

    def take(self, tree, name, mode=0o644):
        data = tree.read(name)
        if data is None:
            raise LabError(f'the tree of the image has no {name}: is it on packages.list?')
        return self.write(name, data, mode)

    def take_program(self, tree, name, path=None):
        """A program of the tree (or, with path, a file that is here already), with all libraries that it needs."""
        todo = [path or self.take(tree, name, 0o755)]
        while todo:
            for library in needed_libraries(todo.pop()):
                places = [library.lstrip('/')] if '/' in library else [f'{folder}/{library}' for folder in LIBRARY_FOLDERS]
                if any((self.path / place).exists() for place in places):
                    continue
                place = next((place for place in places if tree.read(place) is not None), None)
                if place is None:
                    raise LabError(f'{name} needs {library}, which the tree of the image does not have')
                todo.append(self.take(tree, place, 0o755))

    def pack_cpio(self, target, compress=True):
        """An initramfs, owned by root. Source: Documentation/driver-api/early-userspace/buffer-format.rst (newc; archives may
        follow each other)."""
        gzip = ' | gzip -1 -n' if compress else ''
        done = subprocess.run(['bash', '-c', f'set -o pipefail; find . -mindepth 1 -print0 | sort -z | cpio --quiet -0 -o -H newc --owner=0:0{gzip} >"$1"',
                               'bash', target], cwd=self.path, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise LabError(f'an initramfs could not be packed: {done.stderr.strip()}')

    def pack_tar(self, target, size_bytes):
        """A tar file for root, padded to a size of its own: a saved host expects a disk that did not change its size."""
        def owned_by_root(member):
            member.uid = member.gid = 0
            member.uname = member.gname = 'root'
            return member
        with tarfile.open(target, 'w') as tar:
            for path in sorted(self.path.iterdir()):
                tar.add(path, path.name, filter=owned_by_root)
        if target.stat().st_size > size_bytes:
            raise LabError(f'{target}: larger than the {size_bytes >> 20} MiB that a host has for it')
        with open(target, 'r+b') as file:
            file.truncate(size_bytes)
