"""What other programs make of the texts that the editors give: modprobe of files of /etc/modprobe.d, sh of initramfs-tools' list.

Of the old and the new text the real program is asked. What was wished is there, and all else is the same.
"""

import fnmatch
import random
import subprocess

import editing
import pytest

IDS = ['1002:731f', '1002:ab38']
SOFTDEPS = ['amdgpu', 'snd_hda_intel']
N_GENERATED = 200
END = '# End of configuration files.'

FILES = {
    'none': '',
    'the guide': 'options vfio-pci ids=1002:731f,1002:ab38\n',
    'another card': '# The second card.\noptions vfio-pci ids=10de:1b80,10de:10f0 disable_vga=1\nsoftdep nouveau pre: vfio-pci\n',
    'a desktop': 'blacklist nouveau\noptions nouveau modeset=0\noptions snd_hda_intel power_save=1\nalias net-pf-3 off\n',
    'a hypervisor': 'options kvm ignore_msrs=1 report_ignored_msrs=0\noptions vfio_iommu_type1 allow_unsafe_interrupts=1\n',
    'continued': 'options vfio-pci \\\n  disable_idle_d3=1 \\\n  "ids=10de:1b80,,10de:10f0" \\\n\nsoftdep amdgpu \\\npre: drm\n',
    'quotes': 'options vfio-pci ids="10de:1b80" x="a b"\n',
    'no newline': 'softdep snd-hda-intel post: x',
    'open comment': 'softdep amdgpu pre: a\n# goes on \\\n',
    'tabs': 'softdep\tamdgpu\tpre:\tvfio-pci\noptions\tvfio-pci\tids=1:2\tdisable_vga=1\n',
    'two softdeps': 'softdep amdgpu post: b\nsoftdep amdgpu pre: a\n',
    'escaped': 'o\\ptions vfio\\\n-pci ids=1002:\\731f\nsoftd\\ep amdgpu pre: \\a\n',
    'bad lines': 'options vfio-pci\n  # a comment, it seems\nsoftdep amdgpu\noptions\nremove x /bin/true\n',
    'windows': 'options vfio-pci ids=1:2\r\nsoftdep amdgpu pre: x\r\n',
    'three blanks': 'softdep amdgpu   pre: a  post:  b \n',
}

# Lines that a generated file is made of.
FRAGMENTS = [
    '\n', '# a comment\n', '# continued \\\n', '#\\\n', '   \n', 'blacklist nouveau\n', 'alias usb-* off\n',
    'options vfio-pci disable_vga=1\n', 'options vfio_pci disable_idle_d3=1 \\\n x=1\n', 'options vfio-pci ids=10de:1\n',
    'options vfio-pci x="1 2" ids=1002:AB38,\n', 'options vfio-pci ids=\n', 'options vfio-pci "ids=10de:1,2:3" y\n', 'options vfio-pci\n',
    'options vfio x=1\n', 'options amdgpu dc=1\n', 'softdep amdgpu pre: drm\n', 'softdep amdgpu post: x y\n', 'softdep amdgpu pre: vfio-pci\n',
    'softdep  amdgpu\tpre: a \\\n b post: c\n', 'softdep amdgpu  pre: a\n', 'softdep amdgpu\n', 'softdep amdgpu    post: p pre: q\n',
    'softdep snd-hda-intel pre: snd post:\n', 'softdep snd-hda-[a-z]ntel pre: vfio_pci\n', 'softdep snd* pre: a\n', 'softdep nouveau pre: b\n',
    'install nouveau /bin/false\n', 'install snd_hda_* /bin/true\n', 'remove amdgpu /bin/true\n', 'nonsense vfio-pci ids=4:5\n', 'opt\\ions vfio-pci z=\\1\n',
    'options vfio-pci ids=1002:731f,1002:ab38 disable_vga=1\n', 'softdep', 'options vfio-pci w=1', '# end \\\n',
]


def edit(name, arguments, text):
    return editing.edit(name, text, *arguments)


