"""Archives from outside: what they may bring, and the ways out that they try."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from sagehen.archives.tar import MAX_DEPTH, UnusableArchive, unpack_tar

Member = tuple[str, bytes, str | bytes]


def archive(path: Path, *members: Member, mode: str = "w:gz") -> Path:
    """Write members (name, tar type, content or link target) as they are, however odd."""
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, kind, what in members:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, 0o755
            if isinstance(what, bytes):
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
            else:
                info.linkname = what
                tar.addfile(info)
    return path


def file(name: str, content: bytes = b"x") -> Member:
    return name, tarfile.REGTYPE, content


def link(name: str, to: str) -> Member:
    return name, tarfile.SYMTYPE, to


def hard_link(name: str, to: str) -> Member:
    return name, tarfile.LNKTYPE, to


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "outside" / "inside"
    made.mkdir(parents=True)
    (tmp_path / "outside" / "victim").write_text("untouched")
    return made


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_files_folders_and_links_within_are_unpacked(tmp_path: Path, folder: Path, mode: str) -> None:
    unpack_tar(
        archive(
            tmp_path / "a.tar",
            link("code/latest", "../models/one.pt"),
            link("all", "models"),
            file("models/one.pt", b"weights"),
            hard_link("models/two.pt", "models/one.pt"),
            file("/rooted", b"r"),
            mode=mode,
        ),
        folder,
    )
    assert (folder / "code/latest").read_bytes() == b"weights"
    assert (folder / "all/two.pt").read_bytes() == b"weights"
    assert (folder / "rooted").read_bytes() == b"r"


@pytest.mark.parametrize(
    "members",
    [
        [file("../victim")],
        [file("a/../../victim")],
        [link("a", "..")],
        [link("a", "/etc")],
        [link("a/b", "../..")],
        [link("a", "b/../..")],
        [link("real/a", ".."), link("a", "real/a/..")],
        [link("d", "e"), ("e", tarfile.DIRTYPE, b""), link("d/up", "..")],
        [hard_link("a", "../victim")],
        [hard_link("a", "/etc/passwd")],
        [link("a", "inner"), hard_link("b", "a")],
        [hard_link("b", "later"), link("later", "../victim")],
        [link("a", "b"), file("a/c")],
        [("pipe", tarfile.FIFOTYPE, b"")],
        [("null", tarfile.CHRTYPE, b"")],
        [file("/".join("d" * (MAX_DEPTH + 1)))],
        [file("n" * 300)],
        [file("a"), file("a/b")],
    ],
)
def test_what_leads_out_or_cannot_be_is_refused(tmp_path: Path, folder: Path, members: list[Member]) -> None:
    with pytest.raises(UnusableArchive):
        unpack_tar(archive(tmp_path / "a.tar", *members), folder)
    assert (folder.parent / "victim").read_text() == "untouched"
    assert sorted(os.listdir(folder.parent)) == ["inside", "victim"]


def test_links_that_outgrow_the_longest_path_do_not_lead_out(tmp_path: Path, folder: Path) -> None:
    # CVE-2025-4517: os.path.realpath gives up behind PATH_MAX, and the `data` filter believes it.
    long, steps, path = "d" * 247, "abcdefghijklmnop", ""
    members: list[Member] = []
    for step in steps:
        members += [(f"{path}{long}", tarfile.DIRTYPE, b""), link(f"{path}{step}", long)]
        path += f"{long}/"
    chain = "/".join(steps) + "/" + "l" * 254
    members += [
        link(chain, "../" * len(steps)),
        link("escape", f"{chain}/.."),
        hard_link("stolen", "escape/victim"),
        file("stolen", b"overwritten"),
    ]
    with pytest.raises(UnusableArchive):
        unpack_tar(archive(tmp_path / "a.tar", *members), folder)
    assert (folder.parent / "victim").read_text() == "untouched"


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08" + bytes(40)])
def test_what_is_no_archive_is_refused(tmp_path: Path, folder: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(UnusableArchive):
        unpack_tar(tmp_path / "a.tar", folder)


def test_an_archive_cut_short_is_refused(tmp_path: Path, folder: Path) -> None:
    whole = archive(tmp_path / "a.tar", file("a", os.urandom(50_000))).read_bytes()
    (tmp_path / "a.tar").write_bytes(whole[:20_000])
    with pytest.raises(UnusableArchive):
        unpack_tar(tmp_path / "a.tar", folder)


@pytest.fixture(params=["this Python's filter", "none, as in 3.11.2"])
def with_and_without_filter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param.startswith("none") and hasattr(tarfile, "data_filter"):
        monkeypatch.setattr(tarfile, "data_filter", tarfile.fully_trusted_filter)


@pytest.mark.usefixtures("with_and_without_filter")
def test_times_and_what_is_executable_are_taken_over_and_all_is_readable(
    tmp_path: Path, folder: Path
) -> None:
    modes = {"plain": 0o644, "secret": 0o600, "tool": 0o755, "set": 0o6777, "odd": 0o011, "locked": 0o000}
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, mode in modes.items():
            info = tarfile.TarInfo(f"d/{name}")
            info.mode, info.mtime, info.uid, info.gid = mode, 1_000_000_000, 12345, 12345
            tar.addfile(info)
        closed = tarfile.TarInfo("d/closed")
        closed.type, closed.mode, closed.uid = tarfile.DIRTYPE, 0o000, 12345
        tar.addfile(closed)
    unpack_tar(tmp_path / "a.tar", folder)
    found = {name: (folder / "d" / name).stat() for name in (*modes, "closed")}
    assert {name: oct(found[name].st_mode & 0o7777) for name in found} == {
        "plain": "0o644", "secret": "0o644", "tool": "0o755", "set": "0o755", "odd": "0o644",
        "locked": "0o644", "closed": "0o755",
    }  # fmt: skip
    assert {status.st_uid for status in found.values()} == {os.getuid()}
    assert {found[name].st_mtime for name in modes} == {1_000_000_000}


@pytest.mark.usefixtures("with_and_without_filter")
@pytest.mark.parametrize("name", ["/etc/inside", "///inside", "./inside"])
def test_leading_slashes_are_taken_off(tmp_path: Path, folder: Path, name: str) -> None:
    unpack_tar(archive(tmp_path / "a.tar", file(name), hard_link("/two", name)), folder)
    assert (folder / name.lstrip("/")).read_bytes() == (folder / "two").read_bytes() == b"x"


@pytest.mark.usefixtures("with_and_without_filter")
@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"Z"])
def test_special_files_are_refused(tmp_path: Path, folder: Path, kind: bytes) -> None:
    with pytest.raises(UnusableArchive, match="special"):
        unpack_tar(archive(tmp_path / "a.tar", ("device", kind, b"")), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("with_and_without_filter")
def test_the_last_of_two_files_of_one_name_counts(tmp_path: Path, folder: Path) -> None:
    unpack_tar(archive(tmp_path / "a.tar", file("a", b"first, longer"), file("a", b"last")), folder)
    assert (folder / "a").read_bytes() == b"last"
