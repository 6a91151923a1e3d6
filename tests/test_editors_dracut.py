"""What bash makes of dracut's configuration behind a plan: dracut has bash source dracut.conf, then the files of dracut.conf.d by name."""

import subprocess

import pytest
from test_plan import debian  # noqa: F401 (a fixture)

OWN = 'etc/dracut.conf.d/vfio.conf'
MODULES = ['vendor_reset', 'vfio_pci', 'vfio', 'vfio_iommu_type1', 'vfio_virqfd']
HAS = f'force_drivers+=" {" ".join(MODULES)} "\n'
# The files that are there; whether a plan changes vfio.conf, or None: it is left to a person.
CASES = [
    ({}, True),
    ({'etc/dracut.conf': '# nothing\n'}, True),
    ({'etc/dracut.conf': 'hostonly="yes"\n'}, True),
    ({OWN: HAS, 'etc/dracut.conf': 'hostonly="yes"\n'}, False),
    ({OWN: '# mine\nadd_drivers+=" nvme "'}, True),
    ({OWN: 'force_drivers+=" amdgpu "\n'}, True),
    ({OWN: "force_drivers='amdgpu'\n"}, True),
    ({OWN: 'force_drivers+=" vfio vfio_pci "\n'}, True),
    ({OWN: 'if [[ -e /nowhere ]]; then\n  force_drivers+=" vfio_pci "\nfi\n'}, True),
    ({OWN: 'x="a \\\n b"\nforce_drivers+=" $x "\n'}, True),
    ({OWN: HAS + 'force_drivers=" amdgpu "\n'}, True),
    ({'etc/dracut.conf.d/10-a.conf': 'force_drivers+=" amdgpu "\n', 'etc/dracut.conf.d/zz.conf': "force_drivers+=' nvme '\n"}, True),
    ({'etc/dracut.conf.d/zz.conf': 'install_items+=" /etc/modprobe.d/vfio.conf "\n'}, True),
    ({'etc/dracut.conf.d/zz.conf': 'force_drivers=" amdgpu "\n'}, None),
    ({'etc/dracut.conf.d/zz.conf': 'install_items="/etc/a"\n'}, None),
    ({'etc/dracut.conf.d/zz.conf': 'x="open\n'}, None),
]


def sourced(tree):
    """force_drivers and install_items, as bash has them behind all files."""
    files = [path for path in [tree.path('etc/dracut.conf'), *sorted(tree.path('etc/dracut.conf.d').glob('*.conf'))] if path.is_file()]
    done = subprocess.run(['bash', '-c', 'for file; do . "$file"; done; echo $force_drivers; set -f; echo $install_items; set +f; echo "$hostonly"', 'sh',
                           *files], stdout=subprocess.PIPE, text=True, check=True, timeout=30, env={'PATH': '/usr/bin:/bin'})
    forced, items, hostonly = done.stdout.split('\n')[:3]
    return forced.split(), items.split(), hostonly


@pytest.mark.parametrize('number', range(len(CASES)))
def test_bash_sees_the_modules_in_their_order(pcilend, debian, tmp_path, number):  # noqa: F811
    files, changes = CASES[number]
    tree = debian('guide').copy(tmp_path / 'tree')
    tree.remove('usr/sbin/update-initramfs')
    for program in ['dracut', 'cp']:
        tree.write(f'usr/bin/{program}', '').chmod(0o755)
    tree.path('etc/dracut.conf.d').mkdir(exist_ok=True)
    for name, text in files.items():
        tree.write(name, text)
    before = sourced(tree) if changes is not None else None
    steps = {step['path']: step for step in pcilend.json('--root', tree, 'plan', '09:00.0')['steps'] if step['kind'] == 'file'}
    assert (f'/{OWN}' in steps) is bool(changes)
    if changes is None:
        return
    if changes:
        tree.write(OWN, steps[f'/{OWN}']['new'])
    forced, items, hostonly = sourced(tree)
    assert [word for word in forced if word in MODULES][-len(MODULES):] == MODULES
    assert [word for word in before[0] if word not in MODULES] == [word for word in forced if word not in MODULES]
    assert hostonly == 'yes' or any(item.startswith('/etc/modprobe.d/') for item in items)
    again = pcilend.json('--root', tree, 'plan', '09:00.0')['steps']
    assert f'/{OWN}' not in {step['path'] for step in again}
