"""What users complained of in other tools, where it is about files: each must not happen here. A test is named after the number of the
complaint in the collection beside this project (peers.md, section 3)."""

import subprocess

import pytest
import trees
from test_change import snapshot
from test_plan import (CONF, GUIDE_SOFTDEPS, MODULES, NEWER, booster, build_in, debian, kernel, switched_off,
                       texts_of)

BLS = 'boot/loader/entries/0a1b-{}.conf'


@pytest.fixture
def tree(debian, tmp_path):
    return debian('guide').copy(tmp_path / 'tree')


@pytest.fixture
def off(debian, tmp_path):
    """Its IOMMU was switched off."""
    tree = debian('no-iommu').copy(tmp_path / 'tree')
    switched_off(tree)
    return tree


def plan(pcilend, tree, *devices):
    return pcilend.json('--root', tree, 'plan', *(devices or ['09:00.0']))


def contents(answer):
    return {step['path']: step['new'] for step in answer['steps'] if step['kind'] == 'file'}


def test_14_the_loaders_own_file_is_never_edited_and_what_is_edited_is_kept(pcilend, off):
    """grub.cfg was ruined, and there was no copy of it."""
    before = snapshot(off.folder)
    answer = pcilend.json('--root', off, '-y', 'apply', '01:00.0')
    after = snapshot(off.folder)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {'etc/default/grub'}
    assert any('update-grub' in words for words in answer['programs_left'])
    kept = [path.read_text() for path in off.path(trees.JOURNALS).rglob('old/*')]
    assert trees.GRUB in kept


def test_15_what_was_done_can_be_taken_back(pcilend, tree):
    """There was no way to disable it, and installing it again did not bring the card back."""
    before = snapshot(tree.folder)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    assert snapshot(tree.folder) != before
    pcilend('--root', tree, 'undo')
    assert snapshot(tree.folder) == before


def test_16_and_without_a_system_that_boots(pcilend, tree):
    """To uninstall it one had to boot what did not boot."""
    before = snapshot(tree.folder)
    pcilend('--root', tree, '-y', 'apply', '09:00.0')
    subprocess.run(['sh', tree.path(f'{trees.JOURNALS}/1/undo.sh'), tree.folder], check=True, stdout=subprocess.DEVNULL, timeout=60)
    assert snapshot(tree.folder) == before


def test_18_nothing_is_done_half(pcilend, tree, tmp_path):
    """A mode was written down before what it needs was done, and the next boot was stranded in it."""
    file = tmp_path / 'plan.json'
    file.write_text(pcilend('--root', tree, '--json', 'plan', '09:00.0').stdout)
    tree.write('etc/initramfs-tools/modules', 'mine\n')
    before = snapshot(tree.folder)
    refused = pcilend('--root', tree, '-y', 'apply', '--plan', file, status=None)
    assert refused.returncode in (1, 3)
    assert snapshot(tree.folder) == before


@pytest.mark.parametrize('release', ['6.2.0-1-amd64', '6.10.0-1-amd64', NEWER])
def test_19_a_module_that_a_kernel_lacks_is_not_asked_for(pcilend, tree, release):
    """vfio_virqfd went with 6.2, and 6.10 was taken for older than that."""
    assert 'vfio_virqfd' in contents(plan(pcilend, tree))[MODULES]
    kernel(release)(tree)
    words = contents(plan(pcilend, tree))[MODULES].split()
    assert 'vfio_pci' in words and 'vfio_virqfd' not in words


def test_20_booster_loads_in_parallel(pcilend, tree):
    """vfio-pci.ids= came too late there."""
    booster('compression: zstd\n')(tree)
    answer = plan(pcilend, tree)
    assert 'modules_force_load: vfio_pci\n' in contents(answer)['/etc/booster.yaml']
    assert not any('vfio-pci.ids' in text for text in contents(answer).values())


def test_21_entries_that_are_files_are_changed_and_kernels_to_come_get_it_too(pcilend, off):
    """grub2-mkconfig no longer changes them, wrote another grub.cfg, and the argument was lost with the next kernel."""
    name = BLS.format(off.release)
    rescue = BLS.format('0-rescue')
    off.write(name, f'title Fedora\nlinux /vmlinuz-{off.release}\noptions root=UUID=1 ro intel_iommu=off\n')
    off.write(rescue, 'title Rescue\nlinux /vmlinuz-0-rescue-0a1b\noptions root=UUID=1 ro\n')
    off.write('etc/default/grub', 'GRUB_CMDLINE_LINUX="rhgb quiet"\nGRUB_ENABLE_BLSCFG=true\n')
    off.write('etc/kernel/cmdline', 'root=UUID=1 ro\n')
    answer = plan(pcilend, off, '01:00.0')
    assert {path: text.count('intel_iommu=on') for path, text in contents(answer).items()} == {
        f'/{name}': 1, '/etc/kernel/cmdline': 1, '/etc/default/grub': 1}
    assert not [step for step in answer['steps'] if step['kind'] == 'program']


def test_22_a_system_of_images_is_not_forgotten(pcilend, off):
    """The recipe was removed, and nothing took its place."""
    off.write('proc/cmdline', off.read('proc/cmdline').strip() + ' ostree=/ostree/boot.1/fedora/1/0\n')
    off.write('usr/bin/rpm-ostree', '')
    answer = plan(pcilend, off, '01:00.0')
    assert contents(answer) == {} and any('rpm-ostree kargs' in text for text in texts_of(answer, 'by-hand'))


def test_23_vfio_that_is_part_of_the_kernel(pcilend, tree):
    """modprobe.d says nothing to it."""
    build_in(tree)
    answer = plan(pcilend, tree)
    assert any('vfio-pci.ids=1002:731f,1002:ab38' in text for text in contents(answer).values())
    assert not any('options vfio-pci' in text for text in contents(answer).values())


def test_24_a_hook_that_brings_the_cards_driver_into_the_image(pcilend):
    """mkinitcpio's kms: vfio-pci is there, too, and goes first by a softdep."""
    answer = pcilend.json('--machine', 'guide', 'plan', '09:00.0')
    assert 'vfio_pci' in contents(answer)['/etc/mkinitcpio.conf'] and 'softdep amdgpu pre: vfio-pci' in contents(answer)[CONF]


def test_25_each_driver_of_each_function_waits(pcilend, tree):
    """The ids were set, and snd_hda_intel was first all the same."""
    assert contents(plan(pcilend, tree))[CONF].endswith(GUIDE_SOFTDEPS)
