"""gcc and clang have nothing to say, clang-format would change nothing, clang-tidy finds nothing."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import builds
import expect
import lint
import pytest


def test_gcc_has_no_warning():
    try:
        builds.build('build-gcc')
    except builds.BuildError as error:
        pytest.fail(str(error), pytrace=False)


def test_clang_has_no_warning(need):
    need('clang')

    def compile_one(entry):
        path, command, folder = entry
        # Only the front end runs, which is where clang's warnings are made.
        plain = command[:command.index('-MD')] + ['-fsyntax-only', '-Werror', str(path)]
        done = subprocess.run(plain, cwd=folder, capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr

    with ThreadPoolExecutor(2) as pool:
        said = [text for text in pool.map(compile_one, builds.compile_commands('build-clang')) if text]
    expect.none(said)


def test_clang_format_changes_nothing(need):
    need('clang-format')
    done = subprocess.run(['clang-format', '--dry-run', '-Werror', *lint.c_files()], capture_output=True, text=True)
    places = re.findall(r'^(\S+:\d+):\d+: error', done.stderr, re.MULTILINE)
    expect.none(places or ([done.stderr] if done.returncode != 0 else []), 'to be put in form with `make format`:')


@pytest.mark.slow
def test_clang_tidy_finds_nothing(need):
    need('clang-tidy')
    said = lint.clang_tidy()
    expect.none(said)
