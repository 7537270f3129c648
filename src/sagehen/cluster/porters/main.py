"""The process of a porter. Its standard input ends with whoever started it, and it with that."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from sagehen.cluster.porters.niceness import give_way


def main(words: list[str]) -> None:
    """Run.

    Args:
        words: `platform`, the descriptors of a listener and of a connection to the platform, a folder; or
            `node`, the descriptor of a listener, the folder of files, the platform's host, and the folder of
            the node's identity.
    """
    give_way()
    if words[0] == "platform":
        from sagehen.cluster.porters.platforms import PlatformPorter

        listener, control = (socket.socket(fileno=int(number)) for number in words[1:3])
        listener.setblocking(True)
        PlatformPorter(listener, control, Path(words[3])).serve()
    else:
        asyncio.run(_node(int(words[1]), Path(words[2]), words[3], Path(words[4])))


async def _node(listener: int, folder: Path, host: str, identity: Path) -> None:
    from sagehen.cluster.links.beside import Beside
    from sagehen.cluster.porters.nodes import NodePorter

    porter = NodePorter(folder, Beside(host, identity))
    server = await asyncio.start_unix_server(porter.serve, sock=socket.socket(fileno=listener))
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)
        os._exit(0)  # whatever its threads wait for


if __name__ == "__main__":
    main(sys.argv[1:])
