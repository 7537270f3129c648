"""Places: what stands in, on the host itself, for a private network and for mounts."""

from __future__ import annotations

import re
import socket
import zlib
from collections.abc import Mapping
from pathlib import Path

from sagehen.executors.base import CloseDoor, Network, SandboxSpec, SandboxUnavailable

# Below the kernel's own choice of ports (32768 and up).
_FIRST_PORT, _PORTS = 20_000, 10_000


def addresses(network: Network | None) -> dict[str, str]:
    """Return what tells the hosts of one network where they are, as no name of theirs resolves.

    The port follows from the network's name, so that jobs side by side seldom have the same.
    """
    if network is None or len(network.hosts) < 2:
        return {}
    hosts = ",".join(f"{name}={address}" for name, address in network.hosts.items())
    port = _FIRST_PORT + zlib.crc32(network.name.encode()) % _PORTS
    return {"SAGEHEN_HOST_ADDRESSES": hosts, "SAGEHEN_MASTER_PORT": str(port)}


async def open_doors(network: Network | None) -> list[CloseDoor]:
    """Serve the network's doors on the host's own loopback: whoever made it chose ports that are free."""
    opened = []
    for port, open_door in network.doors.items() if network else ():
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(1024)
            listener.setblocking(False)
            opened.append(await open_door(listener))
        except OSError as error:
            listener.close()
            await close_doors(opened)
            raise SandboxUnavailable(f"Port {port} of this machine is taken: {error}") from error
    return opened


async def close_doors(doors: list[CloseDoor]) -> None:
    """Close what `open_doors` has opened, in its order."""
    for close in doors:
        await close()


def on_host(text: str, spec: SandboxSpec) -> str:
    """Return `text` with the targets of `spec`'s mounts, where they begin a path, replaced by sources."""
    targets: Mapping[str, Path] = {mount.target.rstrip("/"): mount.source for mount in spec.mounts}
    if not targets:
        return text
    longest_first = sorted(targets, key=len, reverse=True)
    pattern = r"(?<![\w./-])(" + "|".join(map(re.escape, longest_first)) + r")(?![\w.-])"
    return re.sub(pattern, lambda match: str(targets[match[1]].absolute()), text)
