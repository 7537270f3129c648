"""Passing trees: sent piece by piece, and put in place as a whole once all has come.

Over streams of the link, or, where they are large, over a connection of their own, in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from pathlib import Path

from sagehen.cluster.framing import DONE, pieces, send_pieces
from sagehen.cluster.streams import Stream, StreamRefused, line, lines
from sagehen.cluster.trees.cache import Cache
from sagehen.cluster.trees.keys import keys_below
from sagehen.cluster.trees.packing import pack
from sagehen.cluster.trees.records import TreeRefused
from sagehen.cluster.trees.unpacking import Unpacking
from sagehen.executors.folders.removal import remove_tree

_KEYS_AT_ONCE = 1000
# What a node says of a folder that is not there.
NO_FOLDER = "no such folder"
# And where its porter has ended in the middle.
PORTER_ENDED = "the node's porter has ended"


async def send_tree(stream: Stream, root: Path, below: str = "") -> None:
    """Send a folder, or one file, and finish.

    Args:
        below: Of it the folder of this relative name alone; there is no way there by a link.

    Raises:
        LinkLost, StreamRefused, OSError
    """
    packed = pack(root, below)
    try:
        while piece := await asyncio.to_thread(next, packed, b""):
            await stream.send(piece)
    finally:
        await asyncio.to_thread(packed.close)
    await stream.finish()


async def receive_tree(stream: Stream, target: Path, most_bytes: int) -> None:
    """Receive what `send_tree` sends, and put it in the place of `target` or what is in it.

    A folder that is there stays the same one, since it may be mounted somewhere.

    Raises:
        LinkLost, StreamRefused, OSError
    """
    new = _coming(target)
    unpacking = Unpacking(new, most_bytes)
    try:
        while data := await stream.receive():
            await asyncio.to_thread(unpacking.feed, data)
        await asyncio.to_thread(_place, unpacking, new, target)
    except TreeRefused as error:
        stream.reset(str(error))
        raise _refused(error) from None
    finally:
        unpacking.close()
        await asyncio.to_thread(_clear, new)


def write_tree(
    connection: socket.socket, root: Path, below: str = "", known: frozenset[str] | None = None
) -> None:
    """Send as `send_tree` does. Blocking.

    Args:
        known: Keys of files that are there, as `pack` takes it.

    Raises:
        OSError
    """
    with contextlib.closing(pack(root, below, known)) as packed:
        send_pieces(connection, packed)


def read_tree(connection: socket.socket, target: Path, most_bytes: int, cache: Cache | None = None) -> None:
    """Receive what `write_tree` sends, as `receive_tree` does. Blocking.

    Raises:
        OSError: Also where it is refused (StreamRefused).
    """
    new = _coming(target)
    unpacking = Unpacking(new, most_bytes, cache)
    try:
        for piece in pieces(connection):
            unpacking.feed(piece)
        _place(unpacking, new, target)
        connection.sendall(DONE)
    except TreeRefused as error:
        raise _refused(error) from None
    finally:
        unpacking.close()
        _clear(new)


async def ask_known(stream: Stream, root: Path) -> frozenset[str]:
    """Ask what a node has of a tree's files; it answers as its porter does.

    Raises:
        LinkLost
        StreamRefused: Also where its porter has ended.
    """
    keys = await asyncio.to_thread(lambda: list(keys_below(root, time.time_ns())))
    found: set[str] = set()
    answers = lines(stream)
    for at in range(0, len(keys), _KEYS_AT_ONCE):
        await stream.send(line(keys[at : at + _KEYS_AT_ONCE]))
        if (answer := await anext(answers, None)) is None:
            raise StreamRefused(PORTER_ENDED)
        found.update(answer)
    await stream.finish()
    return frozenset(found) & frozenset(keys)


def _coming(target: Path) -> Path:
    return target.with_name(f"{target.name}.coming-{secrets.token_hex(6)}")


def _refused(error: TreeRefused) -> StreamRefused:
    return StreamRefused(f"a tree was refused: {error}")


def _place(unpacking: Unpacking, new: Path, target: Path) -> None:
    unpacking.finish()
    if target.is_dir() and not new.is_dir():
        raise TreeRefused("a file came for a folder")
    if not (new.is_dir() and target.is_dir()) or target.is_symlink():
        new.replace(target)
        return
    come = {path.name for path in new.iterdir()}
    for old in list(target.iterdir()):
        if old.name not in come:
            _clear(old)
    for path in list(new.iterdir()):
        place = target / path.name
        if place.is_dir() and not place.is_symlink():
            remove_tree(place)
        path.replace(place)


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)
