"""What bash makes of the files that the editor of mkinitcpio's configuration gives.

bash sources the old and the new text, as mkinitcpio does, and is asked for every variable, and for what was printed. A string is
made a list as mkinitcpio does it.
"""

import os
import random
import subprocess

import editing

N_GENERATED = 400
WISHES = [['vfio_pci', 'vfio', 'vfio_iommu_type1'], ['vendor_reset', 'vfio_pci'], ['vfio-pci'], ['vfio', 'vfio_pci', 'vfio-pci', 'amdgpu']]
HOOKS = 'HOOKS=(base udev autodetect microcode modconf kms keyboard keymap consolefont block filesystems fsck)\n'

FILES = {
    'arch': f'# MODULES\n#     MODULES=(usbhid xhci_hcd)\nMODULES=()\nBINARIES=()\nFILES=()\n#    HOOKS=(base)\n{HOOKS}#COMPRESSION="zstd"\n',
    'arch, the old form': 'MODULES=""\nBINARIES=""\nFILES=""\nHOOKS="base udev autodetect modconf block filesystems keyboard fsck"\n',
    'manjaro': f'MODULES="crc32c-intel"\nBINARIES=()\n{HOOKS}',
    'manjaro with options': 'MODULES="i915? radeon?"\nFILES="/crypto_keyfile.bin"\nHOOKS="base udev modconf"\n',
    'endeavouros': f'MODULES=(nvidia nvidia_modeset nvidia_uvm nvidia_drm)\nBINARIES=(/usr/bin/btrfs)\n{HOOKS}',
    'endeavouros with blanks': f'MODULES=( crc32c-intel intel_agp i915 )\n{HOOKS}',
    'cachyos': f'MODULES=(amdgpu\n         btrfs) # early\nCOMPRESSION="zstd"\nCOMPRESSION_OPTIONS=(-3 -T0)\n{HOOKS}',
    'in lines': f'MODULES=(\n  # graphics\n  amdgpu # (the host\'s)\n  btrfs\n)\n{HOOKS}',
    'there already': f'MODULES=(vfio_pci vfio vfio_iommu_type1 amdgpu)\n{HOOKS}',
    'partly there': f'MODULES=(amdgpu vfio? "vfio-pci")\n{HOOKS}',
    'drop-in': 'MODULES+=(zfs)\n',
    'nothing': '',
    'no last line end': 'FILES=()',
    'twice': 'MODULES=(a)\nMODULES=(b)\nMODULES+=(c)\n',
    'strings': 'MODULES="a"\nMODULES+=" b"\n',
    'a word': 'MODULES=amdgpu # x\n',
    'windows': '# MODULES\r\n# end\r\n',
}

ELEMENTS = ['amdgpu', 'i915', 'vfio', 'vfio_pci', 'vfio-pci', '"vfio"', "'a'b", 'a\\-b', 'crc32c?', 'vfio?', '"vfio_pci?"', '\\\n', '# note (\n', '\n', '\n\n  ', '\t',
            'snd*', '$FLAG', '"a b"', 'x\r']
STRINGS = ['', '""', "''", 'amdgpu', '"amdgpu btrfs"', "' a  b'", '"a"\' b\'', 'a\\ b', '"vfio-pci vfio "', '"$FLAG"', '"a\tb"', '"a\nb"', '"i915?"', '\\\na', '"a \\\nb"', "$'a'"]
FRAGMENTS = ['\n', '# a comment\n', '#MODULES=(no)\n', HOOKS, 'FILES=(/a /b)\n', 'BINARIES="c d"\n', 'echo "$FILES"\n', 'if [ -n "$FLAG" ]; then FILES+=(/c); fi\n',
             '[ -z "$FLAG" ] || BINARIES=()\n', 'f () { FILES=(); }\n', 'f () { FILES=(); }\nf\n', 'export A=1\n', 'cat <<END\nMODULES=(x)\nEND\n', 'echo "# MODULES" >/dev/null\n',
             'MODULES_DECOMPRESS="no"\n', 'A=(\n1 2)\n', 'MODULES=(${MODULES[@]} z)\n', 'if [ -n "$FLAG" ]; then\n  MODULES=(cond)\nfi\n', 'unset MODULES\n', 'declare -a MODULES=(d)\n',
             'B="not closed\n', 'A="$(echo \'MODULES=(\')"\n', 'FILES+=(/d) # MODULES=(', ': "x" ; C=\'#\'\n']


def array(generator):
    text = '('
    for _ in range(generator.choice([0, 1, 2, 3, 5])):
        weight = [5] * (len(ELEMENTS) - 4) + [1] * 4
        element = generator.choices(ELEMENTS, weight)[0]
        text += (' ' if generator.random() < 0.8 or text[-1] not in '( \n' or element[0] == '#' else '') + element
    return text + generator.choice(['', ' ', '\n', '\n  # end\n']) + ')'


