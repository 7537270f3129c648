"""Cluster: what `--cluster` adds to a platform: a door for nodes, Ray's head, the nodes, their executor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson

from sagehen.cluster.authority.requests import BadRequest
from sagehen.cluster.executor.executor import ClusterExecutor
from sagehen.cluster.executor.node import LOST_AFTER_S
from sagehen.cluster.executor.porter import Porter
from sagehen.cluster.kinship import kinship
from sagehen.cluster.nodes.registry import Registry
from sagehen.cluster.operator_acts import acts_of
from sagehen.cluster.placement.places import OWN, ClusterPlaces
from sagehen.cluster.ray import commands
from sagehen.cluster.ray.certificates import RayAuthority, RayKey
from sagehen.cluster.ray.client import BrokerClient, SeenNode
from sagehen.cluster.ray.daemons import Daemons, RayFailed
from sagehen.cluster.streams import Handler, Link, Stream, receive_all
from sagehen.domain.clock import Clock
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.ports.compute.node_data import NodeData
from sagehen.domain.ports.compute.places import Needs

_log = logging.getLogger("sagehen.cluster")
_MIB = 2**20
# Of the platform's machine: left to the platform itself.
_OWN_RESERVE_MIB = 1024
_AGAIN_S = 2.0


class Links(Protocol):
    """Takes links from nodes, each of which has shown a certificate of this platform's."""

    async def start(self) -> str:
        """Listen; return HOST:PORT."""
        ...

    async def stop(self) -> None: ...

    def token(self, lifetime_s: float) -> str:
        """Return what lets one machine join."""
        ...

    def revoke_tokens(self) -> int:
        """Let none of them be good any more; return how many were."""
        ...

    def end(self, node: str) -> None:
        """End a node's link, if it has one."""
        ...


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What `--cluster` was given.

    Args:
        address: Of the interface by which nodes reach this machine.
        folder: The cluster's own, in the data folder.
        lost_after_s: See `ClusterExecutor`.
        spreads_jobs: See `ClusterPlaces`.
    """

    address: str
    folder: Path
    spreads_jobs: bool = False
    lost_after_s: float = LOST_AFTER_S


class Cluster:
    """Everything of the platform's that exists with `--cluster` alone.

    Args:
        executor: Runs what names a node.
        clock: Real time.
        cpus: Of this machine, for instances.
        memory_mib: Likewise.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        executor: ClusterExecutor,
        clock: Clock,
        *,
        cpus: int,
        memory_mib: int,
        gpus: int,
    ) -> None:
        self._settings = settings
        self._executor = executor
        self._clock = clock
        self._own = (cpus, max(_MIB // 1024, memory_mib - _OWN_RESERVE_MIB), gpus)
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._drained_file = settings.folder / "drained.json"
        self._removed_file = settings.folder / "removed.json"
        self.registry = Registry(
            lambda: clock.now().timestamp(), _read_names(self._drained_file), _read_names(self._removed_file)
        )
        self._ray_token = secrets.token_hex(32)
        # Unix sockets of Ray's lie below, whose names have 107 characters.
        self._ray_folder = Path(tempfile.mkdtemp(prefix="sagehen-ray-"))
        self._ray_authority = RayAuthority()
        self._environment = commands.environment(self._ray_token, self._own_certificate(), os.environ)
        self._ray_port = _free_port(settings.address)
        self._broker = BrokerClient(self.ray_address, self._environment, self._counted)
        self.places = ClusterPlaces(
            self._broker,
            self.registry.taking,
            self.registry.closed,
            self._wired,
            self.registry.draining,
            self.registry.all,
            self._having,
            spreads_jobs=settings.spreads_jobs,
        )
        self._links: Links | None = None
        self.address = ""
        self.problem: str | None = None
        self._works: list[asyncio.Task[None]] = []
        self._daemons: Daemons | None = None

    @property
    def porter(self) -> Porter:
        """Where nodes dial for what is large."""
        return self._executor.porter

    @property
    def data(self) -> NodeData:
        """What nodes get from S3 by themselves."""
        return self._executor.data

    @property
    def ray_address(self) -> str:
        return f"{self._settings.address}:{self._ray_port}"

    async def start(self, links: Links) -> None:
        """Take links from now on."""
        self._links = links
        self.address = await links.start()
        self.registry.linked(OWN, host=os.uname().nodename, address=self._settings.address)

    def begin(self) -> None:
        """Start Ray's head; it takes its time, and who wants a place waits for it."""
        self._works.append(asyncio.create_task(self._keep_head(), name="ray head"))

    async def close(self) -> None:
        """Let go of the nodes, and end Ray."""
        for work in self._works:
            work.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
        if self._links is not None:
            await self._links.stop()
        await self._broker.close()
        if self._daemons is not None:
            await self._daemons.stop()
        await asyncio.to_thread(shutil.rmtree, self._ray_folder, ignore_errors=True)

    # --- what nodes do -----------------------------------------------------------------------------

    def handlers(self, node: str) -> Mapping[str, Handler]:
        """Return what a node may open."""

        async def enlist(arguments: Mapping[str, Any], stream: Stream) -> None:
            await self._enlist(node, stream)

        async def leave(arguments: Mapping[str, Any], stream: Stream) -> None:
            self.registry.left(node)
            self._executor.lose(node)
            await stream.send(b"+")
            await stream.finish()

        return {
            **self._executor.handlers(node),
            "enlist": enlist,
            "leave": leave,
            "ray.certificate": self._certify,
        }

    async def linked(self, link: Link) -> None:
        """Take a node's link.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        await self._executor.linked(link)
        facts = self._executor.nodes[link.peer].facts
        self.registry.linked(link.peer, host=facts.host if facts else "")
        self.places.changed()
        _log.info("node %s is linked", link.peer)
        self._works = [work for work in self._works if not work.done()]
        self._works.append(asyncio.create_task(self._watch(link), name=f"node {link.peer}"))

    async def _watch(self, link: Link) -> None:
        await link.closed()
        node = self._executor.nodes.get(link.peer)
        if node is None or not node.is_linked:
            self.registry.unlinked(link.peer)
            _log.warning("node %s is not to be reached", link.peer)

    async def _enlist(self, node: str, stream: Stream) -> None:
        told = orjson.loads(await receive_all(stream) or b"{}")
        ours = await asyncio.to_thread(kinship)
        if told.get("is") != ours:
            stream.reset(f"the platform is {ours}, and this node {str(told.get('is'))[:100]}")
            return
        answer = {"name": node, "ray": self.ray_address, "token": self._ray_token}
        await stream.send(orjson.dumps(answer))
        await stream.finish()

    async def _certify(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        """Give a node the certificate of its Ray processes."""
        request, address = str(arguments.get("request")), str(arguments.get("address"))
        try:
            answer = self._ray_authority.answer(request.encode("utf-8", "replace"), address)
        except BadRequest as error:
            stream.reset(str(error))
            return
        await stream.send(orjson.dumps(answer))
        await stream.finish()

    def _own_certificate(self) -> dict[str, str]:
        key = RayKey(self._ray_folder / "tls")
        return key.write(self._ray_authority.answer(key.request, self._settings.address))

    def _wired(self) -> list[str]:
        return [name for name in self.registry.taking() if self._wireless(name) is None]

    def _wireless(self, name: str) -> str | None:
        return self._executor.wireless(None if name == OWN else name)

    async def _having(self, needs: Needs) -> Collection[str]:
        """Return who takes instances and has what one needs; where nobody does, the platform's own machine,
        drained or not."""

        async def fits(name: str) -> bool:
            return name == OWN or await self._executor.fits(name, needs)

        names = self.registry.taking()
        fit = await asyncio.gather(*map(fits, names))
        return [name for name, good in zip(names, fit, strict=True) if good] or [OWN]

    def _counted(self, nodes: Sequence[SeenNode]) -> None:
        self.registry.counted(nodes)
        self.places.changed()

    # --- what the operator does --------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """Return all nodes, and what runs there."""
        running: dict[str, list[str]] = {}
        for spec, _ in self._executor.state().running:
            running.setdefault(spec.node or OWN, []).append(spec.name)
        now = self._clock.now().timestamp()
        return {
            "Address": self.address,
            "Ray": self.problem or ("up" if self.registry.taking() else "starting"),
            "Nodes": [
                {
                    "Name": record.name,
                    "State": record.state(now, self._settings.lost_after_s),
                    "Address": record.address,
                    "Host": record.host,
                    "Processors": record.cpus,
                    "MemoryMiB": record.memory_mib,
                    "GPUs": record.gpus,
                    "Since": record.since,
                    "LastSeen": now if record.seen is None else record.seen,
                    "Wireless": self._wireless(record.name),
                    "Running": sorted(running.get(record.name, [])),
                }
                for record in self.registry.all()
            ],
        }

    @property
    def operator_acts(self) -> dict[str, OperatorAct]:
        """What `sagehen nodes` and its like ask for."""
        return acts_of(self)

    def token(self, lifetime_s: float) -> str:
        """Return what lets one machine join."""
        assert self._links is not None
        return self._links.token(lifetime_s)

    def revoke_tokens(self) -> int:
        """Let no machine join by a token that was given out; return how many were good."""
        assert self._links is not None
        return self._links.revoke_tokens()

    async def drain(self, name: str, *, take_again: bool) -> None:
        """Let a node take nothing new, or again; kept over restarts. Endpoints' instances leave it.

        Raises:
            KeyError: There is no such node.
        """
        self.registry.drain(name, take_again=take_again)
        names = orjson.dumps(self.registry.drained)
        await asyncio.to_thread(_write, self._drained_file, names)
        self.places.changed()

    async def remove(self, name: str) -> None:
        """Let a node be none any more, over restarts too: it gets no link, what runs there counts as lost.

        Raises:
            KeyError: There is no such node.
        """
        assert self._links is not None
        self.registry.remove(name)
        await asyncio.to_thread(_write, self._removed_file, orjson.dumps(self.registry.removed))
        self._links.end(name)
        self._executor.lose(name)
        self.places.changed()

    # --- Ray's head --------------------------------------------------------------------------------

    async def _keep_head(self) -> None:
        cpus, memory_mib, gpus = self._own
        command = commands.head(
            self._settings.address, self._ray_port, OWN, cpus, memory_mib, gpus, self._ray_folder
        )
        began = False
        while True:
            self._daemons = Daemons(command, self._environment, self._settings.folder / "ray.log")
            try:
                await self._daemons.start()
                self.problem = None
                if not began:
                    await self._broker.start()
                    began = True
                _log.info("Ray's head is up at %s", self.ray_address)
                await self._daemons.wait()
                self.problem = "Ray's head has ended; it is started again"
            except (RayFailed, OSError, TimeoutError) as error:
                self.problem = str(error) or "Ray's broker does not come up"
            _log.error("%s", self.problem)
            with contextlib.suppress(OSError):
                await self._daemons.stop()
            await asyncio.sleep(_AGAIN_S)


def _read_names(file: Path) -> list[str]:
    try:
        found = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _write(file: Path, content: bytes) -> None:
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.replace(file)


def _free_port(address: str) -> int:
    with socket.socket() as trial:
        trial.bind((address, 0))
        return int(trial.getsockname()[1])
