"""A node: an agent in a process of its own, linked by Unix sockets; what is large goes by TLS.
Arguments: folder, alone_s."""

from __future__ import annotations

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

from sagehen.cluster.agent.agent import Agent
from sagehen.cluster.agent.porter import Porter
from sagehen.cluster.agent.process import make_executor
from sagehen.domain.clock import SystemClock

from .loopback import SocketLink, serve


async def main(folder: Path, alone_s: float) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = SystemClock()
    (folder / "node").mkdir(exist_ok=True)
    porter = Porter(folder / "node", "127.0.0.1", folder / "identity")
    agent = Agent(folder / "node", partial(make_executor, clock=clock), clock, porter, alone_s)
    await agent.start()
    server = await serve(folder / "node.sock", agent.handlers)
    link = SocketLink("platform", folder / "platform.sock")
    agent.linked(link)
    # Told from the outside: the far side was cut, or is there again.
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, link.cut)
    print("up", flush=True)
    await stop.wait()
    server.close()
    await agent.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
