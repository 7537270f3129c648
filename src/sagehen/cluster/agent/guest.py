"""A guest: the agent on a node of somebody else's Ray. It is a process of its own, in a session of its own.

Ray's worker starts it (`ray/errand.py`) with an order as JSON on stdin, and waits until it says that it is
linked, or why not. From then on nothing here hangs on that Ray: where its raylet ends, what runs goes on.

    {"host", "port": of the platform's door for nodes; "node": its name; "mark": the platform's; "token";
     "replaces": whether one that is there ends: it is of an earlier life, and perhaps dials where nobody is}

It goes, and its folder with it, when the platform says so, or was not heard of for ten minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cluster.agent.joined import JoinedNode, NodeRefused
from sagehen.cluster.agent.joining import joined_node
from sagehen.cluster.agent.process import make_executor
from sagehen.cluster.authority.tokens import BadToken
from sagehen.cluster.links.joining import JoinRefused, join
from sagehen.domain.clock import SystemClock
from sagehen.executors.folders.removal import remove_tree

# Of a platform that is started anew, on a machine that is started anew.
_PATIENCE_S = 600.0
_LOOK_S = 5.0
_LINKED_S = 60.0
_REPLACED_S = 20.0
# What Ray's worker waits for (`ray/errand.py`).
LINKED = "linked"


def folder_of(base: Path, mark: str, node: str) -> Path:
    """Return where a guest has its files: its own for each platform, and each life of a raylet."""
    return base / f"{node}-{mark}"


def main() -> None:
    """Start what stdin says, in the background."""
    order = json.load(sys.stdin)
    if os.fork():
        os._exit(0)  # Ray's worker ends its children when it goes, and not theirs
    os.setsid()
    data = os.environ.get("XDG_DATA_HOME")
    base = (Path(data) if data else Path.home() / ".local" / "share") / "sagehen-guest"
    folder = folder_of(base, order["mark"], order["node"])
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = _lock(folder)
    if held is None and order["replaces"]:
        held = _replace(folder)
    if held is None:
        _say("an agent of this platform's is there already; it is not linked")
        return
    import uvloop  # as in `sagehen join`

    try:
        uvloop.run(_run(order, folder))
    finally:
        remove_tree(folder)
        with contextlib.suppress(OSError):  # another guest is here
            base.rmdir()


async def _run(order: Mapping[str, Any], folder: Path) -> None:
    host, port = order["host"], order["port"]
    await _end_what_is_left(folder)
    await _sweep(folder, order["mark"])
    try:
        identity = await join(host, port, order["token"], folder / "identity")
    except (BadToken, JoinRefused) as error:
        _say(str(error))
        return
    except (OSError, TimeoutError) as error:
        _say(f"{host}:{port} does not answer there: {error or 'it took too long'}")
        return
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node = joined_node(host, port, identity, folder / "work", _say, guest=True)
    works = [asyncio.create_task(work) for work in (stop.wait(), node.enlisted.wait(), forsaken(node))]
    try:
        await node.start()
        first = (node.ended, works[1])
        await asyncio.wait(first, timeout=_LINKED_S, return_when=asyncio.FIRST_COMPLETED)
        if node.enlisted.is_set():
            _say(LINKED)
            _say_no_more(folder / "agent.log")
            await asyncio.wait((node.ended, works[0], works[2]), return_when=asyncio.FIRST_COMPLETED)
        elif node.ended.done():
            node.ended.result()
        else:
            _say(f"it was not linked within {_LINKED_S:g} s")
    except NodeRefused as error:
        _say(str(error))
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await node.close()


async def forsaken(node: JoinedNode, patience_s: float = _PATIENCE_S, look_s: float = _LOOK_S) -> None:
    """Return when no link has been there for so long."""
    quiet_s = 0.0
    while quiet_s < patience_s:
        await asyncio.sleep(look_s)
        quiet_s = 0.0 if node.is_linked else quiet_s + look_s


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _say_no_more(log: Path) -> None:
    """Let the worker that waits for our words go."""
    to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    for standard in (1, 2):
        os.dup2(to, standard)
    os.close(to)


def _lock(folder: Path) -> int | None:
    """Return the descriptor by which a folder is held; None where another process has it."""
    found = os.open(folder / "pid", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(found)
        return None
    with contextlib.suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(found), (folder / "pid").stat()):
            os.truncate(found, 0)
            os.write(found, str(os.getpid()).encode())
            return found
    os.close(found)  # who had it has removed it
    return None


def _replace(folder: Path) -> int | None:
    """End the one that holds a folder, and return what `_lock` does once it has gone."""
    import psutil

    with contextlib.suppress(OSError, ValueError, psutil.Error):
        holder = psutil.Process(int((folder / "pid").read_text()))
        holder.terminate()
        deadline = time.monotonic() + _REPLACED_S
        # It removes the folder when it goes, and nobody may have made it anew before.
        while holder.is_running() and holder.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.1)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _lock(folder)


async def _end_what_is_left(folder: Path) -> None:
    """End the sandboxes of a guest that ended without a word."""
    executor = make_executor(folder / "work" / "executor", clock=SystemClock())
    await executor.recover()
    await executor.close()


async def _sweep(own: Path, mark: str) -> None:
    """End and remove what other guests of this platform's left here that ended without a word."""
    for folder in own.parent.glob(f"*-{mark}"):
        if folder == own or (held := _lock(folder)) is None:
            continue
        await _end_what_is_left(folder)
        await asyncio.to_thread(remove_tree, folder)
        os.close(held)


if __name__ == "__main__":
    main()
