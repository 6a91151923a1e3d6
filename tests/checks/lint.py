"""clang-tidy and cppcheck over all sources: what `make lint` runs. The tests use its clang-tidy."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import builds  # noqa: E402 (the path comes first)

JOBS = 2


def c_files():
    """Every C file that is ours to write; tests/bench/floor.c is kept as it was measured."""
    return sorted(path for folder in ('src', 'tests') for path in (builds.ROOT / folder).rglob('*.[ch]')
                  if path != builds.ROOT / 'tests' / 'bench' / 'floor.c')


def fingerprint(path, command, folder):
    """Of all that clang-tidy's answer depends on: its configuration, the command, and each of our files that is included."""
    front = command[:command.index('-MD')]
    text = subprocess.run([*front, '-MM', path], cwd=folder, capture_output=True, text=True).stdout
    files = [builds.ROOT / '.clang-tidy', builds.ROOT / 'tests' / '.clang-tidy',
             *(folder / name for name in text.replace('\\\n', ' ').split()[1:])]
    digest = hashlib.sha256(repr(front).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def clang_tidy():
    """What clang-tidy says, a text for each file that it says anything of. A file once found good is not looked at again."""
    good = builds.setup('build-clang') / 'tidy'
    good.mkdir(exist_ok=True)

    def look(entry):
        path, command, folder = entry
        stamp = good / fingerprint(path, command, folder)
        if stamp.exists():
            return None
        done = subprocess.run(['clang-tidy', '-p', folder, '--quiet', '--warnings-as-errors=*', path],
                              capture_output=True, text=True)
        if done.returncode == 0:
            stamp.touch()
            return None
        return done.stdout or done.stderr

    # A file that several targets are made of is one file.
    entries = {entry[0]: entry for entry in builds.compile_commands('build-clang')}
    with ThreadPoolExecutor(JOBS) as pool:
        return [text for text in pool.map(look, entries.values()) if text]


def cppcheck():
    # What is generated must be there to be read.
    builds.build('build-clang', 'src/embedded.c')
    done = subprocess.run(['cppcheck', f'--project={builds.ROOT / "build-clang" / "compile_commands.json"}', '--quiet',
                           '--enable=warning,portability,performance', '--library=gnu', '--library=gtk',
                           '--inline-suppr', f'-j{JOBS}', '--error-exitcode=1', '--suppress=missingIncludeSystem',
                           # It does not know that a failed g_assert ends the program.
                           '--suppress=nullPointerRedundantCheck'],
                          capture_output=True, text=True)
    return [done.stdout + done.stderr] if done.returncode != 0 else []


if __name__ == '__main__':
    found = clang_tidy() + cppcheck()
    print('\n'.join(found) if found else 'clang-tidy and cppcheck find nothing.')
    sys.exit(1 if found else 0)
