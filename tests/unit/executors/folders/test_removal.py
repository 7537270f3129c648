"""Folders taken away at once, and what an ended life left of them."""

from __future__ import annotations

from pathlib import Path

from sagehen.executors.folders.removal import discard, discard_all, sweep_discarded
from tests.waiting import eventually


def test_the_name_is_free_at_once_and_the_content_goes(tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    (folder / "a" / "b").mkdir(parents=True)
    discard(folder)
    assert not folder.exists()
    folder.mkdir()
    eventually(lambda: [entry.name for entry in tmp_path.iterdir()] == ["packages"])
    discard(tmp_path / "none")


def test_leftovers_go_at_the_next_start(tmp_path: Path) -> None:
    left = tmp_path / "packages.discarded-0123456789ab"
    (left / "a").mkdir(parents=True)
    (tmp_path / "other.discarded-0123456789ab").mkdir()
    sweep_discarded(tmp_path / "packages")
    eventually(lambda: not left.exists())
    assert [entry.name for entry in tmp_path.iterdir()] == ["other.discarded-0123456789ab"]


def test_all_of_a_folder_goes_and_what_an_ended_life_had_taken_away(tmp_path: Path) -> None:
    for name in ("box", "other.discarded-0123456789ab"):
        (tmp_path / name / "a").mkdir(parents=True)
    discard_all(tmp_path)
    eventually(lambda: not list(tmp_path.iterdir()))
