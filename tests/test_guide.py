"""The guide that pcilend carries out: its own listing comes back from its own text."""


def listing_of_the_guide(shared):
    """The first block of the guide that begins with a group."""
    blocks = (shared / 'guide.md').read_text().split('```\n')
    return next(block for block in blocks if block.startswith('IOMMU Group 0:\n'))


def test_the_listing_comes_back_byte_for_byte(pcilend, shared):
    assert pcilend('--machine', shared / 'guide.md', 'groups').stdout == listing_of_the_guide(shared)


def test_the_plan_has_the_lines_of_the_guide(pcilend, shared):
    """vfio.conf and MODULES stand in the plan as the guide gives them, and the images are made anew."""
    steps = pcilend.json('--machine', 'guide', 'plan', '09:00.0')['steps']
    files = {step['path']: step for step in steps if step['kind'] == 'file'}
    guide = (shared / 'guide.md').read_text().splitlines()
    ids, modules = (next(line for line in guide if line.startswith(begin)) for begin in ('options vfio-pci ids=', 'MODULES=('))
    vfio = files['/etc/modprobe.d/vfio.conf']
    assert vfio['old'] is None and vfio['new'].splitlines()[0] == ids
    configuration = files['/etc/mkinitcpio.conf']
    old, new = configuration['old'].splitlines(), configuration['new'].splitlines()
    assert [line for line in new if line not in old] == [modules]
    assert [line for line in old if line not in new] == ['MODULES=()']
    images = [step for step in steps if step['kind'] == 'program' and step['leave'] == 'nothing']
    assert [step['argv'] for step in images] == [['/usr/bin/mkinitcpio', '-P']]
    assert images[0]['writes'] == ['/boot/initramfs-linux.img', '/boot/initramfs-linux-fallback.img']


def test_the_packages_of_the_guide_come_first(pcilend, shared):
    """All that the guide installs, and the TPM that Windows 11 wants."""
    steps = pcilend.json('--machine', 'guide', 'plan', '09:00.0')['steps']
    line = next(line for line in (shared / 'guide.md').read_text().splitlines() if line.startswith('pacman -S '))
    assert steps[0]['argv'][:4] == ['/usr/bin/pacman', '-S', '--noconfirm', '--needed']
    assert sorted(steps[0]['argv'][4:]) == sorted([*line.split()[2:], 'swtpm'])
    assert steps[0]['undo_argv'] == ['/usr/bin/pacman', '-R', '--noconfirm', *steps[0]['argv'][4:]] and steps[0]['leave'] == 'packages'
    assert [step['argv'][0] for step in steps[1:3]] == ['/usr/bin/systemctl', '/usr/bin/virsh']
    only_boot = pcilend.json('--machine', 'guide', 'plan', '--no-packages', '09:00.0')['steps']
    assert only_boot == steps[3:]


def test_nothing_is_removed_from_its_command_line(pcilend):
    paths = {step['path'] for step in pcilend.json('--machine', 'guide', 'plan', '09:00.0')['steps']}
    assert not any(path and 'refind' in path for path in paths)
