"""Registering: what one request to MLflow means for SageMaker's registry."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.tracking_servers.registration.registrar import Registrar
from sagehen.services.sagemaker.tracking_servers.run import Running
from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer

_ALIAS = "SetRegisteredModelAlias"
_NEW = ("CreateRegisteredModel", "CreateModelVersion")


@dataclass(frozen=True, slots=True)
class Registering:
    """A request that makes a model or a version, or that sets an alias.

    Args:
        action: Of `sagemaker-mlflow`.
    """

    registrar: Registrar
    server: TrackingServer
    running: Running
    action: str

    @classmethod
    def of(
        cls, registrar: Registrar, server: TrackingServer, running: Running, action: str
    ) -> Registering | None:
        """Return it, or None where a request is nothing to the registry."""
        if not server.registers_since or action not in (_ALIAS, *_NEW):
            return None
        return cls(registrar, server, running, action)

    async def refusal(self, body: bytes) -> str | None:
        """Do what comes before MLflow is asked; return why it is not to be."""
        if self.action != _ALIAS:
            return None
        return await self.registrar.promote(self.server, self.running, body)

    async def follow(self) -> None:
        """Do what comes after MLflow has done it: who asked finds the package when the answer comes."""
        if self.action in _NEW:
            await self.registrar.register(self.server, self.running)
