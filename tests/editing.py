"""The editors of configuration files as a program, for the tests that ask another program about the result."""

import functools
import subprocess

import builds


@functools.cache
def _program():
    return builds.build('build-test', 'tests/editors/edit_text') / 'tests' / 'editors' / 'edit_text'


@functools.cache
def edit(editor, text, *arguments):
    """The new text; None where the old one is not understood, and then the reason was said."""
    done = subprocess.run([_program(), editor, *arguments], input=text, capture_output=True)
    assert done.returncode in (0, 1), done.stderr
    assert (done.returncode == 1) == (done.stderr != b''), done.stderr
    return done.stdout if done.returncode == 0 else None
