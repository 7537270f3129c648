"""Packages from outside: what is unpacked lies in its folder, complete, and nowhere else."""

from __future__ import annotations

import io
import os
import stat
import time
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sagehen.domain.ids import Ids
from sagehen.services.lambda_.code.store import CodeStore
from sagehen.services.lambda_.errors import InvalidParameterValueException


@pytest.fixture
def store(tmp_path: Path, ids: Ids) -> CodeStore:
    store = CodeStore(tmp_path / "store", ids)
    store.prepare()
    return store


def archive(*entries: tuple[str, str, int], method: int = zipfile.ZIP_STORED) -> bytes:
    """Make an archive of (name, content, mode)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that comes twice is what some of these are about
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = method
            made.writestr(info, content)
    return buffer.getvalue()


LINK = stat.S_IFLNK | 0o777
FILE = stat.S_IFREG | 0o644


async def unpacked(store: CodeStore, content: bytes) -> Path:
    return await store.unpack((await store.add_bytes(content)).sha)


async def test_modes_and_links(store: CodeStore) -> None:
    entries = (
        ("bootstrap", "#!/bin/sh", stat.S_IFREG | 0o755),
        ("lib/code.py", "x = 1", 0),
        ("lib/same.py", "code.py", LINK),
    )
    folder = await unpacked(store, archive(*entries, method=zipfile.ZIP_DEFLATED))
    assert stat.S_IMODE((folder / "bootstrap").stat().st_mode) == 0o555
    assert stat.S_IMODE((folder / "lib/code.py").stat().st_mode) == 0o444
    assert (folder / "lib/same.py").read_text() == "x = 1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 and nothing more",
        archive(("../evil", "x", FILE)),
        archive(("d/" * 100 + "f", "x", FILE)),
        archive(("n" * 256, "x", FILE)),
        archive((("d" * 250 + "/") * 20 + "f", "x", FILE)),
        archive(("/evil", "x", FILE)),
        archive(("a/../../evil", "x", FILE)),
        archive(("long", "a/" * 2048, LINK)),
        archive(("file", "x", FILE), method=zipfile.ZIP_BZIP2),
        archive(("file", "x", FILE), method=zipfile.ZIP_LZMA),
    ],
)
async def test_refused_at_once(store: CodeStore, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidParameterValueException):
        await store.add_bytes(content)
    assert list((tmp_path / "store/incoming").iterdir()) == []
    assert list((tmp_path / "store/packages").iterdir()) == []


@pytest.mark.parametrize("is_large", [False, True], ids=["zip", "zip64"])
@pytest.mark.parametrize("limits", [{"_ENTRIES": 3}, {"_DIRECTORY_BYTES": 200}], ids=["entries", "bytes"])
async def test_what_an_archive_lists_is_bounded_before_it_is_read(
    store: CodeStore, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], is_large: bool
) -> None:
    if is_large:
        monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 0)  # what is written then is ZIP64
    few, many = (archive(*((str(n), "x", FILE) for n in range(count))) for count in (3, 5))
    for name, limit in limits.items():
        monkeypatch.setattr(f"sagehen.services.lambda_.code.archives.{name}", limit)
    await store.add_bytes(few)
    monkeypatch.setattr("zipfile.ZipFile", None)  # it would make an object of every entry
    with pytest.raises(InvalidParameterValueException, match="Could not unzip"):
        await store.add_bytes(many)


async def test_a_package_that_cannot_unpack_to_less_is_too_large(
    store: CodeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = archive(("code.py", "x" * 1000, FILE))
    monkeypatch.setattr("sagehen.services.lambda_.code.archives.UNZIPPED_BYTES", 1001)
    with pytest.raises(InvalidParameterValueException, match="Unzipped size must be smaller than 1001"):
        await store.add_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        archive(("out", "../../..", LINK)),
        archive(("out", "/etc", LINK)),
        archive(("inner", "lib", LINK), ("inner/deep", "x", LINK), ("lib/file", "x", FILE)),
        archive(("top/file", "x", FILE), ("a/b/up", "../../top", LINK), ("z", "a/b/up/../..", LINK)),
        archive(("name", "x", FILE), ("name/below", "x", FILE)),
    ],
)
async def test_refused_when_unpacked(store: CodeStore, tmp_path: Path, content: bytes) -> None:
    package = await store.add_bytes(content)
    with pytest.raises(InvalidParameterValueException):
        await store.unpack(package.sha)
    assert list((tmp_path / "store/unpacked").iterdir()) == []
    assert list((tmp_path / "store/incoming").iterdir()) == []


names = st.text(st.sampled_from("ab./\\ \n\u00e9"), min_size=1, max_size=8)


@given(st.lists(st.tuples(names, names, st.sampled_from([FILE, LINK, 0])), max_size=5))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_archive_writes_or_links_outside(
    store: CodeStore, tmp_path: Path, entries: list[tuple[str, str, int]]
) -> None:
    before = set(tmp_path.iterdir())
    try:
        folder = await unpacked(store, archive(*entries))
    except InvalidParameterValueException:
        pass
    else:
        # What leads nowhere, or round in a circle, leads to nothing outside either.
        for path in filter(Path.exists, folder.rglob("*")):
            assert Path(os.path.realpath(path)).is_relative_to(folder)
    assert set(tmp_path.iterdir()) == before
    assert {path.name for path in (tmp_path / "store").iterdir()} == {"incoming", "packages", "unpacked"}


async def test_a_damaged_archive_leaves_nothing(store: CodeStore, tmp_path: Path) -> None:
    content = bytearray(archive(("code.py", "some content here", FILE)))
    content[40:44] = b"XXXX"
    package = await store.add_bytes(bytes(content))
    with pytest.raises(InvalidParameterValueException):
        await store.unpack(package.sha)
    assert list((tmp_path / "store/unpacked").iterdir()) == []


async def test_the_sweep_takes_old_code_that_nobody_needs(store: CodeStore) -> None:
    packages = [await store.add_bytes(archive((name, name, FILE))) for name in ("a", "b", "c")]
    for one in packages:
        folder = await store.unpack(one.sha)
        for path in (store.package_file(one.sha), folder):
            os.utime(path, (time.time() - 3600,) * 2)
    os.utime(store.package_file(packages[2].sha))
    os.utime(store.folder(packages[2].sha))
    await store.sweep({packages[0].sha}, [])
    assert [store.folder(one.sha).exists() for one in packages] == [True, False, True]
    assert [store.package_file(one.sha).exists() for one in packages] == [True, False, True]
