"""What bash and dash make of the files of /etc/default that the editor of GRUB's configuration gives.

Of the old and the new text the real shell is asked what the variable is, what every other variable is, and what was printed.
"""

import os
import random
import re
import subprocess

import editing
import pytest

VARIABLE = 'GRUB_CMDLINE_LINUX_DEFAULT'
N_GENERATED = 300
WISHES = [['intel_iommu=on'], ['iommu=pt', 'intel_iommu=on'], ['vfio-pci.ids=1002:731f,1002:ab38', 'quiet'], ['console=ttyS0,115200n8']]
# A condition that holds or not, and values that the editor cannot know.
SURROUNDINGS = [{'HOME': '/home/a b', 'FLAG': '', 'EXTRA': 'nosmt mem=4G'}, {'HOME': '/', 'FLAG': '1', 'EXTRA': '', VARIABLE: 'inherited intel_iommu=sm_on'}]
# What a shell sets by itself.
OWN = {'_', 'PWD', 'OLDPWD', 'SHLVL', VARIABLE}

# @ is the variable.
FILES = {
    'debian': 'GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\nGRUB_DISTRIBUTOR=`( . /nonesuch; echo ${NAME:-Debian} ) 2>/dev/null || echo Debian`\n'
              '@="quiet"\nGRUB_CMDLINE_LINUX=""\n\n# Uncomment to disable graphical terminal\n#GRUB_TERMINAL=console\n',
    'ubuntu': 'GRUB_DEFAULT=0\nGRUB_TIMEOUT_STYLE=hidden\nGRUB_TIMEOUT=0\n@="quiet splash"\nGRUB_CMDLINE_LINUX=""\n',
    'ubuntu drop-in': '@="$@ quiet splash vt.handoff=7"\n',
    'ubuntu drop-in with a default': '@="${@:+$@ }panic=-1"\n',
    'arch': "GRUB_DISTRIBUTOR='Arch'\n@='loglevel=3 quiet'\nGRUB_PRELOAD_MODULES=\"part_gpt part_msdos\"\n",
    'opensuse': 'GRUB_DISTRIBUTOR=\n@="splash=silent mitigations=auto quiet"\nGRUB_CMDLINE_LINUX_RECOVERY="$@"\nGRUB_GFXMODE="auto"\n',
    'fedora': 'GRUB_DISTRIBUTOR="$(echo Fedora release 40 | sed \'s, release .*$,,g\')"\nGRUB_CMDLINE_LINUX="rhgb quiet"',
    'nothing': '',
    'no quotes': '@=quiet\n',
    'mixed': '@=a\'b\'"c d"\\ e$EXTRA\n',
    'continued': '@="quiet \\\n  splash \\\n"\nB=1 \\\n  C=2\n',
    'twice': '@="a"\n@="intel_iommu=off"\n@="$@ c"\n',
    'plus': '@="a"\n@+=" b"\n',
    'windows': 'A=1\r\n@="quiet"\r\nB=2\r\n',
    'seen': '@="quiet"\nB="$@ x"\n',
    'printed': '@="quiet"\necho "now $@"\n',
    'before --': '@="a intel_iommu=off -- b intel_iommu=off"\n',
    'quoted words': '@="dyndbg=\\"file a +p; file b\\" quiet"\n',
    'a function': 'f() {\n  @="$@ f"\n}\n@="a"\nf\nf\n',
    'a document': 'cat <<END\n@="$@"\nEND\n@="a"\n',
}

VALUES = ['', 'quiet', '"quiet splash"', "'loglevel=3'", '""', "''", '" "', 'a"b c"\'d\'', '"intel_iommu=off x"', "'x iommu=soft y'", '"intel_iommu=on"',
          '"a \\\n b\\\n"', '"$EXTRA"', 'x$EXTRA', '"$EXTRA y"', '"intel_iommu=$FLAG"', '"$(echo z)"', '`echo z`', '"\\"a b\\" c=\\"d e\\""',
          '"a -- b"', 'a\\ b', '~', 'a:~', '~/x', '"a\\$b\\\\"', '$\'n\'', '"vfio-pci.ids=1:2 quiet"', '"console=tty0 console=ttyS1"', '"iommu=pt intel_iommu=on x intel_iommu=off"',
          '"console=ttyS0,115200n8 console=tty0"', '"quiet vfio-pci.ids=1002:731f,1002:ab38 vfio_pci.ids=3:4"', '"intel_iommu=on iommu=pt quiet console=ttyS0,115200n8"', 'a\\\nb']
OWN_VALUES = ['"$@ more"', '"${@} intel_iommu=off"', '"pre $@"', '$@', '"$@"', '"$@x"', '"$@ "', '"${@:-d} e"', '"$@ $@"', '"$@ iommu=pt"', '"${@%t} u"', '"$@ -- z"']
FRAGMENTS = [
    '\n', '# a comment\n', '#@="no"\n', '   \n', 'GRUB_TIMEOUT=5\n', 'B="b c"; C=d\n', 'echo "$B"\n', 'echo hello # there\n', 'export B\n', 'export @\n',
    'D="$@"\n', 'echo "$@"\n', 'if [ -n "$@" ]; then D=1; fi\n', 'unset @\n', 'unset D\n', ': ${@:=default}\n', 'E=1 @=e true\n', 'eval "@=evil"\n',
    'cat <<END\n@=a $@ $B\nEND\n', "cat <<'END'\n$(@=\nEND\n", 'for i in 1 2; do @="$@ $i"; done\n', 'for i in 1 2; do D="$D$i"; done\n',
    'f () { D="$@"; }\n', 'f () { @="$@ f"; }\nf\n', 'f () {\n  return 0\n}\nf\n', '( @="sub" )\n', '{ @="$@ group"; }\n', '@=pipe | cat\n', 'MODULES=(a b)\n',
    'export @="x y"\n', 'case $FLAG in\n1) @="one" ;;\n*) D=2\nesac\n', 'readonly Z=1\n', '[ -z "$FLAG" ] || exit 0\n', 'D="not closed\n', 'if true; then\n', '@="open=\\"a b"\n',
    "D='a\n@=\"no\"\nb'\n", 'D=$((1 + 2)) # $(\n', 'true && @="$@ and"\n', '@=last', '# last', '@="$EXTRA" \\\n',
]


