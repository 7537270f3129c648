"""`sagehen nodes`, `drain`, `join` and `leave`: more than one machine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sagehen.cli.failure import fail
from sagehen.cli.operator import act
from sagehen.cluster.address import BadAddress, read_address

_LEAVE_TIMEOUT_S = 60
_LISTED = 3
_HOUR_S = 3600


def revoke(data_folder: Path) -> None:
    """Let no machine join by a token that was given out before."""
    count = act(data_folder, "revoke-tokens", {})["Revoked"]
    print(f"{count} tokens are good no more; nodes that have joined stay")


def remove(data_folder: Path, node: str) -> None:
    """Let a machine be a node no more, for good."""
    act(data_folder, "remove-node", {"Node": node})
    print(f"{node} is no node any more: what ran there starts elsewhere; to come back it joins anew")


def show(data_folder: Path, *, invite: bool, hours: int) -> None:
    """Print the nodes; or what another machine types to become one."""
    if invite:
        made = act(data_folder, "join-token", {"Seconds": hours * _HOUR_S})
        print(f"On the other machine, once, within {hours} h:\n")
        print(f"  sagehen join {made['Address']} --token {made['Token']}")
        return
    found = act(data_folder, "nodes", {})
    heads = ("NODE", "STATE", "ADDRESS", "HOST", "CPUS", "MEMORY", "GPUS", "SINCE", "SEEN", "RUNS")
    rows: list[tuple[str, ...]] = [heads, *(_row(node) for node in found["Nodes"])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for node in found["Nodes"]:
        if node["Wireless"] is not None:
            print(f"{node['Name']} has no host of a job that is on several machines: {node['Wireless']}")
    if found["Ray"] != "up":
        print(f"Ray: {found['Ray']}")


def drain(data_folder: Path, node: str, *, undo: bool) -> None:
    """Let a node take nothing new, or again; say what still runs there."""
    found = act(data_folder, "drain", {"Node": node, "TakeAgain": undo})["Node"]
    if undo:
        print(f"{node} takes instances again")
        return
    running = found["Running"]
    print(f"{node} takes nothing new" + ("; nothing runs there" if not running else ""))
    if running:
        print(f"  {len(running)} run there: {_some(running)}")
        print("  endpoints' instances go to other machines, the rest ends by itself (`sagehen nodes`)")


def join(address: str, token: str | None, folder: Path) -> None:
    """Make this machine a node, until it is told to stop."""
    if find_spec("ray") is None:
        fail("a node needs Ray: pip install 'sagehen[cluster]'")
    try:
        host, port = read_address(address)
    except BadAddress as error:
        fail(str(error))
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "pid").open("a+") as pid:
        try:
            fcntl.flock(pid, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fail(f"a node runs with {folder} already: one folder for each (--folder)")
        pid.truncate(0)
        pid.write(str(os.getpid()))
        pid.flush()
        import uvloop  # TLS and every hop of a request take half as long by it as by asyncio's own loop

        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(_join(host, port, token, folder))


def leave(folder: Path) -> None:
    """Stop the node that runs here, and wait until it is gone."""
    try:
        with (folder / "pid").open("r+") as pid:
            if _is_free(pid.fileno()):
                print("no node runs here")
                return
            number = int(pid.read())
            os.kill(number, signal.SIGTERM)
            deadline = time.monotonic() + _LEAVE_TIMEOUT_S
            while not _is_free(pid.fileno()):
                if time.monotonic() > deadline:
                    fail(f"the node (pid {number}) did not end within {_LEAVE_TIMEOUT_S} s")
                time.sleep(0.1)
    except FileNotFoundError:
        print("no node runs here")
    except (OSError, ValueError) as error:
        fail(f"the node here cannot be told: {error}")
    else:
        print("this machine is no node any more; `sagehen join` without a token makes it one again")


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


async def _join(host: str, port: int, token: str | None, folder: Path) -> None:
    # What a node loads, `sagehen --help` need not.
    from sagehen.cluster.agent.joined import NodeRefused
    from sagehen.cluster.agent.joining import joined_node
    from sagehen.cluster.authority.tokens import BadToken
    from sagehen.cluster.links.identity import NodeIdentity
    from sagehen.cluster.links.joining import JoinRefused
    from sagehen.cluster.links.joining import join as ask

    try:
        identity = NodeIdentity.read(folder / "identity")
        if token is not None:
            identity = await ask(host, port, token, folder / "identity")
    except (BadToken, JoinRefused) as error:
        fail(str(error))
    except (OSError, TimeoutError) as error:
        fail(f"{host}:{port} does not answer: {error or 'it took too long'}")
    if identity is None:
        fail(
            "this machine has never joined: `sagehen nodes --invite`, where the platform runs, gives a token"
        )

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    node = joined_node(host, port, identity, folder / "work", lambda said: print(said, flush=True))
    await node.start()
    print(f"{identity.name}: dialling {host}:{port} (Ctrl-C, or `sagehen leave`, ends it)", flush=True)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((stopping, node.ended), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        await node.close()
    if node.ended.done():
        try:
            node.ended.result()
        except NodeRefused as error:
            fail(str(error))


def _row(node: Mapping[str, Any]) -> tuple[str, ...]:
    def ago(moment: float) -> str:
        return _span(max(0.0, time.time() - moment))

    return (
        node["Name"],
        node["State"],
        node["Address"] or "-",
        node["Host"] or "-",
        f"{node['Processors']:g}",
        f"{node['MemoryMiB'] / 1024:.1f} GiB",
        str(node["GPUs"]),
        ago(node["Since"]),
        "now" if node["State"] in ("starting", "ready", "draining") else f"{ago(node['LastSeen'])} ago",
        _some(node["Running"]) if node["Running"] else "-",
    )


def _some(names: list[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