def fragment(generator):
    if generator.random() < 0.5:
        return generator.choice(FRAGMENTS)
    operator = generator.choice(['=', '=', '=', '+='])
    value = array(generator) if generator.random() < 0.7 else generator.choice(STRINGS)
    end = generator.choice(['\n', '\n', '\n', ' # behind\n', '; D=1\n', ' \n'])
    return f'{generator.choice(["", "", "", "  "])}MODULES{operator}{value}{end}'


def generated(seed):
    generator = random.Random(seed)
    text = ''.join(fragment(generator) for _ in range(generator.choice([1, 1, 2, 2, 3, 4])))
    return text.removesuffix('\n') if generator.random() < 0.1 else text


CASES = [*FILES.values(), *(generated(seed) for seed in range(N_GENERATED))]


def edit(text, wishes):
    return editing.edit('mkinitcpio', text, *wishes)


# Run by mkinitcpio's own options: extglob. What the file prints goes aside; then the modules, then all that is set.
SCRIPT = r'''
shopt -s extglob
. "$1" >"$2"
status=$?
[[ ${MODULES@a} != *a* ]] && IFS=' ' read -r -a MODULES <<<"$MODULES"
printf '%s\0' "$status" "${MODULES[@]}" >"$3"
unset MODULES status
declare -p | grep -v -E '^declare -[^ ]* (BASH|_=|RANDOM|SRANDOM|SECONDS|EPOCH|PIPESTATUS|LINENO|PPID|SHLVL|FUNCNAME|GROUPS)' >"$4"
declare -f >>"$4"
'''


def ask(text, flag, folder):
    """The status of the last command, the modules, the others, and what was printed; None where bash complains."""
    file = folder / 'file'
    file.write_bytes(text)
    outputs = [folder / 'printed', folder / 'modules', folder / 'others']
    for path in outputs:
        path.unlink(missing_ok=True)
    done = subprocess.run(['bash', '-c', SCRIPT, 'bash', file, *outputs], env={'PATH': os.environ['PATH'], 'FLAG': flag}, cwd=folder / 'empty',
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    if done.stderr or not outputs[2].exists():
        return None
    words = outputs[1].read_bytes().decode().split('\0')[:-1]
    return words[0], words[1:], outputs[2].read_bytes(), outputs[0].read_bytes()


def name(module):
    return module.removesuffix('?').replace('-', '_')


def expected(old, wishes):
    missing = []
    for wish in wishes:
        if name(wish) not in [name(module) for module in [*old, *missing]]:
            missing.append(wish)
    return [*missing, *(module for module in old if module)]


def test_bash_sees_the_modules_in_front_and_nothing_else(tmp_path):
    (tmp_path / 'empty').mkdir()
    accepted = changed = asked = 0
    for number, case in enumerate(CASES):
        text, wishes = case.encode(), WISHES[number % len(WISHES)]
        new = edit(text, wishes)
        if new is None:
            assert number >= len(FILES), f'refused:\n{case}'
            continue
        accepted += 1
        changed += new != text
        assert edit(new, wishes) == new, f'changed twice:\n{new.decode()}'
        for flag in ('', '1'):
            before, after = ask(text, flag, tmp_path), ask(new, flag, tmp_path)
            shown = f'{wishes}\n{text.decode()}\n----\n{new.decode()}\n{before}\n{after}'
            assert before is not None and after is not None, shown
            asked += 1
            assert after[1] == expected(before[1], wishes), shown
            assert after[2:] == before[2:], shown
            assert after[0] == before[0] or after[0] == '0', shown
    print(f'{accepted} of {len(CASES)} files accepted, {changed} changed; bash asked {asked} times')
    assert accepted > len(CASES) * 0.4 and changed > len(CASES) * 0.3


def test_what_makes_no_sense_to_bash_is_refused():
    for case in ['MODULES=(a\n', "MODULES='a", 'MODULES="a\n', 'MODULES=(a))\n', 'fi\n', 'if x; then MODULES=(a)\n', 'MODULES=a (b)\n', 'cat <<E\nMODULES=(a)\n', 'MODULES=(a) \\\n']:
        assert edit(case.encode(), ['vfio']) is None, case


def test_what_is_only_known_when_it_runs_is_refused():
    for case in ['MODULES=($x)\n', 'MODULES=(`x`)\n', 'MODULES="$x"\n', 'MODULES=(~)\n', 'MODULES=(snd*)\n', '[ x ] && MODULES=(a)\n', 'f () { MODULES=(a); }\n', '. other\n',
                 'MODULES=(a)\neval "$x"\n', 'for MODULES in a; do :; done\n', 'read MODULES\n', 'exit 0\n', 'MODULES=([1]=a)\n', 'MODULES[0]=a\n', 'MODULES=({a,b})\n']:
        assert edit(case.encode(), ['vfio']) is None, case
