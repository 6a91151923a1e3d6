"""tools/need: installs what is missing and only that, says so in one line, and goes on where it cannot."""

import os
import subprocess

import pytest
from builds import ROOT

USUAL = ['sh', 'sed', 'id', 'mktemp', 'rm', 'tail', 'env', 'cat', 'echo']


@pytest.fixture
def need_in(tmp_path, need):
    """need_in(purpose, ...): runs tools/need where only stand-ins of the package programs are to be found."""
    programs = tmp_path / 'bin'
    programs.mkdir()
    for name in USUAL:
        (programs / name).symlink_to(need(name))
    log = tmp_path / 'log'

    def write(name, text):
        path = programs / name
        path.write_text(f'#!/bin/sh\n{text}\n')
        path.chmod(0o755)

    def run(purpose, missing=(), is_debian=True, uid=0, works=True):
        if is_debian:
            gone = '|'.join(missing) or 'nothing-at-all'
            write('dpkg-query', f'case $4 in {gone}) exit 1 ;; clang) case $3 in *Depends*) echo "clang-14 (>= 14)"; exit ;; esac '
                                ';; esac; printf installed')
            write('apt-get', f'echo "apt-get $*" >>{log}; {"exit 0" if works else "echo no network >&2; exit 100"}')
        if uid != 0:
            (programs / 'id').unlink()
            write('id', f'echo {uid}')
        done = subprocess.run([ROOT / 'tools' / 'need', purpose], env={'PATH': str(programs), 'HOME': str(tmp_path)},
                              capture_output=True, text=True, timeout=60)
        return done, log.read_text() if log.exists() else ''
    return run


def test_nothing_where_all_is_there(need_in):
    done, log = need_in('test')
    assert (done.returncode, done.stdout, done.stderr, log) == (0, '', '', '')


def test_what_is_missing_is_installed_as_root(need_in):
    done, log = need_in('test', missing=['scdoc', 'fish'])
    assert done.returncode == 0 and done.stdout.count('\n') == 1
    assert done.stdout.endswith(': scdoc fish\n')
    assert log == 'apt-get update -q\napt-get install -q -y --no-install-recommends scdoc fish\n'


def test_only_what_the_purpose_needs(need_in):
    assert need_in('run', missing=['scdoc'])[1] == ''


def test_the_tests_need_what_the_lab_needs(need_in):
    assert need_in('test', missing=['ovmf'])[1].endswith('recommends ovmf\n')


def test_the_lab_needs_no_more_than_it_uses(need_in):
    assert need_in('lab', missing=['clang', 'fish'])[1] == ''


def test_the_fuzzer_library_has_the_version_of_clang(need_in):
    assert 'recommends libclang-rt-14-dev\n' in need_in('fuzz', missing=['libclang-rt-14-dev'])[1]


def test_no_network_is_said(need_in):
    done, _ = need_in('run', missing=['meson'], works=False)
    assert done.returncode == 0
    assert 'no network' in done.stderr and done.stderr.endswith('could not be installed: meson\n')


def test_without_the_right_to_install(need_in):
    done, log = need_in('run', missing=['meson'], uid=1000)
    assert done.returncode == 0 and log == ''
    assert done.stderr.endswith('apt-get install --no-install-recommends meson\n')


def test_through_sudo(need_in, tmp_path):
    sudo = tmp_path / 'bin' / 'sudo'
    sudo.write_text(f'#!/bin/sh\necho sudo >>{tmp_path}/log\nexec "$@"\n')
    sudo.chmod(0o755)
    _, log = need_in('run', missing=['meson'], uid=1000)
    assert log == 'sudo\napt-get update -q\nsudo\napt-get install -q -y --no-install-recommends meson\n'


def test_on_another_system_the_programs_are_named(need_in):
    done, _ = need_in('run', is_debian=False)
    assert done.returncode == 0 and 'meson ninja' in done.stderr


def test_an_unknown_purpose_is_refused():
    done = subprocess.run([ROOT / 'tools' / 'need', 'nonsense'], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 2
