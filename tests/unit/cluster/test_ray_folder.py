"""The folder of Ray's head does not outlive the life after the one that made it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from sagehen.cluster.ray.folder import make_folder, remove_folder


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def test_what_a_killed_life_left_goes(tmp_path: Path) -> None:
    note = tmp_path / "note"
    killed = make_folder(note)
    (killed / "tls").mkdir()
    (killed / "tls" / "key").write_text("secret")
    made = make_folder(note)
    assert not killed.exists() and made.is_dir() and note.read_text() == str(made)
    remove_folder(made, note)
    assert not made.exists() and not note.exists()


@pytest.mark.parametrize(
    "noted", ["tmp/mine", "tmp/sagehen-ray-x/../mine", "nowhere", "tmp/sagehen-ray-link"]
)
def test_nothing_else_goes(tmp_path: Path, noted: str) -> None:
    for name in ("mine", "sagehen-ray-x"):
        (tmp_path / "tmp" / name).mkdir()
    (tmp_path / "tmp" / "sagehen-ray-link").symlink_to(tmp_path / "tmp" / "mine")
    (tmp_path / "tmp" / "mine" / "work").touch()
    (tmp_path / "note").write_text(str(tmp_path / noted))
    make_folder(tmp_path / "note")
    assert (tmp_path / "tmp" / "mine" / "work").exists()
