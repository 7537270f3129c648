"""Where a device is mounted, as the kernel tells it."""

from __future__ import annotations

from sagehen.executors.machines.volumes.entering import mounts_of

_INFO = b"""\
22 1 7:3 /tree / rw,relatime - ext4 /dev/loop3 rw
23 22 0:20 / /proc rw - proc proc rw
24 22 7:3 /local /usr/local rw - ext4 /dev/loop3 rw
25 22 7:31 /tree /mnt/sdf rw - ext4 /dev/loop31 rw
26 22 7:4 /tree /a\\040name\\134 rw - ext4 /dev/loop4 rw
27
"""


def test_the_deepest_first_and_names_as_they_are() -> None:
    assert mounts_of(_INFO, "7:3") == ["/usr/local", "/"]
    assert mounts_of(_INFO, "7:4") == ["/a name\\"]
    assert mounts_of(_INFO, "7:5") == []
