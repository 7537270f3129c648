"""What a root disk holds at first, and whose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.executors.machines.machines import Disk
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.executors.machines.roots.own import Lower
from sagehen.services.ec2.hosts.local import accounts, disk


class Volume:
    """A folder that is always there."""

    file = None

    def __init__(self, at: Path) -> None:
        self._at = at

    async def attach(self) -> Path:
        return self._at


@pytest.mark.parametrize("kind", [RootKind.ONE, RootKind.NONE])
async def test_nothing_is_followed_in_a_disk_that_somebody_else_filled(
    tmp_path: Path, kind: RootKind
) -> None:
    """A volume of data may become a root disk, by its snapshot: what it holds is its user's."""
    place, outside = tmp_path / "place", tmp_path / "outside"
    (place / "tree" / "var").mkdir(parents=True)
    outside.mkdir(mode=0o700)
    for name in ("etc", "home", "opt", "root", "tmp", "var/log", "var/tmp"):
        (place / "tree" / name).symlink_to(outside)
    lowers = [] if kind is RootKind.NONE else [Lower("etc", "/etc", tmp_path / "etc.json", None)]

    def fill(tree: Path | None, written: object) -> None:
        disk.fill(tree, written, ("ann",), kind)  # type: ignore[arg-type]

    made = Disk(Volume(place), "/", "tree", first=fill, layers=lowers)  # type: ignore[arg-type]
    for _ in range(2):
        await made.attach()
    assert os.listdir(outside) == []
    assert outside.stat().st_mode & 0o777 == 0o700
    if lowers:
        assert "ann" in (place / "layers" / "etc" / "upper" / "passwd").read_text()


def test_people_have_numbers_of_their_own_where_there_are_many() -> None:
    many = accounts.files(("ann", "bob", "daemon"), sudoers=("ann",), one_user=False)
    entries = dict(line.split(":", 1) for line in many["passwd"].splitlines())
    assert entries["ann"].startswith("x:1000:1000:")
    assert entries["bob"].startswith("x:1001:1001:")
    assert entries["daemon"].startswith("x:1:1:")  # the system's, whoever else is to be called so
    assert "sudo:x:27:ann\n" in many["group"]
    assert len(many["shadow"].splitlines()) == len(many["passwd"].splitlines())
    one = accounts.files(("ann",), sudoers=("ann",), one_user=True)["passwd"]
    assert "ann:x:0:0:ann:/home/ann:" in one
