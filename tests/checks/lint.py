"""clang-tidy and cppcheck over all sources: what `make lint` runs. The tests use its clang-tidy."""

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


def clang_tidy():
    """What clang-tidy says, a text for each file that it says anything of."""
    def look(path):
        done = subprocess.run(['clang-tidy', '-p', builds.ROOT / 'build-clang', '--quiet', '--warnings-as-errors=*', path],
                              capture_output=True, text=True)
        return None if done.returncode == 0 else done.stdout + ('' if done.stdout else done.stderr)

    paths = sorted({path for path, _, _ in builds.compile_commands('build-clang')})
    with ThreadPoolExecutor(JOBS) as pool:
        return [text for text in pool.map(look, paths) if text]


def cppcheck():
    builds.compile_commands('build-clang')
    done = subprocess.run(['cppcheck', f'--project={builds.ROOT / "build-clang" / "compile_commands.json"}', '--quiet',
                           '--enable=warning,portability,performance', '--library=gnu', '--library=gtk',
                           '--inline-suppr', f'-j{JOBS}', '--error-exitcode=1', '--suppress=missingIncludeSystem',
                           # It does not know that a failed g_assert ends the program.
                           '--suppress=nullPointerRedundantCheck'],
                          capture_output=True, text=True)
    return [done.stderr] if done.returncode != 0 else []


if __name__ == '__main__':
    found = clang_tidy() + cppcheck()
    print('\n'.join(found) if found else 'clang-tidy and cppcheck find nothing.')
    sys.exit(1 if found else 0)
