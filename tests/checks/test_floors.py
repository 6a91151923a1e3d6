"""The house (DESIGN section 2): who may include whom, who may print, who may open a path.

Includes come from the compiler's own dependency files; printing and opening from the undefined symbols of each folder's
object files.
"""

import re
import subprocess

import builds
import expect
import pytest

# For each folder, those that it may include; itself always.
FLOORS = {
    'base': set(),
    'boot': {'base'},
    'initramfs': {'base'},
    'packages': {'base'},
}
FLOORS['machine'] = set(FLOORS)
FLOORS['judge'] = FLOORS['machine'] | {'machine'}
FLOORS['plan'] = FLOORS['judge'] | {'judge'}
FLOORS['change'] = FLOORS['plan'] | {'plan'}
FLOORS['lend'] = FLOORS['plan'] | {'plan'}
FLOORS['guest'] = FLOORS['change'] | {'change', 'lend'}
FLOORS['report'] = FLOORS['guest'] | {'guest'}
FLOORS['cli'] = FLOORS['report'] | {'report'}

# Only report/ and cli/ print. The library never logs: g_log is what g_message(), g_warning() and g_debug() call.
PRINTING = re.compile(r'''^(__)?(
    v?f?w?printf(_unlocked)? | v?dprintf | puts | fputs | fputc | putc | putchar | fwrite | fputws | putwc | perror |
    psignal | error | v?warnx? | v?errx? | vsyslog | syslog | stdout | stderr |
    g_print | g_printerr | g_logv? | g_log_structured\w* | g_warn_message | g_set_print\w*
    )(_unlocked)?(_chk)?$''', re.VERBOSE)

# Only base/ opens a path or starts a program; also by way of a library.
OPENING = re.compile(r'''^(__)?(
    open | openat | openat2 | creat | fopen | freopen | opendir | scandir\w* | ftw | nftw | fts_open | glob | realpath |
    readlink | readlinkat | l?stat | fstatat | statx | statfs | statvfs | __l?xstat | __fxstatat | f?access | faccessat |
    euidaccess | canonicalize_file_name | mkdir | mkdirat | rmdir | unlink | unlinkat | rename | renameat2? | link | linkat |
    symlink | symlinkat | l?chown | fchownat | chmod | fchmodat | truncate | mkfifo | mknod | mkstemp\w* | mkostemp\w* |
    mkdtemp | tmpfile | tempnam | utimensat | l?[gs]etxattr | mount | umount2? | chroot | chdir | syscall | dlopen |
    v?fork | clone3? | exec[lv]p?e? | execveat | fexecve | posix_spawnp? | popen | system |
    getpw\w+ | getgr\w+ | getaddrinfo | gethostbyname\w* |
    g_open | g_fopen | g_freopen | g_creat | g_l?stat | g_access | g_mkdir\w* | g_unlink | g_remove | g_rmdir | g_rename |
    g_chdir | g_chmod | g_file_\w+ | g_dir_\w+ | g_mapped_file_new | g_spawn_\w+ | g_key_file_\w+ | g_find_program_in_path |
    g_get_home_dir | g_get_user_\w+ | json_object_from_file | json_object_to_file\w*
    )(64)?(_r)?(_chk)?(_2)?$''', re.VERBOSE)

# STYLE, "GLib, which part": nowhere at all.
BANNED = re.compile(r'^(g_regex_\w+|g_s?list_\w+|g_shell_parse_argv|g_quark_from_string|g_intern_string|g_main_\w+|'
                    r'g_file_\w+|g_dir_\w+|g_spawn_\w+|g_key_file_\w+|strcpy|strcat|v?sprintf|atoi|atol|gets|strtok|system|popen)$')


@pytest.fixture(scope='module')
def folder():
    return builds.build('build')


@pytest.fixture(scope='module')
def dependencies(folder):
    """[(source file, header)] with paths below src, of every object file."""
    found, source = [], None
    text = subprocess.run(['ninja', '-C', folder, '-t', 'deps'], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        if not line.startswith(' '):
            source = None
            continue
        path = (folder / line.strip()).resolve()
        if path.is_relative_to(builds.ROOT / 'src'):
            inner = path.relative_to(builds.ROOT / 'src')
            if source is None:
                source = inner
            else:
                found.append((source, inner))
        elif source is None:
            source = path    # generated
    assert len(found) > 10
    return [(source, header) for source, header in found if not source.is_absolute()]


@pytest.fixture(scope='module')
def symbols(folder):
    """{folder: {symbol: object file}} of what each folder's objects use and do not define."""
    found = {}
    for path in folder.glob('src/**/*.o'):
        # Objects of src/machine lie in libmachine.a.p, those of src/cli, and what is generated for it, in pcilend.p.
        target = path.parent.name.removesuffix('.p')
        name = 'cli' if target == 'pcilend' else target.removeprefix('lib').removesuffix('.a')
        assert name in FLOORS, f'{path}: of which folder?'
        text = subprocess.run(['nm', '-u', '--format=posix', path], check=True, capture_output=True, text=True).stdout
        for line in text.splitlines():
            found.setdefault(name, {})[line.split()[0].split('@')[0]] = path.name.removesuffix('.o')
    assert {'base', 'machine', 'report', 'cli'} <= set(found)
    return found


def test_each_folder_has_its_floor():
    assert {path.name for path in (builds.ROOT / 'src').iterdir() if path.is_dir()} <= set(FLOORS)


def test_each_object_lies_in_the_library_of_its_folder(folder):
    """Or the symbols of one folder would be looked at as those of another."""
    expect.none(path.relative_to(folder) for path in folder.glob('src/lib*.a.p/*.o')
                if not path.name.removeprefix('meson-generated_.._').startswith(path.parent.name.removeprefix('lib').removesuffix('.a.p') + '_'))


def test_includes_go_down_only(dependencies):
    expect.none({f'src/{source} includes {header}' for source, header in dependencies
                 if header.parts[0] != source.parts[0] and header.parts[0] not in FLOORS[source.parts[0]]})


def test_private_headers_stay_at_home(dependencies):
    expect.none({f'src/{source} includes {header}' for source, header in dependencies
                 if header.stem.endswith('_private') and header.parent != source.parent})


def used(symbols, pattern, but=()):
    return [f'{file}: {symbol}' for name, table in symbols.items() if name not in but
            for symbol, file in sorted(table.items()) if pattern.match(symbol)]


def test_only_report_and_cli_print(symbols):
    expect.none(used(symbols, PRINTING, but=('report', 'cli')))


def test_only_base_opens_paths(symbols):
    expect.none(used(symbols, OPENING, but=('base',)))


def test_no_banned_function(symbols):
    expect.none(used(symbols, BANNED))


def test_only_cli_ends_the_program(symbols):
    """STYLE: the library never exits. abort is what g_assert and g_error come to."""
    expect.none(used(symbols, re.compile(r'^(exit|_exit|_Exit|quick_exit|g_error|g_on_error_query)$'), but=('cli', 'base')))
