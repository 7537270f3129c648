"""MLflow tracking servers: the operations. What happens to them then is in `loops.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, on, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.passes import Pass, Passes
from sagehen.services.sagemaker.resources.user_context import user_context
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.tags import rights
from sagehen.services.sagemaker.tracking_servers import acceptance
from sagehen.services.sagemaker.tracking_servers.addresses import page_address
from sagehen.services.sagemaker.tracking_servers.loops import TrackingLoops
from sagehen.services.sagemaker.tracking_servers.programs import Programs
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords, missing
from sagehen.services.sagemaker.tracking_servers.tracking_server import (
    KIND,
    THERE,
    TrackingServer,
    describe,
    summarize,
)

_ON_ONE = on(f"{KIND}/{{TrackingServerName}}", lower=True)
# Documented: CreatePresignedMlflowTrackingServerUrl's model, the most of both; the defaults are from memory.
_URL_S, _SESSION_S = 300, 43_200
# 380 bits.
TOKEN_LENGTH = 64
Change = Callable[[TrackingServer], TrackingServer]


def _creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    arn = arns.resource_arn(context.scope, KIND, request.get("TrackingServerName") or "")
    yield from rights.creation("CreateMlflowTrackingServer", arn, request)


class TrackingServers:
    """Create-, Describe-, List-, Update-, Start-, Stop-, DeleteMlflowTrackingServer,
    CreatePresignedMlflowTrackingServerUrl.

    Args:
        loops: Told of every change.
        programs: Whether there is MLflow at all.
        clock: The platform's.
        wall_clock: The machine's: a person clicks in its time.
        ids: Of folders, labels and tokens.
    """

    def __init__(
        self,
        *,
        records: TrackingServerRecords,
        passes: Passes,
        loops: TrackingLoops,
        programs: Programs,
        roles: Roles,
        clock: Clock,
        wall_clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._passes = passes
        self._loops = loops
        self._programs = programs
        self._roles = roles
        self._clock = clock
        self._wall_clock = wall_clock
        self._ids = ids

    @operation("CreateMlflowTrackingServer", access=_creation)
    async def create_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Make one and start it: Creating until MLflow answers.

        Raises:
            ValidationException: The name is taken, or there is no such version of MLflow, or none at all.
            ResourceLimitExceeded: There are too many.
            NotImplementedOperation: A member whose effect is not built.
        """
        settings = acceptance.created(request)
        await asyncio.to_thread(self._programs.require, settings.version)
        await sessions.accept(self._roles, context, settings.role_arn)
        now, by = self._clock.now(), user_context(context.principal)
        server = TrackingServer(
            context.scope, request["TrackingServerName"], now, now, "Creating", self._ids.uuid(),
            f"t-{self._ids.text(12).lower()}", settings, created_by=by, modified_by=by,
            registers_since=acceptance.registering(0.0, request, self._wall_clock.now()),
        )  # fmt: skip
        await self._records.add(server, request.get("Tags") or ())
        self._loops.watch(server)
        return {"TrackingServerArn": server.arn}

    @operation("DescribeMlflowTrackingServer", access=_ON_ONE)
    async def describe_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Tell its state.

        Raises:
            ResourceNotFound: There is none of that name.
        """
        server = self._records.require(context.scope, request["TrackingServerName"])
        return describe(server, _url(context, server))

    @operation("ListMlflowTrackingServers")
    async def list_tracking_servers(self, context: RequestContext, request: Request) -> Request:
        """Return one page, the newest first where the request does not say."""
        found, token = self._records.page(context.scope, request)
        return {"TrackingServerSummaries": [summarize(each) for each in found], "NextToken": token}

    @operation("UpdateMlflowTrackingServer", access=_ON_ONE)
    async def update_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Change it: its process starts anew where that takes it. Runs keep the artifacts that they have.

        Raises:
            ResourceNotFound, ConflictException, ValidationException, NotImplementedOperation.
        """
        now, by = self._clock.now(), user_context(context.principal)
        wall = self._wall_clock.now()  # as MLflow tells times

        def change(server: TrackingServer) -> TrackingServer:
            begun = acceptance.begun(server, "Updating", now, by)
            since = acceptance.registering(server.registers_since, request, wall)
            settings = acceptance.changed(server.settings, request)
            return replace(begun, settings=settings, registers_since=since)

        return await self._change(context, request, change)

    @operation("StartMlflowTrackingServer", access=_ON_ONE)
    async def start_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Start one that is stopped, or failed.

        Raises:
            ResourceNotFound, ConflictException.
        """
        return await self._begin(context, request, "Starting")

    @operation("StopMlflowTrackingServer", access=_ON_ONE)
    async def stop_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Stop one that is there; its runs stay.

        Raises:
            ResourceNotFound, ConflictException.
        """
        return await self._begin(context, request, "Stopping")

    @operation("DeleteMlflowTrackingServer", access=_ON_ONE)
    async def delete_tracking_server(self, context: RequestContext, request: Request) -> Request:
        """Delete one with its runs; artifacts stay in the bucket.

        Raises:
            ResourceNotFound: There is none of that name.
            ValidationException: It is on its way to another state.
        """
        now, by = self._clock.now(), user_context(context.principal)
        return await self._change(context, request, lambda server: acceptance.deleting(server, now, by))

    @operation("CreatePresignedMlflowTrackingServerUrl", access=_ON_ONE)
    async def create_presigned_url(self, context: RequestContext, request: Request) -> Request:
        """Return a URL that opens its page once; sessions live longer.

        Raises:
            ResourceNotFound: There is none of that name.
            ValidationException: It does not answer now; that AWS refuses is from memory.
        """
        server = self._records.require(context.scope, request["TrackingServerName"])
        if server.status not in THERE:
            raise ValidationException(
                f"Tracking server {server.arn} is in status {server.status}: it has no page now."
            )
        token, now = self._ids.text(TOKEN_LENGTH), self._wall_clock.now()
        expires_at = now + timedelta(seconds=request.get("ExpiresInSeconds") or _URL_S)
        session_s = request.get("SessionExpirationDurationInSeconds") or _SESSION_S
        await self._passes.add(server.id, "url", token, Pass(context.principal, expires_at, session_s), now)
        return {"AuthorizedUrl": f"{_url(context, server)}/auth?authToken={token}"}

    async def _begin(self, context: RequestContext, request: Request, to: str) -> Request:
        now, by = self._clock.now(), user_context(context.principal)
        return await self._change(context, request, lambda server: acceptance.begun(server, to, now, by))

    async def _change(self, context: RequestContext, request: Request, change: Change) -> Request:
        name = request["TrackingServerName"]
        changed = await self._records.change(context.scope, name, change)
        if changed is None:
            raise missing(name)
        self._loops.watch(changed)
        return {"TrackingServerArn": changed.arn}


def _url(context: RequestContext, server: TrackingServer) -> str:
    return page_address(server.label, server.scope.region, host=context.host, secure=context.secure)
