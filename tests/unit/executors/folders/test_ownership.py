"""Host uids, and whose folders are meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.folders.ownership import FIRST_UID, HostUids, give_tree, require_readable


def test_uids_are_not_lent_twice() -> None:
    uids = HostUids()
    assert uids.lend() == FIRST_UID
    second = uids.lend()
    uids.give_back(FIRST_UID)
    assert uids.lend() not in (FIRST_UID, second)  # recently used ones rest


def test_objects_of_the_store_keep_their_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed: list[str] = []
    monkeypatch.setattr("os.chown", lambda path, *_, **__: changed.append(Path(path).name))
    job = tmp_path / "job"
    (job / "in").mkdir(parents=True)
    (tmp_path / "object").write_text("x")
    (job / "in/linked").hardlink_to(tmp_path / "object")
    (job / "own").write_text("x")
    (job / "away").symlink_to("/etc")
    give_tree(job, 1, 1)
    assert sorted(changed) == ["away", "in", "job", "own"]


def test_closed_folders_are_refused_with_a_reason(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    require_readable([tmp_path])
    tmp_path.chmod(0o700)
    with pytest.raises(SandboxUnavailable, match="may not read"):
        require_readable([tmp_path])
