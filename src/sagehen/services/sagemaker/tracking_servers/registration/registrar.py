"""Registrar: brings SageMaker's registry in line with MLflow's, with the rights of the server's role."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from typing import Any
from weakref import WeakValueDictionary

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import epoch_ms
from sagehen.domain.identity import Principal
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tracking_servers.registration import packages
from sagehen.services.sagemaker.tracking_servers.registration.mlflow_api import MlflowApi, NoAnswer
from sagehen.services.sagemaker.tracking_servers.registration.packages import ModelVersion, NoGroupName
from sagehen.services.sagemaker.tracking_servers.run import LOG_GROUP, Running
from sagehen.services.sagemaker.tracking_servers.tracking_server import TrackingServer
from sagehen.services.sagemaker.transfers import uris

_log = logging.getLogger("sagehen.tracking")
# Whoever registers a model waits for it: as long as for MLflow's own slow answers.
_LONGEST_S = 60.0
_MOST_SPECIFICATION_BYTES = 256 << 10
_REFUSALS = (ServiceError, AccessDenied, NoAnswer, NoGroupName)


class Registrar:
    """Registers.

    Args:
        calls: SageMaker's operations.
    """

    def __init__(self, means: Means, calls: OperationCalls) -> None:
        self._means = means
        self._calls = calls
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._catching_up: set[asyncio.Task[None]] = set()

    def catch_up(self, server: TrackingServer, running: Running) -> None:
        """Register, beside, what an earlier life of the platform did not come to."""
        if server.registers_since:
            task = asyncio.create_task(self.register(server, running), name=f"models of {server.name}")
            self._catching_up.add(task)
            task.add_done_callback(self._catching_up.discard)

    async def close(self) -> None:
        """Leave what is under way: the next start takes it up."""
        tasks = [*self._catching_up]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def register(self, server: TrackingServer, running: Running) -> None:
        """Register every model and version that is new. What cannot be is in the server's log.

        MLflow has them either way: what failed is tried again with the next one, and at the next start.
        """
        api, since_ms = MlflowApi(running), int(server.registers_since * 1000)
        lock = self._locks.setdefault(server.id, asyncio.Lock())
        try:
            async with timeout(_LONGEST_S), lock:
                async for model in api.models(since_ms):
                    await self._noting(server, self._group(server, model))
                async for version in api.versions(since_ms):
                    if not version.package_arn:
                        await self._noting(server, self._package(server, api, version))
        except (NoAnswer, TimeoutError) as error:
            self._note(server, f"models were not registered: {error or 'it took too long'}")
        except Exception:
            _log.exception("registering models of tracking server %s", server.name)

    async def promote(self, server: TrackingServer, running: Running, body: bytes) -> str | None:
        """Do what an alias that is about to be set says of a version's life.

        Args:
            body: Of the request that sets it.

        Returns:
            Why the alias is not to be set; documented: it fails where the role may not do it.
        """
        try:
            asked = await asyncio.to_thread(read_json, body)
        except NotJson:
            return None  # MLflow says so itself
        cycle = packages.lifecycle(str(asked.get("alias"))) if isinstance(asked, dict) else None
        if cycle is None:
            return None
        try:
            version = await MlflowApi(running).version(str(asked.get("name")), str(asked.get("version")))
            if not version.package_arn:
                return f"Version {version.version} of {version.name} is no model package of SageMaker's."
            request = {"ModelPackageArn": version.package_arn, "ModelLifeCycle": cycle}
            await self._call(server, "UpdateModelPackage", request)
        except _REFUSALS as error:
            return str(error)
        return None

    async def _package(self, server: TrackingServer, api: MlflowApi, version: ModelVersion) -> None:
        await self._group(server, version.name)
        artifacts = await api.artifacts(version)
        specification = await self._specification(server, artifacts)
        request = packages.package_request(server, version, artifacts, specification)
        made = await self._call(server, "CreateModelPackage", request)
        await api.tag(version, packages.ARN_TAG, made["ModelPackageArn"])

    async def _group(self, server: TrackingServer, model: str) -> None:
        """Make a model's group, where there is none."""
        group = {"ModelPackageGroupName": packages.group_name(server, model)}
        try:
            await self._call(server, "DescribeModelPackageGroup", group)
        except ServiceError:
            await self._call(server, "CreateModelPackageGroup", group)

    async def _specification(self, server: TrackingServer, artifacts: str) -> Mapping[str, Any] | None:
        """Return what was logged beside a model; documented: skipped where the role may not read it."""
        try:
            bucket, prefix = uris.split(artifacts)
            principal = await self._principal(server)
            key = f"{prefix.rstrip('/')}/{packages.SPECIFICATION}"
            summary, pieces = await self._means.objects.read(principal, bucket, key)
            if summary.size > _MOST_SPECIFICATION_BYTES:
                return None
            read = read_json(b"".join([piece async for piece in pieces]))
        except (NoSuchObject, AccessDenied, ServiceError, NotJson):
            return None
        return read if isinstance(read, dict) else None

    async def _call(
        self, server: TrackingServer, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        principal = await self._principal(server)
        return await self._calls.call(principal, server.scope, "sagemaker", operation, request)

    async def _principal(self, server: TrackingServer) -> Principal:
        return (await sessions.assume(self._means.roles, server.settings.role_arn)).principal

    async def _noting(self, server: TrackingServer, doing: Awaitable[None]) -> None:
        try:
            await doing
        except _REFUSALS as error:
            self._note(server, f"a model was not registered: {error}")

    def _note(self, server: TrackingServer, line: str) -> None:
        at = epoch_ms(self._means.clock.now())
        self._means.logs.write(server.scope, LOG_GROUP, server.name, [(at, f"sagehen: {line}")])
