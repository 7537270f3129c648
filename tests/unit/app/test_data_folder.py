"""The data folder: private, locked, and with root keys that last."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sagehen.app.data_folder import DataFolder, DataFolderBusy, DataFolderOfOthers
from sagehen.app.settings import RootAccount
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_look_inside(tmp_path: Path, ids: Ids) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.open()
    folder.root_credentials([RootAccount("123456789012")], ids)
    assert mode(folder.root) == 0o700
    assert mode(folder.credentials) == 0o600
    folder.close()


def test_one_platform_at_a_time(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "data")
    first.open()
    with pytest.raises(DataFolderBusy, match=f"`sagehen down --data {tmp_path}/data` stops it"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_a_home_is_no_data_folder(tmp_path: Path) -> None:
    """`sagehen down --delete-data` would delete it."""
    (tmp_path / ".profile").touch()
    with pytest.raises(DataFolderOfOthers, match=r"holds other things \(\.profile\)"):
        DataFolder(tmp_path).open()
    assert [entry.name for entry in tmp_path.iterdir()] == [".profile"]


def test_a_start_that_was_cut_off_goes_on(tmp_path: Path, ids: Ids) -> None:
    first = DataFolder(tmp_path)
    first.claim()
    keys = first.root_credentials([RootAccount("123456789012")], ids)
    first.log.touch()
    (tmp_path / "credentials.json.new").touch()
    (tmp_path / "lost+found").mkdir()
    for _ in range(2):
        first.open()
        assert first.root_credentials([RootAccount("123456789012")], ids) == keys
        first.close()


def test_root_keys_are_made_once(tmp_path: Path, ids: Ids) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.open()
    accounts = [RootAccount("123456789012"), RootAccount("210987654321", Credentials("given", "secret"))]
    first = folder.root_credentials(accounts, ids)
    assert first["123456789012"].access_key_id.startswith("AKIA")
    assert first["210987654321"] == Credentials("given", "secret")
    # Later starts find them, also those of accounts that are not named this time.
    again = folder.root_credentials([RootAccount("123456789012")], ids)
    assert again == {"123456789012": first["123456789012"]}
    assert (
        folder.root_credentials([RootAccount("210987654321")], ids)["210987654321"].access_key_id == "given"
    )
    folder.close()


def test_a_folder_that_was_open_to_everybody_shows_nobody_the_records(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (tmp_path / "data" / "metadata.sqlite-wal").touch(0o644)
    folder = DataFolder(tmp_path / "data")
    folder.open()
    folder.close()
    modes = {path.name: path.stat().st_mode & 0o077 for path in folder.root.iterdir()}
    assert set(modes.values()) == {0}, modes
