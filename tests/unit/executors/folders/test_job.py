"""HostFolder against a job that plants links, pipes and endless folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.executors.folders.job import HostFolder, JobFolder
from sagehen.executors.folders.ownership import give_tree


@pytest.fixture
def job(tmp_path: Path) -> JobFolder:
    (tmp_path / "secret").write_text("of the host")
    folder = JobFolder(tmp_path / "job")
    folder.create(("algo-1",))
    return folder


@pytest.fixture
def host(job: JobFolder) -> HostFolder:
    return job.host("algo-1")


def content(file: int | None) -> bytes | None:
    if file is None:
        return None
    with os.fdopen(file, "rb") as opened:
        return opened.read()


def test_files_are_found_and_links_are_not_followed(host: HostFolder, tmp_path: Path) -> None:
    (host.checkpoints / "deep").mkdir()
    (host.checkpoints / "deep" / "1.pt").write_bytes(b"one")
    (host.checkpoints / "link").symlink_to(tmp_path / "secret")
    (host.checkpoints / "folder").symlink_to(tmp_path)
    os.mkfifo(host.checkpoints / "pipe")
    found = list(host.files_below(host.checkpoints))
    assert [path for path, _ in found] == [host.checkpoints / "deep" / "1.pt"]
    assert found[0][1].st_size == 3
    assert content(host.open_file(found[0][0])) == b"one"


@pytest.mark.parametrize("name", ["link", "folder/secret", "pipe", "missing", "deep"])
def test_only_regular_files_are_opened(host: HostFolder, tmp_path: Path, name: str) -> None:
    (host.checkpoints / "deep").mkdir()
    (host.checkpoints / "link").symlink_to(tmp_path / "secret")
    (host.checkpoints / "folder").symlink_to(tmp_path)
    os.mkfifo(host.checkpoints / "pipe")
    assert host.open_file(host.checkpoints / name) is None


def test_a_checkpoint_folder_that_became_a_link_is_empty(host: HostFolder, tmp_path: Path) -> None:
    host.checkpoints.rmdir()
    host.checkpoints.symlink_to(tmp_path)
    assert list(host.files_below(host.checkpoints)) == []
    assert host.open_file(host.checkpoints / "secret") is None


def test_folders_without_end_are_survived(job: JobFolder, host: HostFolder) -> None:
    before = Path.cwd()
    os.chdir(host.checkpoints)
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        Path("file").write_text("x")
    finally:
        os.chdir(before)
    assert list(host.files_below(host.checkpoints)) == []
    give_tree(host.opt_ml, os.getuid(), os.getgid())
    job.remove()
    assert not job.root.exists()


def test_what_was_made_unreadable_is_removed(job: JobFolder, host: HostFolder) -> None:
    closed = host.model / "closed"
    (closed / "below").mkdir(parents=True)
    (closed / "below" / "file").write_text("x")
    (closed / "below").chmod(0)
    closed.chmod(0)
    job.remove()
    assert not job.root.exists()


def test_removing_follows_no_link(job: JobFolder, host: HostFolder, tmp_path: Path) -> None:
    (host.model / "link").symlink_to(tmp_path)
    job.remove()
    job.remove()  # nothing is there any more, which is no fault
    assert (tmp_path / "secret").exists()
