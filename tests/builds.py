"""The build folders that the tests use. Each is set up on first use and brought up to date on each."""

import json
import os
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# STYLE: gcc and clang without a warning under these. Given after the project's own, so that they win.
WARNINGS = ['-Wall', '-Wextra', '-Wshadow', '-Wmissing-prototypes', '-Wformat=2', '-Wno-missing-field-initializers']
SANITIZERS = ['-fno-sanitize-recover=all', '-fno-omit-frame-pointer']

# With sanitizers; optimised with every warning an error; for clang's tools; for libFuzzer. What the user gets is in build/
# and is the Makefile's.
BUILDS = {
    'build-test': ('gcc', ['--buildtype=debug', '-Doptimization=1', '-Db_sanitize=address,undefined',
                           '-Dc_args=' + ' '.join(SANITIZERS)]),
    'build-gcc': ('gcc', ['--buildtype=debugoptimized', '-Dwerror=true', '-Dc_args=' + ' '.join(WARNINGS)]),
    'build-clang': ('clang', ['--buildtype=debugoptimized', '-Dfuzz=true', '-Dc_args=' + ' '.join(WARNINGS)]),
    'build-fuzz': ('clang', ['--buildtype=debug', '-Doptimization=1', '-Dfuzz=true', '-Dtests=false', '-Dman=disabled',
                             '-Db_sanitize=address,undefined', '-Db_lundef=false',
                             '-Dc_args=-fsanitize=fuzzer-no-link ' + ' '.join(SANITIZERS)]),
}


class BuildError(Exception):
    """Holds what the failed command said."""


def _run(command, env=None):
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace')
    if done.returncode != 0:
        raise BuildError(f'{" ".join(map(str, command))}: status {done.returncode}\n{done.stdout}')
    return done.stdout


def setup(name):
    """Configures the folder where it is not yet; gives its path. Compiles nothing."""
    folder = ROOT / name
    compiler, options = BUILDS[name]
    # A folder set up by an older version of this file is set up anew, or its options would stay what they were.
    stamp, wanted = folder / 'options.json', json.dumps([compiler, options])
    if not (folder / 'build.ninja').exists() or not stamp.exists() or stamp.read_text() != wanted:
        env = dict(os.environ, CC=compiler)
        options = [*options, '-Db_colorout=never']
        wipe = ['--wipe'] if (folder / 'meson-private' / 'coredata.dat').exists() else []
        _run(['meson', 'setup', *wipe, name, *options], env)
        stamp.write_text(wanted)
    return folder


def build(name, *targets):
    """Brings the folder (or only the targets) up to date; gives its path, or raises BuildError."""
    if name == 'build':
        _run(['make', '--no-print-directory', 'build'])
        return ROOT / name
    folder = setup(name)
    _run(['ninja', '-C', name, *targets])
    return folder


def compile_commands(name):
    """The compiler's command of each source file: [(path, [argv], folder)], as clang's tools see them. Not what is generated."""
    folder = setup(name)
    # Meson writes the file when it configures; a changed meson.build is seen by asking ninja for nothing but that.
    _run(['ninja', '-C', name, 'build.ninja'])
    entries = json.loads((folder / 'compile_commands.json').read_text())
    rows = [((folder / entry['file']).resolve(), shlex.split(entry['command']), folder) for entry in entries]
    return [row for row in rows if not row[0].is_relative_to(folder)]
