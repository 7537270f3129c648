"""Mount points on a disk that somebody else had: nothing is made, or opened, outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.executors.isolation import footing
from sagehen.executors.isolation.steps import Step


def _steps(disk: Path, folder: Path, file: Path) -> list[Step]:
    return [
        Step("rw", "/", str(disk)),
        Step("symlink", "/bin", "usr/bin"),
        Step("ro", "/usr", str(folder)),
        Step("folder", "/etc"),
        Step("ro", "/etc/passwd", str(file)),
        Step("tmpfs", "/run"),
        Step("ro", "/opt/a/b", str(folder)),
        Step("ro", "/usr/local", str(folder)),
    ]


@pytest.mark.parametrize("hostile", ["", "links", "files", "folders"])
def test_nothing_is_followed(tmp_path: Path, hostile: str) -> None:
    disk, outside, file = tmp_path / "disk", tmp_path / "outside", tmp_path / "file"
    disk.mkdir()
    outside.mkdir()
    file.write_text("x")
    names = ("bin", "usr", "etc", "run", "opt") if hostile else ()
    for name in names:
        if hostile == "links":
            (disk / name).symlink_to(outside)
        elif hostile == "files":
            (disk / name).write_text("mine")
        else:
            (disk / name / "passwd").mkdir(parents=True)
    for _ in range(2):
        left = footing.prepare(_steps(disk, outside, file))
    assert [step.target for step in left] == [
        "/",
        "/usr",
        "/etc",
        "/etc/passwd",
        "/run",
        "/opt/a/b",
        "/usr/local",
    ]
    assert list(outside.iterdir()) == []
    assert (disk / "bin").readlink() == Path("usr/bin")
    for name in ("usr", "etc", "run", "opt/a/b"):
        assert (disk / name).is_dir()
        assert not (disk / name).is_symlink()
    assert (disk / "etc/passwd").read_text() == ""
    # What was in the way is not lost.
    assert len(list(disk.rglob(".aside-*"))) == {"": 0, "links": 5, "files": 5, "folders": 2}[hostile]


def test_a_link_deep_inside_is_not_followed(tmp_path: Path) -> None:
    disk, outside = tmp_path / "disk", tmp_path / "outside"
    (disk / "opt").mkdir(parents=True)
    outside.mkdir()
    (disk / "opt" / "a").symlink_to(outside)
    footing.prepare([Step("rw", "/", str(disk)), Step("ro", "/opt/a/b", str(outside))])
    assert list(outside.iterdir()) == []
    assert (disk / "opt/a/b").is_dir()
