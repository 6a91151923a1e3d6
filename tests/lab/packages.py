"""The Debian packages of an image: resolved and fetched once into the user's cache folder, then used without a network.

apt does both, with its own signatures and hashes, under a state folder of its own and the sources of this machine. The
versions that it chose are recorded beside the list of names; they stay what they are until the cache is removed.
"""

import hashlib
import os
import re
import subprocess

from . import place
from .place import LabError

# Source: apt-get(8), --print-uris: 'URI' FILE SIZE HASH:VALUE.
URI = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+)(?: SHA256:(?P<sha256>[0-9a-f]{64})| \S*)?$")
SEARCHED_ARCHITECTURE = 'amd64'


def read_names(path):
    """The names in a list file: one or more a line, # begins a comment."""
    return sorted({name for line in path.read_text().splitlines() for name in line.partition('#')[0].split()})


def _apt(folder, *arguments, archives):
    state = folder / 'apt'
    (state / 'lists' / 'partial').mkdir(parents=True, exist_ok=True)
    (archives / 'partial').mkdir(parents=True, exist_ok=True)
    (state / 'status').write_text('')
    options = {
        'Dir::State': state, 'Dir::State::status': state / 'status', 'Dir::State::Lists': state / 'lists',
        'Dir::Cache': state, 'Dir::Cache::archives': archives, 'APT::Sandbox::User': 'root',
        'APT::Architecture': SEARCHED_ARCHITECTURE, 'APT::Install-Recommends': 'false', 'Acquire::Languages': 'none',
        'Acquire::ForceHash': 'SHA256',
    }
    done = subprocess.run(['apt-get', '-q', '-y', *[f'-o{key}={value}' for key, value in options.items()], *arguments],
                          env=dict(os.environ, LC_ALL='C', DEBIAN_FRONTEND='noninteractive'), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace', preexec_fn=place.end_with_me())
    if done.returncode != 0:
        raise LabError(f'the packages of the lab\'s image could not be fetched: apt-get {arguments[0]}: status {done.returncode}\n'
                       f'{chr(10).join(done.stdout.splitlines()[-8:])}\n'
                       'the first build of an image needs the network; check it with: apt-get update')
    return done.stdout


def _is_whole(path, row):
    """Whether it is there to the last bit: a disk that was full or a power cut leaves files of the right size with holes in them."""
    return (path.is_file() and path.stat().st_size == row['size']
            and row['sha256'] in (None, hashlib.sha256(path.read_bytes()).hexdigest()))


def _read_set(path):
    """The rows of a set, a file, its size and its SHA-256 each; None where there is no such set, or it makes no sense."""
    try:
        rows = [line.split() for line in path.read_text().splitlines()]
        return [{'file': file, 'size': int(size), 'sha256': (more or [None])[0]} for file, size, *more in rows]
    except (FileNotFoundError, ValueError):
        return None


def fetch(names):
    """The .deb files of these packages and all that they depend on, essential ones included. Asks no network where all are there."""
    place.need_program('apt-get', package='apt')
    names = sorted(set(names))
    folder = place.cache_folder() / 'packages'
    sets, debs = folder / 'sets', folder / 'debs'
    wanted = sets / f'{place.content_key(*names)}.list'
    with place.lock('packages', place.cache_folder()), place.refusals_of(folder):
        rows = _read_set(wanted)
        if rows and all(_is_whole(debs / row['file'], row) for row in rows):
            return [debs / row['file'] for row in rows]
        place.need_space(folder, 600, 'the packages of the lab')
        with place.step(f'fetching the packages of the image into {folder}', 30):
            # Of what stands in the archives already apt prints no address, so it is shown an empty folder.
            nothing = folder / 'nothing'
            _apt(folder, 'update', archives=nothing)
            text = _apt(folder, '--print-uris', 'install', '?essential', *names, archives=nothing)
            rows = [{'file': row['file'], 'size': int(row['size']), 'sha256': row['sha256']}
                    for row in (URI.match(line) for line in text.splitlines()) if row]
            broken = [row for row in rows if not _is_whole(debs / row['file'], row)]
            if broken:
                # apt looks at the size alone of what it has.
                for row in broken:
                    (debs / row['file']).unlink(missing_ok=True)
                _apt(folder, '--download-only', 'install', '?essential', *names, archives=debs)
        left_out = [row['file'] for row in rows if not _is_whole(debs / row['file'], row)]
        if not rows or left_out:
            raise LabError(f'apt-get left packages out without saying why: {" ".join(left_out[:5]) or "all"}\n'
                           f'remove {folder} and try again')
        sets.mkdir(exist_ok=True)
        part = wanted.with_suffix('.part')
        part.write_text(''.join(f'{row["file"]} {row["size"]} {row["sha256"] or ""}\n' for row in sorted(rows, key=lambda row: row['file'])))
        part.rename(wanted)
    return [debs / row['file'] for row in rows]


def write_repository(debs, folder):
    """Makes the folder a flat repository of these files, for a bootstrap without a network. Source: the Debian wiki's
    DebianRepository/Format, "Packages" indices."""
    place.need_program('dpkg-deb', package='dpkg')
    folder.mkdir()
    stanzas = []
    for deb in debs:
        (folder / deb.name).symlink_to(deb)
        control = subprocess.run(['dpkg-deb', '--field', deb], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if control.returncode != 0:
            raise LabError(f'{deb} is no package: {control.stderr.strip()}\nremove it and try again: it is then fetched anew')
        stanzas.append(f'{control.stdout.strip()}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\n'
                       f'SHA256: {hashlib.sha256(deb.read_bytes()).hexdigest()}\n')
    (folder / 'Packages').write_text('\n'.join(stanzas))


def versions(debs):
    """name version, a line each, of what is in the files."""
    rows = [deb.name.removesuffix('.deb').split('_')[:2] for deb in debs]
    return ''.join(f'{name} {version.replace("%3a", ":")}\n' for name, version in sorted(rows))
