"""`python -m sagehen.load.sender`: an order comes in as a line of JSON, tallies go out, a line at a time.

It ends when all is answered. When its standard input ends, its owner is gone: it sends no more.
"""

from __future__ import annotations

import asyncio
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import uvloop

from sagehen.load.outgoing.order import Order
from sagehen.load.outgoing.payload import Body, from_file, from_folder, from_text
from sagehen.load.outgoing.requests import Requests, Signer
from sagehen.load.outgoing.schedule import moments
from sagehen.load.sender.open_loop import OpenLoop
from sagehen.load.sender.outlet import Outlet
from sagehen.load.sender.peer import Peer

_TELL_S = 0.25
# An order's line holds a body of the command line, which the system bounds itself.
_LONGEST_ORDER = 16 * 1024 * 1024


def bodies_of(order: Order) -> list[Body]:
    """Return what to send in turn, one empty body without any.

    Raises:
        PayloadError: They cannot be read.
    """
    if order.folder is not None:
        return from_folder(Path(order.folder), order.content_type)
    if order.file is not None:
        return [from_file(Path(order.file), order.content_type)]
    if order.text is not None:
        return [from_text(order.text, order.content_type)]
    return [Body(b"", "")]


async def _prepared(order: Order) -> Callable[[float], OpenLoop]:
    """Do what takes time before the first request is due; return what makes the run, given its beginning.

    Raises:
        OSError, ValueError: It cannot be carried out.
    """
    _raise_open_files(order.most_in_flight)
    bodies = bodies_of(order)
    requests = Requests(order, bodies, Signer(order, order.signing).headers if order.signing else None)
    # The first ones are signed now, the others as they come.
    requests.prepare()
    due = moments(order)
    peer = Peer(order.url)
    await peer.resolve()

    def run(begin: float) -> OpenLoop:
        return OpenLoop(
            due,
            requests.next,
            peer.connect,
            begin=begin,
            slot=order.slot,
            most_in_flight=order.most_in_flight,
            timeout=order.timeout,
        )

    return run


def _raise_open_files(connections: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 64
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise ValueError(f"{connections:,} requests at once need as many open files; this user has {hard:,}")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _told(run: OpenLoop) -> dict[str, Any]:
    """Take what was counted since the last time."""
    tallies, run.tallies = run.tallies, {}
    return {
        "in_flight": run.in_flight,
        "tallies": [[number, tally.packed()] for number, tally in tallies.items()],
    }


async def _tell(outlet: Outlet, run: OpenLoop) -> None:
    while True:
        await asyncio.sleep(_TELL_S)
        if not outlet.is_full:
            outlet.say(_told(run))


async def _end_with(orders: asyncio.StreamReader, run: OpenLoop) -> None:
    """Send no more once the owner says anything, or is gone."""
    await orders.read(1)
    run.stop()


async def main() -> None:
    """Carry out one order."""
    # Ctrl-C goes to all of a terminal's processes: this one ends when its owner says so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader(limit=_LONGEST_ORDER)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    outlet = await Outlet.open(sys.stdout)
    order = Order.unpacked(orjson.loads(await orders.readline()))
    try:
        run = await _prepared(order)
    except (OSError, ValueError) as error:
        outlet.say({"fault": (error.strerror if isinstance(error, OSError) else None) or str(error)})
        await outlet.close()
        return
    # The owner says when to begin once all senders are ready.
    outlet.say({"ready": True})
    if not (begin := await orders.readline()):
        return
    open_loop = run(float(begin))
    telling = asyncio.create_task(_tell(outlet, open_loop))
    watching = asyncio.create_task(_end_with(orders, open_loop))
    try:
        await open_loop.run()
    finally:
        for task in (telling, watching):
            task.cancel()
        await asyncio.gather(telling, watching, return_exceptions=True)
    outlet.say(_told(open_loop) | {"done": True})
    await outlet.close()


if __name__ == "__main__":
    uvloop.run(main())