def fragment(generator):
    if generator.random() < 0.45:
        return generator.choice(FRAGMENTS)
    operator, value = generator.choice([('=', VALUES), ('=', VALUES), ('=', OWN_VALUES), ('+=', VALUES)])
    line = f'@{operator}{generator.choice(value)}\n'
    if operator == '+=' and generator.random() < 0.5:
        line = line.replace('+="', '+=" ')
    if generator.random() < 0.25:
        line = generator.choice(['if [ -n "$FLAG" ]; then\n  %sfi\n', '[ -n "$FLAG" ] && %s', '[ -n "$FLAG" ] || %s', 'while [ -z "$W" ]; do W=1; %sdone\n']) % line
    return line


def generated(seed):
    generator = random.Random(seed)
    text = ''.join(fragment(generator) for _ in range(generator.choice([1, 2, 2, 3, 3, 4, 6])))
    if generator.random() < 0.1:
        text = text.removesuffix('\n')
    return text.replace('\n', '\r\n') if generator.random() < 0.05 else text


CASES = [*FILES.values(), *(generated(seed) for seed in range(N_GENERATED))]


def edit(text, wishes):
    return editing.edit('grub', text, VARIABLE, *wishes)


def ask(shell, text, surroundings, folder):
    """The variable, the others, and what was printed; None where the shell complains."""
    file = folder / 'file'
    file.write_bytes(text)
    script = 'set -a; . "$1" >"$2" || :; exec 1>"$3"; unset -f f; exec env -0'
    outputs = [folder / 'printed', folder / 'variables']
    for path in outputs:
        path.unlink(missing_ok=True)
    done = subprocess.run([shell, '-c', script, shell, file, *outputs], env={'PATH': os.environ['PATH'], **surroundings},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    if done.returncode != 0 or done.stderr or not outputs[1].exists():
        return None
    variables = dict(entry.split(b'=', 1) for entry in outputs[1].read_bytes().split(b'\0') if entry)
    return (variables.get(VARIABLE.encode(), b'').decode(), {key: value for key, value in variables.items() if key.decode() not in OWN},
            outputs[0].read_bytes())


def split(value):
    """As the kernel does (lib/cmdline.c, next_arg()): the words before "--", and those behind it."""
    words, word, quoted = [], '', False
    for character in value + ' ':
        if character in ' \t\n\r\v\f' and not quoted:
            words += [word] if word else []
            word = ''
            continue
        quoted ^= character == '"'
        word += character
    words += [word] if word.strip() else []
    end = words.index('--') if '--' in words else len(words)
    return words[:end], words[end:]


def key(word):
    return word.split('=', 1)[0].strip('"').replace('-', '_')


def is_as_wished(old, new, wishes):
    old, new = split(old), split(new)
    if old[1] != new[1]:
        return False
    keys = [key(wish) for wish in wishes]
    if [word for word in old[0] if key(word) not in keys] != [word for word in new[0] if key(word) not in keys]:
        return False
    for wish in wishes:
        before = [word for word in old[0] if key(word) == key(wish)]
        after = [word for word in new[0] if key(word) == key(wish)]
        if after not in (before, before + [wish], before[:-1] + [wish]) or after[-1:] != [wish]:
            return False
    return True


@pytest.mark.parametrize('shell', ['bash', 'dash'])
def test_the_shell_sees_the_parameters_and_nothing_else(tmp_path, shell):
    accepted = changed = asked = 0
    for number, case in enumerate(CASES):
        text, wishes = case.replace('@', VARIABLE).encode(), WISHES[number % len(WISHES)]
        new = edit(text, wishes)
        if new is None:
            assert number >= len(FILES), f'refused:\n{case}'
            continue
        accepted += 1
        changed += new != text
        assert edit(new, wishes) == new, f'changed twice:\n{new.decode()}'
        for surroundings in SURROUNDINGS:
            # A line is added for a variable that this file does not have: what another one gave it is no matter here.
            if '@' not in re.sub(r'(?m)(^|\s)#.*$', '', case):
                surroundings = SURROUNDINGS[0]
            before = ask(shell, text, surroundings, tmp_path)
            if before is None:
                continue    # +=, arrays, "exit"
            asked += 1
            after = ask(shell, new, surroundings, tmp_path)
            shown = f'{wishes} {surroundings}\n{text.decode()}\n----\n{new.decode()}\n{before[0]!r}\n{after and after[0]!r}'
            assert after is not None and is_as_wished(before[0], after[0], wishes), shown
            assert before[1:] == after[1:], shown
    print(f'{accepted} of {len(CASES)} files accepted, {changed} changed; {shell} asked {asked} times')
    assert accepted > len(CASES) * 0.6 and changed > len(CASES) * 0.5
    assert asked > len(CASES) * (0.9 if shell == 'bash' else 0.6)


def test_what_makes_no_sense_to_a_shell_is_refused():
    for case in ['@="a\n', "@='a", '@=$(a', 'if a; then @=b\n', '@=(a b)\n', 'exit\n', 'cat <<E\n@=a\n', '@="a" \\\n', 'fi\n']:
        assert edit(case.replace('@', VARIABLE).encode(), ['intel_iommu=on']) is None, case
