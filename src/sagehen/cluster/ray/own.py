"""OwnRay: a Ray of the platform's own, whose head is here, and whose nodes are the machines that join."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from sagehen.cluster.authority.requests import BadRequest
from sagehen.cluster.placement.places import OWN, Reserves
from sagehen.cluster.ray import commands
from sagehen.cluster.ray.certificates import RayAuthority, RayKey
from sagehen.cluster.ray.client import BrokerClient, SeenNode
from sagehen.cluster.ray.daemons import Daemons, RayFailed
from sagehen.cluster.ray.folder import make_folder, remove_folder
from sagehen.cluster.ray.used import NotOurs, Room
from sagehen.cluster.streams import Handler, Stream
from sagehen.domain.background import Background

_log = logging.getLogger("sagehen.cluster")
_AGAIN_S = 2.0


class OwnRay:
    """Implements `used.UsedRay`: keeps Ray's head up.

    Args:
        address: Of the interface by which nodes reach this machine.
        folder: Where Ray's processes write what they say.
        own: What this machine has for instances.
        on_nodes: Told all nodes whenever something about one has changed.
    """

    places_here = True

    def __init__(
        self, address: str, folder: Path, own: Room, on_nodes: Callable[[Sequence[SeenNode]], None]
    ) -> None:
        self._address = address
        self._log_file = folder / "ray.log"
        self._own = own
        self._token = secrets.token_hex(32)
        self._note = folder / "ray-folder"
        self._folder = make_folder(self._note)
        self._authority = RayAuthority()
        self._environment = commands.environment(self._token, self._own_certificate(), os.environ)
        self._port = _free_port(address)
        self._broker = BrokerClient(self._head, self._environment, on_nodes)
        self._keeping = Background("ray head", self._keep_head)
        self._daemons: Daemons | None = None
        self.problem: str | None = None

    @property
    def reserves(self) -> Reserves:
        return self._broker

    @property
    def _head(self) -> str:
        return f"{self._address}:{self._port}"

    def begin(self) -> None:
        """Start Ray's head; it takes its time, and who wants a place waits for it."""
        self._keeping.start()

    async def leave(self) -> None:
        """See `UsedRay`: nodes notice by themselves that the platform has ended."""

    async def close(self) -> None:
        """End Ray."""
        await self._keeping.stop()
        await self._broker.close()
        if self._daemons is not None:
            await self._daemons.stop()
        await asyncio.to_thread(remove_folder, self._folder, self._note)

    def enlisted(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """See `UsedRay`."""
        if told.get("guest"):
            raise NotOurs("this platform has a Ray of its own now")
        return {"ray": self._head, "token": self._token}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """See `UsedRay`: nodes ask for certificates of their Ray's processes."""
        return {"ray.certificate": self._certify}

    async def _certify(self, arguments: Mapping[str, Any], stream: Stream) -> None:
        request, address = str(arguments.get("request")), str(arguments.get("address"))
        try:
            answer = self._authority.answer(request.encode("utf-8", "replace"), address)
        except BadRequest as error:
            stream.reset(str(error))
            return
        await stream.send(orjson.dumps(answer))
        await stream.finish()

    def _own_certificate(self) -> dict[str, str]:
        key = RayKey(self._folder / "tls")
        return key.write(self._authority.answer(key.request, self._address))

    async def _keep_head(self) -> None:
        own = self._own
        command = commands.head(
            self._address, self._port, OWN, own.cpus, own.memory_mib, own.gpus, self._folder
        )
        began = False
        while True:
            self._daemons = Daemons(command, self._environment, self._log_file)
            try:
                await self._daemons.start()
                self.problem = None
                if not began:
                    await self._broker.start()
                    began = True
                _log.info("Ray's head is up at %s", self._head)
                await self._daemons.wait()
                self.problem = "Ray's head has ended; it is started again"
            except (RayFailed, OSError, TimeoutError) as error:
                self.problem = str(error) or "Ray's broker does not come up"
            _log.error("%s", self.problem)
            with contextlib.suppress(OSError):
                await self._daemons.stop()
            await asyncio.sleep(_AGAIN_S)


def _free_port(address: str) -> int:
    with socket.socket() as trial:
        trial.bind((address, 0))
        return int(trial.getsockname()[1])
