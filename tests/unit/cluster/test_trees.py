"""Trees: what arrives is what was sent, and nothing that comes leads out of its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sagehen.cluster.trees.packing import pack, signature
from sagehen.cluster.trees.records import Entry, TreeRefused
from sagehen.cluster.trees.unpacking import Unpacking


def _unpack(pieces: object, top: Path, most: int = 10**9, at_once: int | None = None) -> None:
    data = b"".join(pieces)  # type: ignore[arg-type]
    unpacking = Unpacking(top, most)
    try:
        for at in range(0, len(data), at_once or len(data) or 1):
            unpacking.feed(data[at : at + (at_once or len(data))])
        unpacking.finish()
    finally:
        unpacking.close()


@pytest.mark.parametrize("at_once", [None, 1, 7])
def test_what_arrives_is_what_was_sent(tmp_path: Path, at_once: int | None) -> None:
    tree = tmp_path / "tree"
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "deep" / "er" / "run.sh").write_text("#!/bin/sh\n")
    (tree / "deep" / "er" / "run.sh").chmod(0o755)
    (tree / "empty").touch()
    os.utime(tree / "empty", ns=(5, 10**18 + 7))
    (tree / os.fsdecode(b"\xff\xfe \n")).write_bytes(b"\0" * 300)
    (tree / "away").symlink_to("/etc/passwd")
    os.mkfifo(tree / "pipe")
    _unpack(pack(tree), tmp_path / "came", at_once=at_once)
    came = tmp_path / "came"
    assert sorted(os.listdir(came)) == sorted(name for name in os.listdir(tree) if name != "pipe")
    assert (came / "deep/er/run.sh").stat().st_mode & 0o777 == 0o755
    assert (came / "empty").stat().st_mtime_ns == 10**18 + 7
    assert os.readlink(came / "away") == "/etc/passwd"
    assert (came / os.fsdecode(b"\xff\xfe \n")).read_bytes() == b"\0" * 300
    assert signature(came) == signature(tree)


def test_a_file_alone_and_a_part_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "tree" / "a" / "b").mkdir(parents=True)
    (tmp_path / "tree" / "a" / "b" / "c").write_text("C")
    _unpack(pack(tmp_path / "tree" / "a" / "b" / "c"), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "C"
    _unpack(pack(tmp_path / "tree", "a/b"), tmp_path / "part")
    assert os.listdir(tmp_path / "part") == ["c"]
    (tmp_path / "tree" / "link").symlink_to("a")
    for below in ("link/b", "../tree", "a/./b"):  # whoever writes there may put a link on the way
        with pytest.raises(NotADirectoryError):
            list(pack(tmp_path / "tree", below))


_TOP = Entry(b"", "folder", 0o755)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [Entry(b"", "link", target=b"/etc")],
        [_TOP, Entry(b"../x", "folder")],
        [_TOP, Entry(b"/x", "file")],
        [_TOP, Entry(b"a/b", "file")],
        [_TOP, Entry(b"l", "link", target=b"/tmp"), Entry(b"l/x", "file")],
        [_TOP, Entry(b"a\0b", "file")],
        [_TOP, Entry(b"big", "file", size=10**10)],
        [_TOP, Entry(b"short", "file", size=3)],
        [_TOP, _TOP],
        [Entry(b"x", "file")],
        [_TOP, Entry(b"/".join([b"d"] * 101), "folder")],
    ],
)
def test_what_leads_out_or_is_too_much_is_refused(tmp_path: Path, entries: list[Entry]) -> None:
    with pytest.raises(TreeRefused):
        _unpack([entry.head() for entry in entries], tmp_path / "came")


@pytest.mark.parametrize("data", [b"\xff" * 8, b"\0\0\0\2{}", b'\0\0\0\x0f["","folder",0]', b"\0\0"])
def test_what_is_no_tree_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TreeRefused):
        _unpack([data], tmp_path / "came")