class Modprobe:
    """What modprobe makes of one file in a folder."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        (folder / 'modprobe.d').mkdir()

    def read(self, text):
        (self.folder / 'modprobe.d' / 'vfio.conf').write_bytes(text)
        done = subprocess.run([self.program, '-c', '-C', self.folder / 'modprobe.d', '-d', self.folder], capture_output=True)
        return done.stdout.decode('latin-1').split(END)[0].split('\n')


@pytest.fixture
def modprobe(need, tmp_path):
    return Modprobe(need('modprobe'), tmp_path)


def parameters(lines):
    """(value of ids or None, the others) of vfio_pci, as the kernel divides the joined options: lib/cmdline.c, next_arg()."""
    text = ' '.join(line.split(' ', 2)[2] for line in lines if line.startswith('options vfio_pci '))
    words, word, is_quoted = [], '', False
    for character in text + ' ':
        is_quoted ^= character == '"'
        if character.isspace() and not is_quoted:
            words += [word] if word else []
            word = ''
        else:
            word += character
    ids, others = None, []
    for word in words:
        name, _, value = word.strip('"').partition('=')
        if name == 'ids':
            ids = value.strip('"')
        else:
            others.append(word)
    return ids, others


def numbers(ids):
    return [tuple(int(part, 16) for part in text.split(':')) for text in (ids or '').split(',') if text.strip()]


def softdeps(lines):
    """[(pattern, words in front, words behind)]"""
    found = []
    for line in lines:
        if line.startswith('softdep '):
            _, pattern, *words = line.replace('post:', ' post:').split()
            cut = words.index('post:') if 'post:' in words else len(words)
            found.append((pattern, words[1:cut] if words[:1] == ['pre:'] else [], words[cut + 1:]))
    return found


def first(rows, module):
    """Source: kmod, libkmod-module.c, kmod_module_get_softdeps()."""
    return next((row for row in rows if fnmatch.fnmatchcase(module, row[0])), None)


def check(modprobe, old):
    """Whether the text was edited."""
    new = edit('modprobe', [*IDS, '--', *SOFTDEPS], old)
    if new is None:
        return False
    before, after = modprobe.read(old), modprobe.read(new)
    (old_ids, old_others), (new_ids, new_others) = parameters(before), parameters(after)
    had, has = numbers(old_ids), numbers(new_ids)
    assert has == had + [number for number in numbers(','.join(IDS)) if number not in had]
    assert new_others == old_others
    rows, known = softdeps(after), softdeps(before)
    for module in SOFTDEPS:
        assert {'vfio-pci', 'vfio_pci'} & set(first(rows, module)[1]), (old, new)
    # The softdeps of old are those of new without vfio-pci where it was put; new ones stand behind.
    assert len(rows) >= len(known)
    for row, was in zip(rows, known):
        assert row == was or row == (was[0], ['vfio-pci', *was[1]], was[2]), (old, new)
        assert row == was or row[0] in SOFTDEPS
    for row in rows[len(known):]:
        assert row[0] in SOFTDEPS and row[1:] == (['vfio-pci'], [])
    others = [[line for line in lines if not line.startswith(('options vfio_pci', 'softdep '))] for lines in (before, after)]
    assert others[0] == others[1]
    assert edit('modprobe', [*IDS, '--', *SOFTDEPS], new) == new
    return True


@pytest.mark.parametrize('name', FILES)
def test_modprobe_reads_what_was_wished(modprobe, name):
    assert check(modprobe, FILES[name].encode())


def test_modprobe_reads_what_was_wished_of_generated_files(modprobe):
    chance = random.Random(731)
    n = 0
    for _ in range(N_GENERATED):
        text = ''.join(chance.choice(FRAGMENTS) for _ in range(chance.randrange(1, 7)))
        n += check(modprobe, text.encode())
    print(f'{n} of {N_GENERATED} files edited, the others refused')
    assert n > N_GENERATED / 4


@pytest.mark.parametrize('own, taken', [('b', 'one'), ('A', 'own')])
def test_modprobe_takes_the_first_softdep_alone_and_then_no_install_command(need, tmp_path, own, taken):
    """What the editor stands on."""
    (tmp_path / 'lib/modules/1').mkdir(parents=True)
    (tmp_path / 'a.conf').write_text('softdep there pre: one\n')
    names = ('one', 'own', 'there')
    (tmp_path / f'{own}.conf').write_text('softdep there pre: own\n' + ''.join(f'install {name} /bin/{name}\n' for name in names))
    done = subprocess.run([need('modprobe'), '-n', '-v', '-C', tmp_path, '-d', tmp_path, '-S', '1', 'there'], capture_output=True, text=True)
    assert done.stdout.split() == ['install', f'/bin/{taken}']


def test_a_softdep_of_the_module_itself_stands_before_a_file_of_a_later_name(need, tmp_path):
    modules = tmp_path / 'lib/modules/1'
    modules.mkdir(parents=True)
    (modules / 'modules.softdep').write_text('softdep there pre: built\n')
    (tmp_path / 'vfio.conf').write_text('softdep there pre: own\ninstall own /bin/own\ninstall built /bin/built\ninstall there /bin/there\n')
    command = [need('modprobe'), '-n', '-v', '-C', tmp_path, '-d', tmp_path, '-S', '1', 'there']
    assert subprocess.run(command, capture_output=True, text=True).stdout.split() == ['install', '/bin/built']
    (tmp_path / 'vfio.conf').rename(tmp_path / 'a.conf')
    assert subprocess.run(command, capture_output=True, text=True).stdout.split() == ['install', '/bin/own']


# As hook-functions, add_modules_from_file() of initramfs-tools 0.142 reads its file: lines that do not begin with '#', the first word
# and the rest, as read -r divides them. It is put in the image and read again by scripts/functions, load_modules(), which skips a '#'.
READ_LIST = '''
grep '^[^#]' "$1" | while read -r name rest; do
  case $name in ''|'#'*) continue ;; esac
  printf '%s|%s\\n' "$name" "$rest"
done
'''

LISTS = ['', '# comment\n', 'vfio-pci ids=1:2\nvfio\n', 'ext4', ' \tsnd_hda_intel x=1\ty \n', '  # vfio_pci\n#vfio\n', 'a \\\nvfio\n', '\n\nvfio_pci\n\n']
LIST_FRAGMENTS = ['\n', '# x\n', ' # vfio\n', 'vfio\n', 'vfio-pci a=b c\n', ' vfio_pci\n', 'raid1\n', '\tsd_mod  x\n', 'a\\\n', 'vfio_pci2\n', '#vfio\\\n', 'ext4']


def test_initramfs_tools_reads_what_was_wished(tmp_path):
    wished = ['vfio-pci', 'vfio']
    chance = random.Random(731)
    texts = LISTS + [''.join(chance.choice(LIST_FRAGMENTS) for _ in range(chance.randrange(1, 6))) for _ in range(200)]

    def read(text):
        (tmp_path / 'modules').write_bytes(text)
        done = subprocess.run(['/bin/sh', '-c', READ_LIST, 'sh', tmp_path / 'modules'], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def names(lines):
        return [line.split('|')[0].replace('-', '_') for line in lines]

    for text in texts:
        old = text.encode()
        new = edit('modules', wished, old)
        before, after = read(old), read(new)
        lacking = [name for name in wished if name.replace('-', '_') not in names(before)]
        assert after == before + [f'{name}|' for name in lacking], (old, new)
        assert edit('modules', wished, new) == new
