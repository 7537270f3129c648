"""unpack(layer): one layer onto what the ones below it have left.

Source: OCI image specification 1.1, "Image Layer Filesystem Changeset". Device nodes are left out: a sandbox
has a /dev of its own. So are extended attributes, capabilities of files among them.
"""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

from sagehen.images.roots.bounds import MAX_HEADER_BYTES, Budget, UnusableLayer
from sagehen.images.roots.stream import LayerStream
from sagehen.images.roots.tree import Tree

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
# An archive's own bookkeeping: a block for each entry, and as much again for long names.
_OVERHEAD = 4096
_PIECE_BYTES = 1024 * 1024
_Look = tuple[int, int, int, float]


def unpack(layer: Path, tree: Tree, budget: Budget, diff_id: str, check: Callable[[], None]) -> None:
    """Unpack a layer. Blocking.

    Args:
        budget: What is left of the image's; the layer is taken from it.
        diff_id: The digest that it must have, unpacked.
        check: Called between pieces; raises where nobody waits any more.

    Raises:
        UnusableLayer: What was written stays.
        OSError: The machine's, such as a full disk.
    """
    stream = LayerStream(layer, budget.size + (budget.entries + 3) * _OVERHEAD, check)
    try:
        _unpack(stream, tree, budget, check)
        if (found := stream.digest()) != diff_id:
            raise UnusableLayer(f"it unpacks to {found}, and the image says {diff_id}")
    except UnusableLayer:
        raise
    except RecursionError:  # headers that announce headers that announce headers
        raise UnusableLayer("its headers never come to a file") from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, UnicodeError) as error:
        raise UnusableLayer(str(error) or type(error).__name__) from error
    except Exception as error:
        if type(error).__module__.startswith("zstandard") or type(error).__name__ == "ZstdError":
            raise UnusableLayer(str(error)) from error
        raise
    finally:
        stream.close()


def _unpack(stream: LayerStream, tree: Tree, budget: Budget, check: Callable[[], None]) -> None:
    fresh: set[str] = set()
    folders: list[tuple[str, _Look]] = []
    with _opened(stream) as tar:
        while (member := _next(tar, stream)) is not None:
            check()
            budget.take(member.size if member.isreg() else 0, member.name)
            placed = tree.parent_of(member.name)
            if placed is None:  # the root itself
                continue
            folder, name = placed
            path = tree.path(folder, name)
            if name.startswith(_WHITEOUT):
                _white_out(tree, folder, name, fresh)
                continue
            if not _written(tar, stream, member, tree, path, check):
                continue
            fresh.add(path)
            if member.isdir():
                folders.append((path, _look_of(member)))
            else:
                tree.dress(path, *_look_of(member))
    # Last: one that may not be written to would take no files.
    for path, look in reversed(folders):
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
            tree.dress(path, *look)


def _opened(stream: LayerStream) -> tarfile.TarFile:
    with stream.header():  # the first one is read at once
        return tarfile.open(fileobj=cast(BinaryIO, stream), mode="r:")


def _next(tar: tarfile.TarFile, stream: LayerStream) -> tarfile.TarInfo | None:
    with stream.header():
        member = tar.next()
    tar.members.clear()  # type: ignore[attr-defined]  # else all of them stay in memory
    if sum(len(name) + len(value) for name, value in tar.pax_headers.items()) > MAX_HEADER_BYTES:
        raise UnusableLayer("what it says of all of its entries is too long")
    return member


def _look_of(member: tarfile.TarInfo) -> _Look:
    """Return owner, group, mode and time, and nothing of the headers that said so."""
    return member.uid, member.gid, member.mode, member.mtime


def _written(
    tar: tarfile.TarFile,
    stream: LayerStream,
    member: tarfile.TarInfo,
    tree: Tree,
    path: str,
    check: Callable[[], None],
) -> bool:
    """Write a member; return False where it is left out."""
    if member.isdir():
        if not tree.make_way(path, for_folder=True):
            os.mkdir(path, 0o755)  # noqa: PTH102
        return True
    if member.ischr() or member.isblk():
        return False
    if member.islnk():
        return _linked(member, tree, path)
    tree.make_way(path)
    if member.issym():
        if not member.linkname or len(os.fsencode(member.linkname)) > 4095 or "\0" in member.linkname:
            raise UnusableLayer(f"{member.name[:100]!r} is a link to nothing that can be")
        Path(path).symlink_to(member.linkname)
        return True
    if member.isfifo():
        os.mkfifo(path, 0o600)
        return True
    if not member.isreg():
        raise UnusableLayer(f"{member.name[:100]!r} is a special file")
    # What tarfile makes for each file costs as much as writing a small one; only holes need it.
    source: Any = tar.extractfile(member) if member.issparse() else stream
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(target, "wb") as file:
        left = member.size
        while left:
            check()  # a hole's bytes are not read from anywhere
            piece = source.read(min(left, _PIECE_BYTES))
            if not piece:
                raise UnusableLayer("it ends within a file")
            file.write(piece)
            left -= len(piece)
    return True


def _linked(member: tarfile.TarInfo, tree: Tree, path: str) -> bool:
    placed = tree.parent_of(member.linkname, make=False)
    target = None if placed is None else tree.path(*placed)
    if target == path:
        return False
    if target is None or not os.path.lexists(target) or stat.S_ISDIR(os.lstat(target).st_mode):
        raise UnusableLayer(
            f"{member.name[:100]!r} is a link to {member.linkname[:100]!r}, which is no file of the image"
        )
    tree.make_way(path)
    os.link(target, path, follow_symlinks=False)
    return True


def _white_out(tree: Tree, folder: str, name: str, fresh: set[str]) -> None:
    """Delete what a marker hides: of the layers below, never of this one."""
    if name == _OPAQUE:
        _empty(tree.path(folder, ""), fresh)
        return
    hidden = name[len(_WHITEOUT) :]
    if hidden.startswith(_WHITEOUT):  # what AUFS kept for itself
        return
    if hidden in ("", ".", ".."):
        raise UnusableLayer(f"{name!r} hides nothing that can be")
    path = tree.path(folder, hidden)
    if path not in fresh:
        tree.make_way(path)


def _empty(folder: str, fresh: set[str]) -> None:
    for entry in list(os.scandir(folder)):
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.path not in fresh:
            shutil.rmtree(entry.path) if is_folder else os.unlink(entry.path)  # noqa: PTH108
        elif is_folder:
            _empty(entry.path, fresh)
