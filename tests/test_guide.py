"""The guide that pcilend carries out: its own listing comes back from its own text."""


def listing_of_the_guide(shared):
    """The first block of the guide that begins with a group."""
    blocks = (shared / 'guide.md').read_text().split('```\n')
    return next(block for block in blocks if block.startswith('IOMMU Group 0:\n'))


def test_the_listing_comes_back_byte_for_byte(pcilend, shared):
    assert pcilend('--machine', shared / 'guide.md', 'groups').stdout == listing_of_the_guide(shared)
