"""Files that a node has had are not sent again; what it keeps has a bound, and is what was sent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.cluster.trees.cache import Cache
from sagehen.cluster.trees.keys import LEAST_BYTES, is_key, key_of, keys_below
from sagehen.cluster.trees.packing import FileChanged, pack
from sagehen.cluster.trees.records import Entry, TreeRefused
from sagehen.cluster.trees.unpacking import Unpacking
from sagehen.store import content_marks

NOW = 2 * 10**18
OLD = 10**18


def made(path: Path, size: int = LEAST_BYTES, fill: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(fill * size)
    os.utime(path, ns=(OLD, OLD))
    return path


def unpack(pieces: list[bytes], top: Path, cache: Cache | None) -> None:
    unpacking = Unpacking(top, 10**9, cache)
    try:
        for piece in pieces:
            unpacking.feed(piece)
        unpacking.finish()
    finally:
        unpacking.close()


def sent(tree: Path, top: Path, cache: Cache) -> int:
    """Send a tree as the platform does, and return how many bytes that took."""
    known = frozenset(cache.having(keys_below(tree, NOW)))
    pieces = list(pack(tree, known=known))
    unpack(pieces, top, cache)
    return sum(map(len, pieces))


def test_the_second_time_only_names_are_sent(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    made(tree / "a" / "large", 300_000)
    made(tree / "small", 10)
    cache = Cache(tmp_path / "cache", 10**9)
    assert sent(tree, tmp_path / "first", cache) > 300_000
    assert sent(tree, tmp_path / "second", cache) < 1000
    (tree / "b").hardlink_to(tree / "a" / "large")  # the store's file by another name, as in another job
    assert sent(tree, tmp_path / "third", Cache(tmp_path / "cache", 10**9)) < 1000
    for top in ("first", "second", "third"):
        assert (tmp_path / top / "a" / "large").read_bytes() == b"x" * 300_000
        assert (tmp_path / top / "a" / "large").stat().st_mtime_ns == OLD
    assert (tmp_path / "second" / "a" / "large").samefile(tmp_path / "first" / "a" / "large")


def test_what_may_have_changed_is_sent(tmp_path: Path) -> None:
    file = made(tmp_path / "f")
    key = key_of(file.stat(), NOW, file)
    assert is_key(key)
    assert key_of(file.stat(), OLD + 1_000_000_000, file) == ""  # written a second ago
    os.utime(file, ns=(OLD, OLD + 1))
    assert key_of(file.stat(), NOW, file) != key
    os.utime(file, ns=(OLD, OLD))
    file.chmod(0o600)
    assert key_of(file.stat(), NOW, file) != key
    small = made(tmp_path / "s", LEAST_BYTES - 1)
    assert key_of(small.stat(), NOW, small) == ""
    assert key_of(tmp_path.stat(), NOW, tmp_path) == ""
    (tmp_path / "l").symlink_to(file)
    assert len(list(keys_below(tmp_path, NOW))) == 1


def test_what_says_which_content_it_has_is_known_by_that(tmp_path: Path) -> None:
    parts = [("blob-1", 0, 8), ("blob-2", 0, 8)]
    files = [made(tmp_path / name / "f", 100_000) for name in "abc"]
    for file, of in zip(files, (parts, parts, parts[:1]), strict=True):
        with file.open("r+b") as opened:
            content_marks.mark(opened.fileno(), content_marks.identity_of(of))
    keys = [key_of(file.stat(), OLD, file) for file in files]
    if not keys[0]:
        pytest.skip("this file system keeps no attributes")
    assert is_key(keys[0]) and keys[0] == keys[1] != keys[2]
    os.utime(files[1], ns=(OLD, OLD + 1))  # as if it had been written to
    assert key_of(files[1].stat(), OLD, files[1]) == ""
    cache = Cache(tmp_path / "cache", 10**9)
    assert sent(tmp_path / "a", tmp_path / "first", cache) > 100_000
    assert sent(tmp_path / "a", tmp_path / "second", cache) < 1000


def test_a_file_that_changes_while_it_is_sent_is_not_kept(tmp_path: Path) -> None:
    file = made(tmp_path / "f", 600_000)
    pieces = pack(file, known=frozenset())
    next(pieces)
    file.write_bytes(b"y" * 600_000)
    with pytest.raises(FileChanged):
        list(pieces)


def test_a_cache_has_a_bound_and_lets_go_of_what_was_used_last(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 2 * LEAST_BYTES)
    files = [made(tmp_path / name, fill=name.encode()) for name in "abc"]
    keys = [key_of(file.stat(), NOW, file) for file in files]
    for file, key in zip(files[:2], keys, strict=False):
        cache.keep(key, LEAST_BYTES, os.fsencode(file))
    assert cache.take(keys[0], LEAST_BYTES, os.fsencode(tmp_path / "again"))
    cache.keep(keys[2], LEAST_BYTES, os.fsencode(files[2]))
    assert cache.having(keys) == [keys[0], keys[2]]
    assert not cache.take(keys[1], LEAST_BYTES, os.fsencode(tmp_path / "gone"))
    assert not cache.take(keys[0], 7, os.fsencode(tmp_path / "other"))
    assert {path.name for path in (tmp_path / "cache").iterdir()} == {keys[0], keys[2]}
    smaller = Cache(tmp_path / "cache", LEAST_BYTES)
    assert smaller.having(keys) == [keys[2]]
    (tmp_path / "cache" / keys[2]).unlink()
    assert not smaller.take(keys[2], LEAST_BYTES, os.fsencode(tmp_path / "gone"))
    assert smaller.having(keys) == []


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "1-2-3-4", "a-b-c-d-e/..", "1-2-3-4-5\0"])
def test_a_key_is_no_path(tmp_path: Path, key: str) -> None:
    cache = Cache(tmp_path / "cache", 10**9)
    top, place = Entry(b"", "folder", 0o755), Entry(b"f", "known", 0o644, 5, OLD, key=key)
    with pytest.raises(TreeRefused, match="not here"):
        unpack([top.head() + place.head()], tmp_path / "tree", cache)
    with pytest.raises(TreeRefused, match="not here"):
        unpack([top.head() + place.head()], tmp_path / "other", None)
    file = Entry(b"f", "file", 0o644, 5, OLD, key=key)
    unpack([top.head() + file.head() + b"12345"], tmp_path / "kept", cache)
    assert list((tmp_path / "cache").iterdir()) == []


@given(st.text())
def test_nothing_else_is_a_key(text: str) -> None:
    assert not is_key(text) or all(letter in "0123456789abcdef-" for letter in text)
